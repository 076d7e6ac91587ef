"""Logs and the audit log: JSON lines, rotated, private, without secrets, on a full disk, too."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from zimg_kernel.cluster.audit import Audit
from zimg_kernel.cluster.logs import JsonLines, PrivateFile, rotate_output, without_secrets


def _lines(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abcDEF123456.x", "abcDEF123456.x"),
        ("GET http://127.0.0.1:8888/lab?token=0123456789abcdef&x=1", "0123456789abcdef"),
        ("https://anna:geheim@example.org/v1", "anna:geheim"),
        ('{"api_key": "k-123"}', "k-123"),
        ("ZIMG_ENHANCER_KEY=sk-abcdefghijklmnop", "sk-abcdefghijklmnop"),
        ("password = hunter2, next", "hunter2"),
        ("used hf_ABCDEFGHIJKLMNOPQR there", "hf_ABCDEFGHIJKLMNOPQR"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln is one", "eyJhbGciOiJIUzI1NiJ9"),
        ("-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----", "MHcC"),
        ("-----BEGIN PRIVATE KEY-----\nMHcCut off", "MHcC"),
        ("the key of the test", "key of the test"),
    ],
)
def test_secrets_are_taken_out(text: str, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMG_ENHANCER_KEY", "key of the test")
    assert secret not in without_secrets(text)
    assert "[hidden]" in without_secrets(text)


@pytest.mark.parametrize(
    "text",
    ["a token is a part of a word", "512 tokens", "zimg-3f2a-0-9c", "tls://127.0.0.1:8786",
     "no password is needed", "/work/a/secrets.txt"],
)  # fmt: skip
def test_other_words_stay(text: str) -> None:
    assert without_secrets(text) == text


def test_each_line_is_json_of_a_private_rotated_file(tmp_path: Path) -> None:
    handler = PrivateFile(tmp_path / "logs" / "service.jsonl", 2000, 2)
    handler.setFormatter(JsonLines("service"))
    log = logging.getLogger("zimg-test")
    log.propagate = False
    log.addHandler(handler)
    os.umask(os.umask(0o022))
    for number in range(60):
        log.warning("line %s\nwith two lines, 漢字 \ud800", number)
    try:
        raise ValueError("api_key=abc123")
    except ValueError:
        log.exception("it failed")
    log.removeHandler(handler)
    handler.close()
    files = sorted((tmp_path / "logs").iterdir())
    assert [file.name for file in files] == [
        "service.jsonl", "service.jsonl.1", "service.jsonl.2",
    ]  # fmt: skip
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert all(file.stat().st_size <= 2000 for file in files)
    last = _lines(files[0])[-1]
    assert (last["process"], last["level"], last["text"]) == ("service", "error", "it failed")
    error = last["error"]
    assert isinstance(error, dict)
    assert error["class"] == "ValueError"
    assert error["text"] == "api_key=[hidden]"
    assert "test_logs.py" in error["at"][0]
    assert all(_lines(file) for file in files)


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").write_text("")
    (tmp_path / "audit.jsonl").chmod(0o644)
    audit = Audit(tmp_path)
    audit.note("anna", "submit", "accepted", job="1")
    audit.close()
    assert stat.S_IMODE((tmp_path / "audit.jsonl").stat().st_mode) == 0o600


def test_a_link_in_place_of_a_log_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("others' words")
    (tmp_path / "audit.jsonl").symlink_to(tmp_path / "other")
    Audit(tmp_path).note("anna", "submit", "accepted")
    assert (tmp_path / "other").read_text() == "others' words"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_ends_nothing(tmp_path: Path) -> None:
    code = (
        "import logging, sys; from pathlib import Path; from zimg_kernel.cluster import logs;"
        "logs.open_private = lambda path: open('/dev/full', 'a');"
        "h = logs.PrivateFile(Path(sys.argv[1]) / 'x', 1000, 1); h.setFormatter("
        "logs.JsonLines('x')); logging.getLogger().addHandler(h);"
        "logging.getLogger().error('y' * 9000); print('alive')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True
    )
    assert done.stdout == "alive\n"


def test_the_audit_log_is_only_appended_to(tmp_path: Path) -> None:
    audit = Audit(tmp_path, size=20_000, files=50)
    again = Audit(tmp_path, size=20_000_000, files=50)  # as a process after the first

    def write(user: str) -> None:
        for number in range(100):
            audit.note(user, "submit", "accepted", job=number, model="nano-turbo", code=None)

    threads = [threading.Thread(target=write, args=(name,)) for name in ("anna", "bela", "陈")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    audit.close()
    again.note("", "stop", "done")
    again.close()
    files = list(tmp_path.iterdir())
    assert len(files) > 1
    lines = [line for file in files for line in _lines(file)]
    assert len(lines) == 301
    for user in ("anna", "bela", "陈"):
        assert sorted(line["job"] for line in lines if line["user"] == user) == list(range(100))
    assert all("code" not in line for line in lines)
    assert all(str(line["time"]).endswith("+00:00") for line in lines)


def test_what_a_process_printed_is_set_aside_once_it_is_long(tmp_path: Path) -> None:
    file = tmp_path / "worker-0.log"
    rotate_output(file)
    file.write_text("short")
    rotate_output(file)
    assert file.read_text() == "short"
    file.write_text("x" * 2_000_000)
    rotate_output(file)
    assert not file.exists()
    assert (tmp_path / "worker-0.log.1").stat().st_size == 2_000_000
