"""Room on the gallery's disk: warned of, then refused; half-written files of killed processes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from refusals import refused
from zimg_kernel import GenerationParams, LocalEngine
from zimg_kernel.engine.disk import check_disk, delete_temporary
from zimg_kernel.errors import ZimgError
from zimg_kernel.models.weights import free_disk

PARAMS = GenerationParams(
    model="nano-turbo", prompt="a red circle", width=128, height=128, steps=1, seed=1
)


def _leave(monkeypatch: pytest.MonkeyPatch, share: float, folder: Path) -> None:
    """Let so great a share of what is free now be what shall be left."""
    megabytes = share * free_disk(folder) / 1e6
    monkeypatch.setenv("ZIMG_DISK_FREE", f"{megabytes:.0f}MB")


def test_requests_are_warned_of_and_then_refused(
    engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engine.submit(PARAMS).result(60).path is not None
    _leave(monkeypatch, 0.5, tmp_path)
    job = engine.submit(PARAMS)
    assert job.result(60).path is not None
    assert [warning.code for warning in job.coded_warnings] == ["little-disk"]
    _leave(monkeypatch, 1.5, tmp_path)
    with refused("disk-nearly-full", "gallery", ZimgError):
        engine.submit(PARAMS)
    assert engine.jobs() == []
    assert engine.submit(PARAMS, save=False).result(60).path is None  # it needs no disk
    monkeypatch.setenv("ZIMG_DISK_FREE", "0")
    assert engine.submit(PARAMS).coded_warnings == ()


def test_what_a_request_needs_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _leave(monkeypatch, 0.001, tmp_path)
    assert check_disk(tmp_path / "not" / "yet", PARAMS) is None
    large = PARAMS.replace(width=2048, height=2048, count=64)
    monkeypatch.setenv("ZIMG_DISK_FREE", f"{free_disk(tmp_path) / 1e6 - 300:.0f}MB")
    with refused("disk-nearly-full", "gallery", ZimgError):
        check_disk(tmp_path, large)
    assert check_disk(tmp_path, PARAMS) is not None


@pytest.mark.parametrize("given", ["much", "-1GB", "1PB", "1e9", "NaN"])
def test_a_setting_that_is_no_size_is_refused(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZIMG_DISK_FREE", given)
    with refused("wrong-type", "ZIMG_DISK_FREE"):
        check_disk(tmp_path, PARAMS)


def test_an_engine_that_gets_ready_cleans_its_gallery(engine: LocalEngine) -> None:
    assert engine.gallery is not None
    left = engine.gallery.folder / "2026-11-28" / ".a.png.12ab34cd.part"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    os.utime(left, (1, 1))
    engine.prepare()
    deadline = time.monotonic() + 120
    while left.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_only_old_temporary_files_are_deleted(tmp_path: Path) -> None:
    names = (".a.png.1234.part", "2026-11-28/.b.png.1234.part", ".inputs/.c.png.12.part")
    kept = ("2026-11-28/b.png", "a.part", ".other/.d.part", ".trash/.e.part")
    for name in (*names, *kept):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"half")
    assert delete_temporary(tmp_path) == 0
    for name in (*names, *kept):
        os.utime(tmp_path / name, (time.time() - 4000,) * 2)
    assert delete_temporary(tmp_path) == 3
    assert all((tmp_path / name).exists() for name in kept)
    assert delete_temporary(tmp_path / "none") == 0
