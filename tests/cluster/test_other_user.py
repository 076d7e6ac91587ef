"""Two accounts of one machine: the other one can neither read nor use the shared engine."""

from __future__ import annotations

import json
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from accounts import Account, accounts

pytestmark = pytest.mark.slow

# What the other account tries, with a certificate of its own.
TRIED = """
import json, os, pathlib, socket, sys, tempfile, urllib.error, urllib.request
told = json.load(sys.stdin)
tried = {"opened": [], "joined": [], "pages": {}, "clients": {}}
for path in told["files"]:
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK)); tried["opened"].append(path)
    except OSError: pass
for path in told["sockets"]:
    with socket.socket(socket.AF_UNIX) as own:
        try: own.connect(path); tried["joined"].append(path)
        except OSError: pass
for port in told["ports"]:
    for page in ("/", "/status", "/info/main/workers.html", "/json/identity.json", "/metrics",
                 "/health"):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{page}", timeout=5) as found:
                tried["pages"][f"{port}{page}"] = found.read()[:80].decode("latin")
        except (OSError, urllib.error.URLError, ValueError): pass
        except Exception as error:
            if type(error).__name__ not in ("BadStatusLine", "RemoteDisconnected"): raise
from zimg_kernel.cluster.certificates import certificate_files, make_certificates
from distributed import Client, Security
folder = pathlib.Path(tempfile.mkdtemp())
make_certificates(folder)
ca, cert, key = map(str, certificate_files(folder))
own = Security(require_encryption=True, tls_ca_file=ca, tls_client_cert=cert, tls_client_key=key)
for address in (told["scheduler"], told["scheduler"].replace("tls:", "tcp:")):
    for security in (own, Security()):
        try:
            with Client(address, security=security, timeout=2) as client:
                tried["clients"][address] = str(client.scheduler_info())[:80]
        except (OSError, TypeError, ValueError, RuntimeError): pass
json.dump(tried, sys.stdout)
"""
DRAW = ("-m", "zimg_kernel", "generate", "--model", "nano-turbo", "--steps", "1", "--width", "128",
        "--height", "128")  # fmt: skip


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="two-accounts-"))  # pytest's own is closed to others
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def tried(folder: Path) -> Iterator[dict[str, Any]]:
    """What the other account gets at, of an engine that runs and has drawn."""
    with accounts(folder, 2) as (python, (owner, other)):
        owner.run(python, "-m", "zimg_kernel", "up")
        drawn = owner.run(python, *DRAW, "a red circle").strip()
        engine = owner.home / "zimg" / "engine"
        files = [path for path in engine.rglob("*") if not path.is_dir()]
        told = {
            "files": [str(path) for path in files],
            "sockets": [str(path) for path in files if stat.S_ISSOCK(path.stat().st_mode)],
            "ports": _ports(owner),
            "scheduler": json.loads((engine / "engine.json").read_text())["scheduler"],
        }
        found = json.loads(other.run(python, "-c", TRIED, given=json.dumps(told)))
        # Named as its home, too: the other account draws by itself, where it may.
        other.environment.update(
            ZIMG_HOME=str(owner.home / "zimg"),
            ZIMG_GALLERY=str(other.home / "gallery"),
            ZIMG_CACHE=str(other.home / "cache"),
        )
        theirs = other.run(python, *DRAW, "a blue star").strip()
        status = json.loads(owner.run(python, "-m", "zimg_kernel", "status", "--json"))
        yield {**told, **found, "drawn": drawn, "theirs": theirs, "status": status}
        owner.run(python, "-m", "zimg_kernel", "down")
        assert [p for p in owner.processes() if p.status() != psutil.STATUS_ZOMBIE] == []


def _ports(account: Account) -> list[int]:
    return [
        connection.laddr.port
        for process in account.processes()
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]


def test_there_is_something_to_find(tried: dict[str, Any]) -> None:
    assert any(path.endswith("key.pem") for path in tried["files"])
    assert len(tried["sockets"]) == 1
    assert len(tried["ports"]) >= 2
    assert tried["status"]["state"] == "up"
    assert tried["drawn"].endswith(".png")


def test_no_file_is_opened_and_no_socket_joined(tried: dict[str, Any]) -> None:
    assert (tried["opened"], tried["joined"]) == ([], [])


def test_its_ports_tell_nothing(tried: dict[str, Any]) -> None:
    assert (tried["pages"], tried["clients"]) == ({}, {})


def test_another_account_draws_by_itself(tried: dict[str, Any]) -> None:
    assert "/home-1/gallery/" in tried["theirs"]
    assert tried["status"]["service"]["users"] == []
