"""Files and folders that the package makes: their permissions, without touching the umask."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zimg_kernel.files import atomic_file, make_folder
from zimg_kernel.models import embedded

pytestmark = pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZIMG_HOME", str(tmp_path / "above" / "zimg"))
    return tmp_path / "above" / "zimg"


def test_a_new_home_is_the_owners_only(home: Path) -> None:
    with atomic_file(home / "gallery" / "2026-01-01" / "a.png") as file:
        file.write(b"x")
    assert mode(home) == 0o700
    assert mode(home.parent) != 0o700


def test_a_home_that_exists_keeps_its_permissions(home: Path) -> None:
    home.mkdir(parents=True, mode=0o755)
    home.chmod(0o755)
    make_folder(home / "gallery")
    assert mode(home) == 0o755


def test_the_umask_is_not_touched(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mask = os.umask(0o027)
    os.umask(mask)

    def refuse(_: int) -> int:
        raise AssertionError("the umask belongs to all threads")

    monkeypatch.setattr(os, "umask", refuse)
    with atomic_file(home / "a.png") as file:
        file.write(b"x")
    assert mode(home / "a.png") == 0o666 & ~mask


def test_a_file_that_cannot_be_finished_leaves_nothing(home: Path) -> None:
    with pytest.raises(KeyboardInterrupt), atomic_file(home / "a.png"):
        raise KeyboardInterrupt
    assert not list(home.iterdir())


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder among the temporary files, where the cache cannot be written."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("ZIMG_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    return tmp_path / "tmp" / f"zimg-{os.getuid()}"


def test_a_folder_that_others_can_write_in_is_not_used(shared: Path) -> None:
    shared.mkdir()
    shared.chmod(0o777)
    made = embedded.folder("nano-turbo")
    assert not made.is_relative_to(shared)
    assert mode(made.parent) == 0o700
    assert not list(shared.iterdir())


def test_a_link_is_not_used(shared: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    shared.symlink_to(tmp_path / "elsewhere")
    assert not embedded.folder("nano-turbo").is_relative_to(shared)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_an_own_private_folder_is_used_again(shared: Path) -> None:
    made = embedded.folder("nano-turbo")
    assert made.parent == shared
    assert mode(shared) == 0o700
    assert embedded.folder("nano-turbo") == made
