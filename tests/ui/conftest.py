"""A real JupyterLab and a real Chromium for the tests in this folder."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

expect.set_options(timeout=20_000)  # a busy machine takes longer than the 5 s by default
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# No sandbox: tests may run as root in a container. The rest keeps Chromium off the network.
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

_SETTINGS = {
    # Every cell is in the page, also those out of sight, so that tests can look at them.
    "notebook-extension/tracker": '{"windowingMode": "none"}',
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium."""
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    assert found, "Chromium is missing: run make test, which installs it."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def lab(tmp_path: Path, own_home: Path) -> Iterator[str]:
    """Start JupyterLab on a copy of the notebooks; give its address up to the path."""
    shutil.copytree(NOTEBOOKS, tmp_path / "notebooks")
    port = _free_port()
    settings = tmp_path / "jupyterlab_settings_dir" / "@jupyterlab"
    for plugin, text in _SETTINGS.items():
        (settings / plugin).parent.mkdir(parents=True, exist_ok=True)
        (settings / plugin).with_suffix(".jupyterlab-settings").write_text(text)
    # Settings and workspaces of this test's own.
    environment = {**os.environ}
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"):
        environment[name] = str(tmp_path / name.lower())
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={tmp_path / 'notebooks'}",
    ]  # fmt: skip
    with (tmp_path / "lab.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/api/status", tmp_path / "lab.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_ready(url: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                json.load(answer)
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture
def page(browser: Browser, lab: str) -> Iterator[Page]:
    """Give a page that fails the test if the browser's console shows an error.

    It asks for ``lab`` so that it is closed before JupyterLab goes away.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(60_000)
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({message.location.get('url')})")

    page.on("console", heard)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []
