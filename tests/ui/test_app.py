"""The Studio as a web page of its own, served by Voilà as ``make app`` does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from ui import axe
from ui.conftest import free_port

pytestmark = [pytest.mark.ui, pytest.mark.slow]


@pytest.fixture
def app(own_home: Path, tmp_path: Path) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "zimg_widgets.app", "--no-browser", f"--port={port}"]
    environment = {**os.environ, "ZIMG_LANGUAGE": "zh", "JUPYTER_RUNTIME_DIR": str(tmp_path)}
    with (tmp_path / "app.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_until_it_listens(port, tmp_path / "app.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_it_listens(port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise AssertionError(f"Voilà did not start:\n{log.read_text()[-2000:]}")


def test_the_studio_works_alone_and_asks_nobody_else(browser: Browser, app: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    errors: list[str] = []
    asked: set[str] = set()
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: asked.add(request.url))
    page.goto(app, timeout=120_000)
    studio = page.get_by_role("region", name="工作室")
    prompt = studio.get_by_role("textbox", name="提示词", exact=True)
    expect(prompt).to_have_value("左边一个红色的圆，右边一个蓝色的方块", timeout=120_000)
    prompt.fill("一颗黄色的星星")
    prompt.press("Control+Enter")
    image = studio.locator(".zimg-stage-image")
    expect(image).to_have_attribute("alt", "一颗黄色的星星", timeout=120_000)
    expect(page.get_by_text("from zimg_widgets import")).to_be_hidden()
    assert axe.faults(page, ".zimg-studio") == []
    assert all(url.startswith((app, "data:", "blob:")) for url in asked), asked
    assert errors == []
    context.close()
