"""What lies inside a gallery: nothing behind links or outside is read, moved or deleted."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from PIL import Image

from refusals import refused
from zimg_kernel import Gallery, GalleryError, GeneratedImage, GenerationParams
from zimg_kernel.gallery.names import Names
from zimg_kernel.gallery.trash import Trashed


def make(prompt: str) -> GeneratedImage:
    params = GenerationParams(prompt=prompt, seed=1, model="nano-turbo")
    return GeneratedImage(image=Image.new("RGB", (16, 16), "red"), params=params)


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    found = Gallery(tmp_path / "gallery")
    found.add(make("mine"))
    return found


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder with a picture, beside the gallery."""
    return make("theirs").save(tmp_path / "outside" / "b.png")


def add_row(gallery: Gallery, name: str) -> None:
    with sqlite3.connect(gallery.folder / "index.sqlite") as connection:
        connection.execute(
            "INSERT INTO pictures SELECT ?, created, day, stamp, model, prompt, negative_prompt, "
            "seed, width, height, record, pixels, source FROM pictures LIMIT 1",
            (name,),
        )


@pytest.mark.parametrize("name", ["../outside/b.png", "{outside}", "link/b.png", ".x/b.png"])
def test_rows_of_a_strangers_index_that_lead_outside_are_left_out(
    gallery: Gallery, outside: Path, name: str
) -> None:
    (gallery.folder / "link").symlink_to(outside.parent)
    add_row(gallery, name.format(outside=outside))
    assert len(gallery.search()) == len(gallery.names()) == 1
    assert not gallery.entries([name.format(outside=outside)])
    assert gallery.rebuild() == 1


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../outside/b.png", "not-in-gallery"),
        ("link/b.png", "linked-folder"),
        ("index.sqlite", "not-a-picture"),
        (".journal", "not-a-picture"),
        ("2026-01-01", "not-a-picture"),
        (".hidden/a.png", "not-a-picture"),
    ],
)
def test_only_pictures_of_the_gallery_can_be_thrown_away(
    gallery: Gallery, outside: Path, name: str, code: str
) -> None:
    (gallery.folder / "link").symlink_to(outside.parent)
    with refused(code, "paths"):
        gallery.trash(name)
    assert outside.exists()
    assert len(gallery.search()) == 1


def test_a_picture_that_is_a_link_is_thrown_away_as_a_link(gallery: Gallery, outside: Path) -> None:
    (gallery.folder / "a.png").symlink_to(outside)
    gallery.trash("a.png")
    assert gallery.empty_trash() == 1
    assert outside.exists()


def test_a_gallery_that_is_a_link_itself_works(gallery: Gallery, tmp_path: Path) -> None:
    (tmp_path / "other").symlink_to(gallery.folder)
    other = Gallery(tmp_path / "other")
    assert other.restore(other.trash(other.search()[0])) == [other.search()[0].path]


def test_a_trash_that_is_a_link_is_neither_filled_nor_emptied(
    gallery: Gallery, outside: Path
) -> None:
    (gallery.folder / ".trash").symlink_to(outside.parent)
    for action in (gallery.empty_trash, gallery.trashed, lambda: gallery.trash(gallery.search())):
        with refused("linked-folder", "gallery", GalleryError):
            action()
    assert outside.exists()
    assert len(gallery.search()) == 1


def test_only_its_own_folders_in_the_trash_are_emptied(gallery: Gallery, outside: Path) -> None:
    gallery.trash(gallery.search())
    trash = gallery.folder / ".trash"
    (trash / "letters").mkdir()
    (trash / "letters" / "a.png").write_bytes(b"kept")
    (trash / "20260101-000000-00000000").symlink_to(outside.parent)
    assert len(gallery.trashed()) == 1
    assert gallery.empty_trash() == 1
    assert (trash / "letters" / "a.png").exists()
    assert outside.exists()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../x.png", "not-in-gallery"),
        ("other.png", "not-in-trash"),
        (".trash/a.png", "already-in-trash"),
    ],
)
def test_nothing_is_restored_to_another_place(gallery: Gallery, name: str, code: str) -> None:
    (thrown,) = gallery.trash(gallery.search())
    with refused(code):
        gallery.restore(Trashed(name, thrown.stored))
    with refused("not-in-trash", "trashed"):
        gallery.restore(Trashed(thrown.name, gallery.folder / thrown.name))
    assert thrown.stored.exists()


def test_a_folder_that_became_a_link_takes_nothing_back(gallery: Gallery, outside: Path) -> None:
    (thrown,) = gallery.trash(gallery.search())
    day = gallery.folder / Path(thrown.name).parent
    day.rmdir()
    day.symlink_to(outside.parent)
    with refused("linked-folder", "paths"):
        gallery.restore(thrown)
    assert len(list(outside.parent.iterdir())) == 1


def test_names_in_folders_that_are_not_there_yet_lie_inside(gallery: Gallery) -> None:
    names = [f"2026-01-{day:02}/{n}.png" for day in range(1, 29) for n in range(360)]
    assert Names(gallery.folder).inside(names) == names


@pytest.mark.parametrize(
    "program",
    [
        "DROP TABLE pictures; CREATE VIEW pictures AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL "
        "SELECT x + 1 FROM n) SELECT x AS path, x AS record, x AS stamp FROM n",
        "CREATE TRIGGER t AFTER DELETE ON pictures BEGIN DELETE FROM pictures; END",
    ],
)
def test_an_index_with_programs_inside_is_made_anew(gallery: Gallery, program: str) -> None:
    with sqlite3.connect(gallery.folder / "index.sqlite") as connection:
        connection.executescript(program)
    again = Gallery(gallery.folder)
    assert len(again.search()) == 0
    assert again.rebuild() == 1
    assert (gallery.folder / "index.damaged").exists()
