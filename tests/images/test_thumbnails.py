"""Thumbnails: small, kept, made anew when the file changes, never an exception."""

from __future__ import annotations

import io
import os
import random
import threading
from pathlib import Path

import pytest
from PIL import Image

from zimg_kernel import settings
from zimg_kernel.images import thumbnails
from zimg_kernel.images.thumbnails import placeholder, thumbnail, trim


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZIMG_CACHE", str(tmp_path / "cache"))
    return settings.cache_folder()


def noise(size: tuple[int, int], seed: int = 0) -> Image.Image:
    return Image.frombytes("RGB", size, random.Random(seed).randbytes(3 * size[0] * size[1]))


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg))
    image.load()
    assert image.format == "JPEG"
    return image


def kept(cache: Path) -> list[Path]:
    return sorted(cache.rglob("*.jpg"))


@pytest.mark.parametrize(
    ("size", "small"),
    [((1024, 512), (256, 128)), ((100, 300), (85, 256)), ((16, 16), (16, 16))],
)
def test_it_is_small_and_keeps_the_shape(
    tmp_path: Path, size: tuple[int, int], small: tuple[int, int]
) -> None:
    Image.new("RGB", size, "teal").save(tmp_path / "a.png")
    image = opened(thumbnail(tmp_path / "a.png"))
    assert image.size == small
    assert max(abs(a - b) for a, b in zip(image.getpixel((5, 5)), (0, 128, 128), strict=True)) < 8  # type: ignore[arg-type]


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    Image.new("RGBA", (32, 32), (200, 0, 0, 0)).save(tmp_path / "a.png")
    assert min(opened(thumbnail(tmp_path / "a.png")).getpixel((16, 16))) > 250  # type: ignore[arg-type,type-var]


def test_it_is_made_once_until_the_file_changes(tmp_path: Path, own_cache: Path) -> None:
    path = tmp_path / "a.png"
    noise((64, 64)).save(path)
    first = thumbnail(path)
    (file,) = kept(own_cache)
    file.write_bytes(b"from the cache")
    assert thumbnail(path) == b"from the cache"
    assert thumbnail(path, side=32) != b"from the cache"
    state = path.stat()
    noise((64, 64), 1).save(path)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    assert thumbnail(path) not in (first, b"from the cache")
    assert not list(own_cache.rglob("*.part"))


def test_what_is_gone_or_broken_gives_a_placeholder(tmp_path: Path, own_cache: Path) -> None:
    torn = tmp_path / "torn.png"
    noise((256, 256)).save(torn)
    torn.write_bytes(torn.read_bytes()[:9000])
    (tmp_path / "text.png").write_text("no picture")
    for path in (torn, tmp_path / "text.png", tmp_path / "none.png", tmp_path):
        assert thumbnail(path) == placeholder()
    assert kept(own_cache) == []
    assert opened(placeholder()).size == (256, 256)


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, own_cache: Path) -> None:
    own_cache.write_text("in the way")
    noise((64, 64)).save(tmp_path / "a.png")
    assert opened(thumbnail(tmp_path / "a.png")).size == (64, 64)


def test_many_threads_ask_for_one(tmp_path: Path, own_cache: Path) -> None:
    noise((512, 512)).save(tmp_path / "a.png")
    found: list[bytes] = []
    ask = lambda: found.append(thumbnail(tmp_path / "a.png"))  # noqa: E731
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(kept(own_cache)) == 1


def test_the_cache_keeps_what_was_used_last(tmp_path: Path, own_cache: Path) -> None:
    for i in range(10):
        noise((128, 128), i).save(tmp_path / f"{i}.png")
        thumbnail(tmp_path / f"{i}.png")
    files = kept(own_cache)
    for age, file in enumerate(files):
        os.utime(file, (1_000_000 - age, 1_000_000 - age))
    total = sum(file.stat().st_size for file in files)
    trim(total)
    assert kept(own_cache) == files
    trim(total // 2)
    assert kept(own_cache) == sorted(files[: len(kept(own_cache))])
    assert sum(file.stat().st_size for file in kept(own_cache)) <= 0.4 * total + 1


def test_making_many_trims_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "LIMIT_BYTES", 1)
    monkeypatch.setattr(thumbnails, "_TRIM_EVERY", 2)
    for i in range(4):
        noise((32, 32), i).save(tmp_path / f"{i}.png")
        thumbnail(tmp_path / f"{i}.png")
    assert len(kept(settings.cache_folder())) <= 1
