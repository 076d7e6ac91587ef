"""Accounts of this machine, made for a test and removed after it, and what they may run."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

TREE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Account:
    """An account that is not root, and the environment of its processes."""

    name: str
    uid: int
    home: Path
    environment: dict[str, str]

    def start(self, *command: str, **options: Any) -> subprocess.Popen[str]:
        """Start a process of this account, as after a login."""
        return subprocess.Popen(
            command,
            user=self.uid, group=self.uid, extra_groups=[], umask=0o022, env=self.environment,
            cwd=self.home, text=True, **options,
        )  # fmt: skip

    def run(self, *command: str, given: str = "") -> str:
        """Run a command of this account to its end; return what it prints."""
        process = self.start(
            *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        out, err = process.communicate(given, timeout=120)
        assert process.returncode == 0, err
        return out

    def processes(self) -> list[psutil.Process]:
        """Return the processes that run under this account."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.uids().real == self.uid:
                    found.append(process)
        return found


@contextlib.contextmanager
def accounts(folder: Path, count: int) -> Iterator[tuple[str, list[Account]]]:
    """Make accounts with homes in a folder that all may enter; yield a Python and them.

    Skips the test where that is not allowed.
    """
    if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("useradd"):
        pytest.skip("accounts are made by root on Linux, with useradd")
    made: list[Account] = []
    folder.chmod(0o755)
    try:
        for number in range(count):
            made.append(_made(f"zimg{secrets.token_hex(4)}", folder / f"home-{number}"))
        yield _python(folder, made), made
    finally:
        for account in made:
            ours = account.processes()
            for process in ours:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs(ours, timeout=10)
            subprocess.run(["userdel", account.name], check=True, capture_output=True)
            subprocess.run(
                ["find", "/tmp", "/dev/shm", "-xdev", "-uid", str(account.uid), "-delete"],
                check=False,
                capture_output=True,
            )


def _made(name: str, home: Path) -> Account:
    added = subprocess.run(
        ["useradd", "--user-group", "--no-create-home", "--home-dir", str(home), name],
        capture_output=True,
        text=True,
    )
    if added.returncode:
        pytest.skip(f"useradd is not allowed here: {added.stderr.strip()}")
    uid = int(subprocess.check_output(["id", "-u", name]))
    home.mkdir(mode=0o755)  # as many systems make them: what is ours must protect itself
    os.chown(home, uid, uid)
    kept = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    return Account(name, uid, home, {**kept, "HOME": str(home), "USER": name})


def _python(folder: Path, made: list[Account]) -> str:
    """Return a Python with our packages that the accounts can run; let them see both."""
    prefix = _open(Path(sys.prefix), folder / "environment", made[0])
    packages = [_open(TREE / n, folder / "tree" / n, made[0]) for n in ("zimg_kernel", "widgets")]
    python = prefix / "bin" / "python"
    extra = {"PYTHONPATH": f"{packages[0].parent}{os.pathsep}{packages[1]}"}
    if not _may(made[0], "-x", python.resolve()):
        base = _open(Path(sys.base_prefix), folder / "base", made[0], ("site-packages", "test"))
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        own = folder / "own"
        (own / "bin").mkdir(parents=True)
        (own / "bin" / "python").symlink_to(base / "bin" / version)
        (own / "pyvenv.cfg").write_text(f"home = {base / 'bin'}\n")
        for part in ("lib", "share", "etc"):
            (own / part).symlink_to(prefix / part)
        python = own / "bin" / "python"
        extra["LD_LIBRARY_PATH"] = str(base / "lib")
    for account in made:
        account.environment.update(extra)
    tried = made[0].start(
        str(python), "-c", "import voila.app, zimg_kernel, zimg_widgets",
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    problem = tried.communicate(timeout=120)[1]
    if tried.returncode:
        pytest.skip(f"other accounts cannot run this environment: {problem[-300:]}")
    return str(python)


def _open(source: Path, copy: Path, account: Account, without: tuple[str, ...] = ()) -> Path:
    """Return a folder that an account can enter: itself, or a copy made of hard links."""
    if _may(account, "-x", source):
        return source
    copy.parent.mkdir(exist_ok=True)
    try:
        shutil.copytree(
            source, copy, symlinks=True, copy_function=os.link,
            ignore=shutil.ignore_patterns(*without),
        )  # fmt: skip
    except (OSError, shutil.Error) as error:
        pytest.skip(f"{source} is closed to other accounts, and was not linked: {error!s:.200}")
    for inner, _, _ in os.walk(copy):
        os.chmod(inner, 0o755)
    return copy


def _may(account: Account, how: str, path: Path) -> bool:
    return account.start("test", how, str(path)).wait(30) == 0
