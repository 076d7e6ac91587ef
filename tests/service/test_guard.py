"""Keeping others out: tokens, hosts, origins, addresses, sizes."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import requests

from refusals import refused
from zimg_kernel.service.options import ServiceOptions
from zimg_kernel.service.server import bind

from .running import RunningService


def _ask(service: RunningService, path: str = "/metrics", **headers: str) -> requests.Response:
    return requests.get(service.url + path, headers=headers, timeout=10)


def _code(answer: requests.Response) -> str:
    return str(answer.json()["error"]["code"])


def test_health_needs_no_token(service: RunningService) -> None:
    assert _ask(service, "/healthz").json()["status"] == "ok"
    assert _ask(service, "/readyz").json()["status"] == "ready"


def test_a_token_is_taken_as_bearer_basic_or_path(service: RunningService) -> None:
    basic = base64.b64encode(f"anyone:{service.token}".encode()).decode()
    assert _ask(service, Authorization=f"Bearer {service.token}").status_code == 200
    assert _ask(service, Authorization=f"Basic {basic}").status_code == 200
    assert _ask(service, f"/t/{service.token}/metrics").status_code == 200


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer sk-zimg-no", "Basic !", "Basic Og=="])
def test_others_are_not_let_in(service: RunningService, value: str) -> None:
    answer = _ask(service, Authorization=value)
    assert answer.status_code == 401
    assert _code(answer) in ("no-token", "unknown-token")
    assert _ask(service, "/t/wrong/metrics").status_code == 401


def test_whoever_removes_the_last_token_lets_nobody_in(tmp_path: Path) -> None:
    with RunningService(tmp_path, tokens=("alice",)) as service:
        assert service.get("/metrics").status_code == 200
        service.context.tokens.remove("alice")
        assert service.get("/metrics").status_code == 401
        assert _code(_ask(service)) == "no-token"
        service.token = service.context.tokens.add("bob")
        assert service.get("/metrics").status_code == 200


def test_tokens_stand_nowhere(service: RunningService) -> None:
    _ask(service, Authorization=f"Bearer {service.token}")
    for file in service.options.folder.rglob("*"):
        if file.is_file():
            assert service.token.encode() not in file.read_bytes(), file
    assert service.options.folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost@evil", "10.0.0.1", "localhost:99999", ""],
)
def test_other_hosts_are_refused(service: RunningService, host: str) -> None:
    answer = _ask(service, "/healthz", Host=host)
    assert answer.status_code in (400, 403)  # what is no header at all, h11 refuses


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://localhost:1", "https://127.0.0.1:{port}",
     "http://127.0.0.1:{port}.evil.example", "http://127.0.0.1:{port}@evil.example"],
)  # fmt: skip
def test_pages_of_others_are_refused(service: RunningService, origin: str) -> None:
    headers = {**service.headers, "Origin": origin.format(port=service.port)}
    answer = _ask(service, **headers)
    assert (answer.status_code, _code(answer)) == (403, "foreign-origin")


def test_own_pages_may_ask(service: RunningService) -> None:
    assert _ask(service, **service.headers, Origin=service.url).status_code == 200
    cross = {**service.headers, "Sec-Fetch-Site": "cross-site"}
    assert _ask(service, **cross).status_code == 403
    assert "access-control-allow-origin" not in _ask(service, **service.headers).headers


def test_addresses_that_are_not_listed_are_refused(service: RunningService, tmp_path: Path) -> None:
    with RunningService(tmp_path, service.engine, allow=("10.0.0.0/8",)) as other:
        assert _code(_ask(other, "/healthz")) == "address-not-allowed"


def test_others_are_not_listened_to_without_a_token() -> None:
    with refused("no-token", "host"):
        bind(ServiceOptions(host="0.0.0.0"), tokens=False)
    with refused("not-an-address", "allow"):
        ServiceOptions(allow=("here",))


def test_long_bodies_are_refused(service: RunningService, tmp_path: Path) -> None:
    def parts(count: int = 30):  # type: ignore[no-untyped-def]
        for _ in range(count):
            yield b"x" * 100

    with RunningService(tmp_path, service.engine, max_body=1000) as small:
        assert small.post("/v1/generate", data=b"x" * 1001).status_code == 413
        assert small.post("/v1/generate", data=parts()).status_code in (404, 413)


def test_callers_have_a_rate(service: RunningService, tmp_path: Path) -> None:
    with RunningService(tmp_path, service.engine, rate=3) as slow:
        answers = [slow.get("/metrics") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 20
