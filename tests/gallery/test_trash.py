"""The gallery's trash: moved aside and back exactly, by several processes, never emptied alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image, PngImagePlugin

from refusals import refused
from zimg_kernel import Gallery, GalleryError, GeneratedImage, GenerationParams
from zimg_kernel.cli.command import cli


def make(prompt: str, seed: int = 1) -> GeneratedImage:
    params = GenerationParams(prompt=prompt, seed=seed, model="nano-turbo")
    return GeneratedImage(image=Image.new("RGB", (16, 16), "red"), params=params)


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    return Gallery(tmp_path / "gallery")


def everything(gallery: Gallery) -> list[tuple[Path, dict[str, object], bytes]]:
    return [(entry.path, entry.record, entry.path.read_bytes()) for entry in gallery.search()]


def test_trash_and_restore_leave_no_trace(gallery: Gallery) -> None:
    paths = [gallery.add(make(f"picture {i}", i)) for i in range(3)]
    before = everything(gallery)
    files = sorted(gallery.folder.rglob("*"))
    thrown = gallery.trash(paths[1:])
    assert [entry.path for entry in gallery.search()] == paths[:1]
    assert not paths[1].exists()
    assert GeneratedImage.open(thrown[0].stored).params.prompt == "picture 1"
    assert gallery.restore(thrown) == paths[1:]
    assert everything(gallery) == before
    assert sorted(gallery.folder.rglob("*")) == files


def test_one_picture_named_in_any_way(gallery: Gallery) -> None:
    for given in (
        str,
        lambda path: path.relative_to(gallery.folder),
        lambda _: gallery.search()[0],
    ):
        path = gallery.add(make("x"))
        assert gallery.restore(gallery.trash(given(path))) == [path]


def test_rebuild_leaves_the_trash_alone(gallery: Gallery) -> None:
    thrown = gallery.trash(gallery.add(make("thrown")))
    gallery.add(make("kept"))
    assert gallery.rebuild() == 1
    assert [entry.prompt for entry in gallery.search()] == ["kept"]
    assert gallery.trashed() == thrown


def test_a_taken_name_is_not_overwritten(gallery: Gallery) -> None:
    path = gallery.add(make("first"))
    thrown = gallery.trash(path)
    make("second").save(path)
    assert gallery.restore(thrown) == [path.with_stem(f"{path.stem}-2")]
    assert GeneratedImage.open(path).params.prompt == "second"
    assert gallery.search("first")[0].path.name.endswith("-2.png")


def test_one_name_thrown_away_twice_is_two_pictures(gallery: Gallery) -> None:
    path = gallery.add(make("first"))
    first = gallery.trash(path)
    make("second").save(path)
    second = gallery.trash(path)
    assert gallery.trashed() != []
    assert {item.name for item in gallery.trashed()} == {
        path.relative_to(gallery.folder).as_posix()
    }
    assert gallery.restore(second) == [path]
    assert GeneratedImage.open(path).params.prompt == "second"
    assert gallery.restore(first)[0] != path


def test_another_tools_picture_comes_back_with_its_date(gallery: Gallery) -> None:
    gallery.add(make("ours"))
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 123")
    Image.new("RGB", (64, 64)).save(gallery.folder / "a1111.png", pnginfo=info)
    gallery.rebuild()
    before = everything(gallery)
    gallery.restore(gallery.trash("a1111.png"))
    assert everything(gallery) == before


def test_nothing_moves_when_one_cannot(gallery: Gallery) -> None:
    path, gone = gallery.add(make("stays")), gallery.add(make("gone"))
    gone.unlink()
    with refused("file-missing", "paths", GalleryError):
        gallery.trash([path, gone])
    assert path.exists()
    assert gallery.trashed() == []
    assert gallery.names() == [path.relative_to(gallery.folder).as_posix()]  # the lost one is not


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../outside.png", "not-in-gallery"),
        ("/etc/hostname", "not-in-gallery"),
        (".", "not-in-gallery"),
        (".trash/x/a.png", "already-in-trash"),
    ],
)
def test_only_pictures_of_this_gallery(gallery: Gallery, path: str, code: str) -> None:
    gallery.add(make("x"))
    with refused(code, "paths"):
        gallery.trash(path)


def test_a_trash_that_cannot_be_made_is_one_sentence(gallery: Gallery) -> None:
    path = gallery.add(make("x"))
    (gallery.folder / ".trash").write_text("in the way")
    with refused("not-trashed", "paths", GalleryError):
        gallery.trash(path)
    assert len(gallery.search()) == 1


def test_only_emptying_deletes(gallery: Gallery) -> None:
    thrown = gallery.trash([gallery.add(make("x", i)) for i in range(3)])
    assert Gallery(gallery.folder).trashed() == thrown  # another session, much later
    assert gallery.empty_trash() == 3
    assert gallery.trashed() == []
    assert not (gallery.folder / ".trash").exists()
    assert gallery.empty_trash() == 0
    with refused("not-in-trash", kind=GalleryError):
        gallery.restore(thrown)


def test_the_command_empties_the_trash(gallery: Gallery) -> None:
    gallery.trash(gallery.add(make("x")))
    kept = gallery.add(make("kept"))
    done = CliRunner().invoke(cli, ["gallery", "--folder", str(gallery.folder), "--empty-trash"])
    assert done.output.startswith("1 pictures deleted")
    assert kept.exists()


def test_processes_throw_away_and_restore_at_once(gallery: Gallery) -> None:
    for i in range(60):
        gallery.add(make(f"picture {i % 3}", i))
    before = everything(gallery)
    code = (
        "import sys; from zimg_kernel import Gallery\n"
        "gallery = Gallery(sys.argv[1])\n"
        "for entry in gallery.search(sys.argv[2]):\n"
        "    thrown = gallery.trash(entry)\n"
        "    assert not entry.path.exists()\n"
        "    assert gallery.restore(thrown) == [entry.path]\n"
        "assert len(gallery.trash(gallery.search(sys.argv[2]))) == 20\n"
    )
    command = [sys.executable, "-c", code, str(gallery.folder)]
    running = [subprocess.Popen([*command, f"picture {i}"]) for i in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert len(gallery) == 0
    assert len(gallery.restore(gallery.trashed())) == 60
    assert everything(gallery) == before


def test_what_came_back_before_a_failure_is_in_the_index(gallery: Gallery) -> None:
    paths = [gallery.add(make(f"a circle {seed}", seed)) for seed in range(3)]
    trashed = gallery.trash(paths)
    trashed[1].stored.unlink()
    with refused("not-in-trash", "trashed", GalleryError):
        gallery.restore(trashed)
    assert [entry.path for entry in gallery.search()] == [paths[0]]
    assert gallery.restore(trashed[2]) == [paths[2]]
