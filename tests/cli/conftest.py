"""The command in this process, on the warm engine, and as a process of its own."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from zimg_kernel import Gallery, LocalEngine
from zimg_kernel.cli.command import main
from zimg_kernel.errors import ZimgWarning


class Done(NamedTuple):
    """Outcome of a command."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def zimg(
    as_default: LocalEngine,
    own_home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Run the command in this process, and assert its exit code; 0 by default."""
    as_default.gallery = Gallery(own_home / "gallery")

    def run(*arguments: object, code: int = 0, stdin: str | bytes = "") -> Done:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
        capsys.readouterr()
        found = 0
        with warnings.catch_warnings():
            warnings.simplefilter("default", ZimgWarning)
            try:
                main([str(argument) for argument in arguments])
            except SystemExit as end:
                found = int(end.code or 0)
        done = Done(found, *capsys.readouterr())
        assert done.returncode == code, done.stderr
        return done

    return run


@pytest.fixture
def zimg_process(clean_environment: dict[str, str]) -> Run:
    """Run the command in a process of its own, and assert its exit code; 0 by default."""

    def run(*arguments: object, code: int = 0) -> Done:
        command = [sys.executable, "-m", "zimg_kernel", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, env=clean_environment)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    return run
