"""A rebuild goes on past what it cannot read, and lists it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from foreign_files import A1111, png, turbo, with_exif
from zimg_kernel import Gallery, GeneratedImage, GenerationParams
from zimg_kernel.cli.command import cli
from zimg_kernel.images.metadata import save_with_record


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    return Gallery(tmp_path / "gallery")


def make(prompt: str, seed: int = 1) -> GeneratedImage:
    params = GenerationParams(prompt=prompt, width=64, height=64, seed=seed)
    return GeneratedImage(Image.effect_noise((64, 64), 90).convert("RGB"), params)


def name(raw: bytes) -> str:
    return os.fsdecode(raw)


def test_broken_files_are_listed_and_the_rest_is_found(gallery: Gallery) -> None:
    good = gallery.add(make("ours"))
    day = good.parent
    png(day / "comfy.png", prompt=turbo())
    with_exif(day / "civitai.jpg", b"UNICODE\0" + A1111.encode("utf-16-le"))
    with_exif(day / "forge.avif", b"UNICODE\0" + A1111.encode("utf-16-be"))
    Image.new("RGB", (8, 8)).save(day / "holiday.png")
    Image.new("RGB", (8, 8)).save(day / "cut exif.png", exif=b"Exif\0\0II*\0")
    (day / "text.png").write_text("hello")
    (day / "empty.jpg").write_bytes(b"")
    (day / "cut.png").write_bytes(good.read_bytes()[:-2000])
    Path(day, name("红色".encode("gbk") + b".png")).write_bytes(good.read_bytes())
    assert gallery.rebuild() == 5  # the picture that is cut off still tells its parameters
    unread = {os.fsencode(file.path.name) for file in gallery.unread}
    assert unread == {b"text.png", b"empty.jpg", b"cut.png", "红色".encode("gbk") + b".png"}
    assert all("\n" not in file.reason and file.reason.encode() for file in gallery.unread)
    assert {entry.prompt for entry in gallery.search()} == {"ours", "a red circle"}
    fresh = Gallery(gallery.folder)
    assert fresh.unread == ()
    (day / "text.png").unlink()
    fresh.rebuild()
    assert len(fresh.unread) == 3


def test_a_name_that_is_no_utf8_can_be_trashed_and_restored(gallery: Gallery) -> None:
    content = gallery.add(make("ours")).read_bytes()
    odd = Path(gallery.folder, name(b"\xff.png"))
    odd.write_bytes(content)
    trashed = gallery.trash(odd)
    assert not odd.exists()
    assert gallery.restore(trashed) == [odd]
    assert odd.read_bytes() == content


def test_a_folder_that_cannot_be_looked_into_is_listed(gallery: Gallery) -> None:
    gallery.add(make("ours"))
    closed = gallery.folder / "closed"
    closed.mkdir(mode=0)
    if os.access(closed, os.R_OK):
        pytest.skip("this user may read everything")
    assert gallery.rebuild() == 1
    assert [file.path for file in gallery.unread] == [closed]


def test_numbers_that_the_index_cannot_hold_are_left_out(gallery: Gallery) -> None:
    gallery.add(make("ours"))
    record = make("other").record()
    record["params"] |= {"width": 2**70, "seed": 2**80}
    save_with_record(Image.new("RGB", (64, 64)), record, gallery.folder / "a.png")
    assert gallery.rebuild() == 2


def test_the_command_lists_them(gallery: Gallery) -> None:
    day = gallery.add(make("ours")).parent
    Path(day, name(b"\xff.png")).write_bytes(b"")
    (day / "text.png").write_text("hello")
    done = CliRunner().invoke(cli, ["gallery", "--folder", str(gallery.folder), "--rebuild"])
    assert done.exit_code == 0
    assert "text.png" in done.output
    assert "ours" in done.output


def test_a_sheet_passes_over_what_was_damaged_since(gallery: Gallery) -> None:
    first, second = gallery.add(make("stays")), gallery.add(make("damaged", 2))
    second.write_bytes(second.read_bytes()[:200])
    shown = gallery._repr_html_()
    assert "stays" in shown
    assert "1 of these could not be read" in shown
    assert first.exists()


def test_a_linked_folder_is_left_out_and_named(gallery: Gallery, tmp_path: Path) -> None:
    gallery.add(make("here"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (gallery.folder / "linked").symlink_to(elsewhere)
    (gallery.folder / "loop").symlink_to(gallery.folder)
    make("there").save(elsewhere / "a.png")
    assert gallery.rebuild() == 1
    assert [each.path.name for each in gallery.unread] == ["linked", "loop"]
    assert [entry.prompt for entry in gallery.search()] == ["here"]


def test_texts_that_are_no_unicode_can_be_stored(gallery: Gallery) -> None:
    record = make("x").record()
    record["source"] = {"file": "\udcff.png", "pixels": None}
    path = gallery.folder / "a.png"
    save_with_record(Image.new("RGB", (64, 64)), record, path)
    assert gallery.rebuild() == 1
    assert gallery.search()[0].source == record["source"]
