"""Two accounts of one machine: the other one gets at no picture, no words and no app."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from accounts import Account, accounts
from ports import free_port

pytestmark = pytest.mark.slow

# A picture in the trash, a thumbnail, requests that wait: an engine that works meanwhile.
WORK = """
import sys
from zimg_kernel import Gallery, GenerationParams, LocalEngine
from zimg_kernel.images.thumbnails import thumbnail
gallery = Gallery()
engine = LocalEngine(gallery)
for entry in gallery.search():
    thumbnail(entry.path)
thrown = engine.submit(GenerationParams(prompt="a blue square", model="nano-turbo", seed=2,
                                        width=128, height=128, steps=1)).result()
gallery.trash(thrown.path.relative_to(gallery.folder))
asked = GenerationParams(prompt="a green star", model="nano-turbo", steps=50, seed=3)
for seed in range(3, 60):
    engine.submit(asked.model_copy(update={"seed": seed}))
print("working", flush=True)
sys.stdin.read()
"""


@dataclass
class Owner:
    """The account whose things are looked for: its app, and the app's secrets."""

    account: Account
    port: int
    token: str
    kernel: str


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="two-accounts-"))  # pytest's own is closed to others
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def both(folder: Path) -> Iterator[tuple[Owner, dict[str, Any]]]:
    """The owner with all that it has, and what the other account gets at."""
    with accounts(folder, 2) as (python, (account, other)):
        port, log = free_port(), folder / "app.log"
        with log.open("w") as file:
            account.start(
                python, "-m", "zimg_widgets.app", "--no-browser", f"--port={port}",
                stdout=file, stderr=file,
            )  # fmt: skip
        account.run(
            python, "-m", "zimg_kernel", "generate", "a red circle", "--model", "nano-turbo",
            "--seed", "1", "--steps", "1", "--width", "128", "--height", "128",
        )  # fmt: skip
        engine = account.start(
            python, "-c", WORK,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        owner = _opened(account, port, log)
        assert engine.stdout is not None
        said = engine.stdout.readline()
        assert said == "working\n", said + engine.communicate()[0]
        tried = _tried(owner, other, python)
        tried["taken"] = _taken(account, other, python)
        yield owner, tried
        engine.kill()
        engine.communicate()


def _opened(account: Account, port: int, log: Path) -> Owner:
    deadline = time.monotonic() + 180
    while not (said := re.search(r"token=(\w{40,})", log.read_text())):
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)
    page = requests.get(f"http://127.0.0.1:{port}/?token={said[1]}", timeout=120)
    assert page.status_code == 200
    kernel = re.search(r'"kernelId": *"([^"]+)"', page.text)
    assert kernel, page.text[:2000]
    return Owner(account, port, said[1], kernel[1])


def _tried(owner: Owner, other: Account, python: str) -> dict[str, Any]:
    found = subprocess.run(
        ["find", "/tmp", "/var/tmp", "/dev/shm", "-xdev", "-uid", str(owner.account.uid)],
        capture_output=True, text=True,
    )  # fmt: skip
    paths = [Path(line) for line in found.stdout.splitlines()]
    kinds: dict[str, list[str]] = {"files": [], "folders": [], "sockets": []}
    for path in paths:
        mode = path.lstat().st_mode
        kind = "folders" if stat.S_ISDIR(mode) else "sockets" if stat.S_ISSOCK(mode) else "files"
        kinds[kind].append(str(path))
    picture = next(path for path in paths if path.suffix == ".png")
    served = picture.relative_to(owner.account.home)
    asked = {
        **kinds,
        "address": f"http://127.0.0.1:{owner.port}",
        "port": owner.port,
        "websocket": f"/api/kernels/{owner.kernel}/channels?session_id=x",
        "paths": [
            "/", "/?token=", "/?token=wrong", "/voila/render/Studio.ipynb", "/api/kernels",
            f"/api/kernels/{owner.kernel}", "/api/contents", "/api/sessions", "/api/terminals",
            f"/files/{served}", f"/voila/files/{served}", f"/voila/files{picture}",
            f"/voila/static/..%2f..%2f..{picture}", f"/static/../../../../../../..{picture}",
            f"/voila/templates/zimg/static/../../../../../..{picture}",
        ],
    }  # fmt: skip
    script = Path(__file__).with_name("other_account.py")
    tried: dict[str, Any] = json.loads(
        other.run(python, "-c", script.read_text(), given=json.dumps(asked))
    )
    return {**kinds, **tried}


def _taken(account: Account, other: Account, python: str) -> tuple[Path, Path]:
    """Return the folder that the other account has laid out, and where the owner's model is."""
    bait = Path(tempfile.gettempdir()) / f"zimg-{account.uid}"
    other.run(python, "-c", f"import os; os.umask(0); os.mkdir({str(bait)!r}, 0o777)")
    account.environment["ZIMG_CACHE"] = "/proc/none"
    code = "from zimg_kernel.models.embedded import folder; print(folder('nano-turbo'))"
    return bait, Path(account.run(python, "-c", code).strip())


def test_there_is_something_to_find(both: tuple[Owner, dict[str, Any]]) -> None:
    owner, tried = both
    said = "\n".join(tried["files"])
    for name in (".png", "index.sqlite", "/.trash/", ".queue.sqlite", "/thumbnails/", "kernel-"):
        assert name in said, said
    assert all(os.stat(path).st_uid == owner.account.uid for path in tried["files"][:1])


def test_no_file_of_ours_is_read_or_written(both: tuple[Owner, dict[str, Any]]) -> None:
    _, tried = both
    said_by_ipython = ".ipython/profile_default/startup/README"
    assert [path for path in tried["read"] if not path.endswith(said_by_ipython)] == []
    assert tried["written"] == []
    assert tried["filled"] == []
    assert tried["joined"] == []


def test_no_page_and_no_kernel_without_the_token(both: tuple[Owner, dict[str, Any]]) -> None:
    _, tried = both
    for path, answer in tried["answers"].items():
        assert answer["status"] >= 300, (path, answer)
        assert "/login" in answer["to"] or answer["status"] != 302, (path, answer)
    assert tried["websocket"] in (401, 403)
    assert tried["posted"]["status"] in (401, 403)


def test_what_kernels_say_passes_over_no_port(both: tuple[Owner, dict[str, Any]]) -> None:
    """Prompts and pictures over TCP could be read by every account.

    The one port of a kernel is ipykernel's for the output of its children: it says nothing, and
    drops what comes without a secret. Over TCP there are five more.
    """
    owner, _ = both
    ports = [
        (" ".join(process.cmdline()), connection.laddr.port)
        for process in owner.account.processes()
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    kernels = [port for command, port in ports if "ipykernel_launcher" in command]
    assert len(kernels) <= 1, ports
    assert {port for _, port in ports} - {*kernels} == {owner.port}, ports


def test_the_token_is_in_no_command(both: tuple[Owner, dict[str, Any]]) -> None:
    owner, tried = both
    assert any("zimg_widgets.app" in command for command in tried["commands"])
    assert not any(owner.token in command for command in tried["commands"])


def test_a_folder_laid_out_by_another_is_not_used(both: tuple[Owner, dict[str, Any]]) -> None:
    owner, tried = both
    bait, used = tried["taken"]
    assert bait.is_dir()
    assert list(bait.iterdir()) == []
    assert not used.is_relative_to(bait)
    assert used.parent.stat().st_uid == owner.account.uid
    assert stat.S_IMODE(used.parent.stat().st_mode) == 0o700
