"""Browser fixtures: a page for single widgets, and a real JupyterLab for notebooks."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import comm
import pytest
from ipywidgets import Widget
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

import surroundings
from ports import free_port
from ui.harness import Bridge, WidgetPage

expect.set_options(timeout=60_000)  # a busy machine takes longer than the 5 s by default
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# No sandbox: tests may run as root in a container. The rest keeps Chromium off the network.
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

_OWN_FOLDERS = ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
_SETTINGS = {
    # Every cell is in the page, also those out of sight, so that tests can look at them.
    "notebook-extension/tracker": '{"windowingMode": "none"}',
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium."""
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    assert found, "Chromium is missing: run make test, which installs it."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Start the one JupyterLab of all tests; give its address and the link to its folders.

    Its notebooks, settings, workspaces, kernels' addresses and ``ZIMG_HOME`` all lie behind
    one symbolic link, which each test points to a folder of its own.
    """
    folder = tmp_path_factory.mktemp("jupyterlab")
    here = folder / "here"
    _point(here, folder)
    environment = surroundings.environment(here)
    for name in _OWN_FOLDERS:
        environment[name] = str(here / name.lower())
    environment["JUPYTER_RUNTIME_DIR"] = str(here / "runtime")
    port = free_port()
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
        "--IdentityProvider.token=",
        "--ServerApp.disable_check_xsrf=True",  # for the fixture that stops kernels
        f"--ServerApp.root_dir={here / 'notebooks'}",
    ]  # fmt: skip
    with (folder / "lab.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}/api/status", folder / "lab.log")
        yield f"http://127.0.0.1:{port}", here
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture
def lab(server: tuple[str, Path], tmp_path: Path, own_home: Path) -> Iterator[str]:
    """Let JupyterLab work in this test's folder; give its address up to the path.

    It serves ``tmp_path / "notebooks"``, a copy of ours, as its root, and its kernels see
    ``own_home``. They are stopped after the test.
    """
    url, here = server
    shutil.copytree(NOTEBOOKS, tmp_path / "notebooks")
    _point(here, tmp_path)
    yield url
    for kernel in _ask(f"{url}/api/kernels"):
        _ask(f"{url}/api/kernels/{kernel['id']}", "DELETE")


def _point(link: Path, folder: Path) -> None:
    """Make JupyterLab's folders where there are none, and point the link to them."""
    for name in ("notebooks", "runtime"):
        (folder / name).mkdir(exist_ok=True)
    for plugin, text in _SETTINGS.items():
        path = folder / "jupyterlab_settings_dir" / "@jupyterlab" / plugin
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".jupyterlab-settings").write_text(text)
    link.unlink(missing_ok=True)
    link.symlink_to(folder)


def _ask(url: str, method: str = "GET") -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=60) as answer:
        return json.loads(answer.read() or "null")


def _wait_until_ready(url: str, log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        try:
            _ask(url)
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture
def page(browser: Browser, lab: str) -> Iterator[Page]:
    """Give a page that fails the test if the browser's console shows an error.

    It asks for ``lab`` so that it is closed before its kernels are stopped.
    """
    with watched_page(browser) as page:
        yield page


@pytest.fixture
def widget_page(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[WidgetPage]:
    """Give a page for widgets of this process, without JupyterLab; errors fail the test."""
    bridge = Bridge()
    monkeypatch.setattr(comm, "create_comm", bridge.create_comm)
    try:
        with watched_page(browser, width=980) as page:  # an output area beside the file browser
            yield WidgetPage(page, bridge)
    finally:
        Widget.close_all()
        bridge.close()
    assert bridge.errors == []


@contextmanager
def watched_page(browser: Browser, width: int = 1280) -> Iterator[Page]:
    """Open a page, close it at the end, and assert that its console showed no error."""
    context = browser.new_context(viewport={"width": width, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(60_000)
    errors: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({message.location.get('url')})")

    page.on("console", on_console)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []
