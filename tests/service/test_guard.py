"""Keeping others out: tokens, hosts, origins, addresses, sizes."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from refusals import refused
from zimg_kernel.service.options import ServiceOptions
from zimg_kernel.service.server import bind

from .running import RunningService
from .small import circle


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


def test_a_listed_page_may_ask_and_read(service: RunningService, tmp_path: Path) -> None:
    page = "https://shop.example"
    with RunningService(tmp_path, service.engine, tokens=("a",), origins=(page,)) as open_one:
        url = f"{open_one.url}/v1/usage"
        asks = {"Access-Control-Request-Method": "POST", "Origin": page,
                "Access-Control-Request-Headers": "authorization,content-type"}  # fmt: skip
        asked = requests.options(url, headers=asks, timeout=10)
        assert (asked.status_code, asked.content) == (204, b"")
        assert asked.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
        for headers, status in ((open_one.headers, 200), ({}, 401)):
            answer = requests.get(url, headers={**headers, "Origin": page}, timeout=10)
            assert answer.status_code == status
            assert answer.headers["Access-Control-Allow-Origin"] == page
        other = {**asks, "Origin": "https://evil.example"}
        refused = requests.options(url, headers=other, timeout=10)
        assert (refused.status_code, _code(refused)) == (403, "foreign-origin")
        assert "access-control-allow-origin" not in refused.headers
        name = "a.png"
        link = open_one.context.links.sign(name)
        shown = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
        assert _ask(open_one, link, **shown).status_code == 404
        assert _ask(open_one, f"/static/{name}", **shown).status_code == 403


def test_behind_a_proxy_addresses_begin_with_https(service: RunningService, tmp_path: Path) -> None:
    options = {"hosts": ("gpu.example",), "origins": ("https://gpu.example",)}
    with RunningService(tmp_path, service.engine, **options) as proxied:
        headers = {"Host": "gpu.example", "Origin": "https://gpu.example"}
        answer = requests.post(
            f"{proxied.url}/v1/jobs", json=circle(90), headers=headers, timeout=60
        )
        assert answer.json()["url"].startswith("https://gpu.example/v1/jobs/")
        assert "access-control-allow-origin" not in answer.headers
        assert _ask(proxied, "/v1/jobs").json()["jobs"][0]["url"].startswith(proxied.url)


def test_a_refused_websocket_is_one_line(
    service: RunningService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with pytest.raises(InvalidStatus) as caught:
        connect(f"ws://127.0.0.1:{service.port}/t/my-secret/ws")
    assert caught.value.response.status_code == 401
    said = [record.getMessage() for record in caplog.records]
    assert said == ["a WebSocket of 127.0.0.1 was refused (unknown-token)"]


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
