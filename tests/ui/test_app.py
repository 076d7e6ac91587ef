"""The Studio as a web page of its own, served by Voilà as ``make app`` does."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests
from playwright.sync_api import Browser, expect

from ports import free_port
from ui import axe
from zimg_widgets.app import _names_token

pytestmark = [pytest.mark.ui, pytest.mark.slow]


@dataclass(frozen=True)
class App:
    """A running app: its port, its address, and the address with the token that it prints."""

    port: int
    address: str
    whole: str


@pytest.fixture
def app(own_home: Path, tmp_path: Path) -> Iterator[App]:
    port = free_port()
    command = [sys.executable, "-m", "zimg_widgets.app", "--no-browser", f"--port={port}"]
    environment = {**os.environ, "ZIMG_LANGUAGE": "zh", "JUPYTER_RUNTIME_DIR": str(tmp_path)}
    with (tmp_path / "app.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        token = _token_told(port, tmp_path / "app.log")
        address = f"http://127.0.0.1:{port}"
        yield App(port, address, f"{address}/?{token}")
    finally:
        process.terminate()
        process.wait(60)


def _token_told(port: int, log: Path) -> str:
    """Wait until the app listens and has then told its address; return the token in it."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        token = re.search(r"token=\w{40,}", log.read_text())
        with socket.socket() as probe:
            if token and probe.connect_ex(("127.0.0.1", port)) == 0:
                return token[0]
        time.sleep(0.2)
    raise AssertionError(f"Voilà told no address with a token:\n{log.read_text()[-2000:]}")


def test_the_studio_works_alone_and_asks_nobody_else(browser: Browser, app: App) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    errors: list[str] = []
    asked: set[str] = set()
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: asked.add(request.url))
    page.goto(app.whole, timeout=120_000)
    studio = page.get_by_role("region", name="工作室")
    prompt = studio.get_by_role("textbox", name="提示词", exact=True)
    expect(prompt).to_have_value("左边一个红色的圆，右边一个蓝色的方块", timeout=120_000)
    prompt.fill("一颗黄色的星星")
    prompt.press("Control+Enter")
    image = studio.locator(".zimg-stage-image")
    expect(image).to_have_attribute("alt", "一颗黄色的星星", timeout=120_000)
    expect(page.get_by_text("from zimg_widgets import")).to_be_hidden()
    expect(page.locator(".zimg-static")).to_have_count(1)  # for those who save the page
    expect(page.locator(".zimg-static")).to_be_hidden()
    assert axe.faults(page, ".zimg-studio") == []
    assert all(url.startswith((app.address, "data:", "blob:")) for url in asked), asked
    assert errors == []
    context.close()


def _kernels(port: int) -> set[int]:
    """Return the processes of the kernels that the server on this port has started."""
    found = set()
    for server in psutil.Process().children():
        if f"--port={port}" in server.cmdline():
            found |= {
                child.pid
                for child in server.children(recursive=True)
                if "ipykernel_launcher" in child.cmdline()
            }
    return found


def _wait_until_gone(pids: set[int]) -> None:
    deadline = time.monotonic() + 180
    while any(psutil.pid_exists(pid) for pid in pids):
        assert time.monotonic() < deadline, "the kernel has not ended"
        time.sleep(0.2)


def test_a_reload_offers_what_was_not_drawn_and_a_closed_page_ends_its_kernel(
    browser: Browser, app: App
) -> None:
    port = app.port
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    page.goto(app.whole, timeout=120_000)
    studio = page.get_by_role("region", name="工作室")
    prompt = studio.get_by_role("textbox", name="提示词", exact=True)
    expect(prompt).to_be_visible(timeout=120_000)
    expect(page).to_have_title("zimg Studio")
    expect(page.get_by_role("heading", name="zimg Studio", level=1)).to_be_attached()
    first = _kernels(port)
    assert len(first) == 1
    prompt.fill("一颗黄色的星星")
    for _ in range(8):
        prompt.press("Control+Enter")
    # What the kernel has accepted can be cancelled; what has not reached it is lost with the page.
    expect(studio.get_by_role("button", name="取消").first).to_be_enabled(timeout=60_000)
    page.reload(timeout=120_000)
    _wait_until_gone(first)
    expect(prompt).to_be_visible(timeout=120_000)
    expect(studio.get_by_text("一颗黄色的星星").first).to_be_visible(timeout=60_000)
    second = _kernels(port)
    assert len(second) == 1
    page.close(run_before_unload=True)
    _wait_until_gone(second)


def test_nobody_is_let_in_without_the_token(app: App) -> None:
    for path in (
        "/", "/?token=0123", "/api/kernels", "/api/kernels/x/channels",
        "/voila/files/Studio.ipynb", "/api/contents",
    ):  # fmt: skip
        answer = requests.get(app.address + path, allow_redirects=False, timeout=30)
        assert answer.status_code in (302, 403, 404), path
        assert "/login" in answer.headers.get("Location", "/login"), path
    assert _kernels(app.port) == set()


def test_the_browser_opens_the_address_with_the_token(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = tmp_path / "opened"
    script = f"echo \"$1\" > '{opened}.part'\nmv '{opened}.part' '{opened}'\n"
    (tmp_path / "show").write_text(f"#!/bin/sh\n{script}")
    (tmp_path / "show").chmod(0o755)
    monkeypatch.setenv("BROWSER", str(tmp_path / "show"))
    port = free_port()
    command = [sys.executable, "-m", "zimg_widgets.app", f"--port={port}", "--token=secret"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 180
        while not opened.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        file = Path(urlsplit(opened.read_text().strip()).path)
        assert f":{port}/?token=secret" in file.read_text()
        assert file.stat().st_mode & 0o077 == 0
        file.unlink()
    finally:
        process.terminate()
        process.wait(60)


def test_a_token_of_ones_own_is_kept() -> None:
    assert all(map(_names_token, ["--token=x", "--token=", "--token", "--Voila.token=x"]))
    assert not any(map(_names_token, ["--port=80", "--no-browser", "--tokens"]))
