"""Addresses and tokens: where the token goes, and that it appears nowhere else."""

from __future__ import annotations

import base64
import logging
import traceback
from pathlib import Path

import pytest

from refusals import refused
from tests.comfy_client.recorded_server import RecordedServer
from tests.comfy_client.test_drawing import PARAMS
from zimg_kernel import Gallery, settings
from zimg_kernel.comfy_client import Address, ComfyEngine
from zimg_kernel.errors import ZimgError

SECRET = "s3cret-T0ken"
BASIC = base64.b64encode(f"me:{SECRET}".encode()).decode()


@pytest.mark.parametrize(
    ("url", "token", "base", "header"),
    [
        ("127.0.0.1:8188/", "", "http://127.0.0.1:8188", None),
        ("http://localhost:8188", SECRET, "http://localhost:8188", f"Bearer {SECRET}"),
        ("https://me@a.example", SECRET, "https://a.example", f"Basic {BASIC}"),
        (f"https://me:{SECRET}@a.example", None, "https://a.example", f"Basic {BASIC}"),
        ("https://a.example/t/{token}/", "a/b", "https://a.example/t/a%2Fb", None),
        ("ws://[::1]:8188", "", "http://[::1]:8188", None),
    ],
)
def test_the_address_says_where_the_token_goes(
    url: str, token: str | None, base: str, header: str | None
) -> None:
    address = Address.of(url, token)
    assert address.url("/prompt") == f"{base}/prompt"
    assert address.socket_url("x") == f"ws{base.removeprefix('http')}/ws?clientId=x"
    assert address.headers.get("Authorization") == header
    for text in (repr(address), str(address), address.shown):
        assert SECRET not in text
        assert "me" not in text


@pytest.mark.parametrize(
    ("url", "token", "code"),
    [
        ("ftp://a.example", "", "comfy-address"),
        (f"http://a.example?token={SECRET}", "", "comfy-address"),
        ("http://a.example:99999999", "", "comfy-address"),
        ("http://", "", "comfy-address"),
        ("http://8.8.8.8", SECRET, "comfy-token-in-the-open"),
        ("http://127.0.0.1", f"{SECRET}\n2", "comfy-token"),
    ],
)
def test_addresses_that_are_none_are_refused_without_showing_the_token(
    url: str, token: str, code: str
) -> None:
    field = "ZIMG_COMFY_TOKEN" if code == "comfy-token" else "ZIMG_COMFY_URL"
    with refused(code, field) as told:
        Address.of(url, token)
    assert SECRET not in str(told.value)


@pytest.mark.parametrize("form", ["bearer", "basic", "path"])
def test_a_server_with_a_token_lets_in_who_shows_it_and_it_appears_nowhere(
    form: str,
    server: RecordedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.faults.token = {"bearer": f"Bearer {SECRET}", "basic": f"Basic {BASIC}", "path": SECRET}[
        form
    ]
    place = server.url.removeprefix("http://")
    url = {"bearer": server.url, "basic": f"http://me@{place}", "path": f"{place}/t/{{token}}"}[
        form
    ]
    monkeypatch.setenv("ZIMG_COMFY_URL", url)
    with pytest.raises(ZimgError) as told:
        ComfyEngine().submit(PARAMS)
    assert told.value.code in ("comfy-not-allowed", "comfy-not-there")
    monkeypatch.setenv("ZIMG_COMFY_TOKEN", SECRET)
    with caplog.at_level(logging.DEBUG):
        engine = ComfyEngine(gallery=Gallery(tmp_path))
        job = engine.submit(PARAMS)
        image = job.result(60)
        server.faults.status = {"/prompt": (500, 1)}
        failed = engine.submit(PARAMS)
        failed.wait(60)
        engine.close()
    assert failed.error is not None
    shown = [
        "\n".join(one.getMessage() for one in caplog.records if "tornado" not in one.name),
        repr(engine), repr(engine.server), repr(settings.settings()),
        str(failed.error), "".join(traceback.format_exception(failed.error)),
        str(image.record()), repr(image), str([*job.events(), *failed.events()]),
        *(str(node) for node in server.posted),
    ]  # fmt: skip
    assert image.path is not None
    for text in shown:
        assert SECRET not in text
        assert BASIC not in text
    assert SECRET.encode() not in image.path.read_bytes()


def test_a_timeout_is_a_number_of_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMG_COMFY_TIMEOUT", "2.5")
    assert ComfyEngine().server.timeout == 2.5
    for bad in ("soon", "0", "-1", "nan"):
        monkeypatch.setenv("ZIMG_COMFY_TIMEOUT", bad)
        with refused("wrong-type", "ZIMG_COMFY_TIMEOUT"):
            ComfyEngine()
