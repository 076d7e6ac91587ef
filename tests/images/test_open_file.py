"""Opening of strangers' pictures: formats by list, size before the pixels are unpacked."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import zimg_kernel
import zimg_widgets
from refusals import refused
from zimg_kernel import Gallery, GeneratedImage
from zimg_kernel.images.open_file import FORMATS, SOURCE_FORMATS, UNREADABLE, open_image
from zimg_kernel.images.reading import read
from zimg_kernel.images.thumbnails import placeholder, thumbnail

EPS = """%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 8 8
%%EndComments
newpath 0 0 moveto 8 8 lineto stroke
showpage
%%EOF
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the program that PIL would give an EPS to; returns what it writes."""
    marker, folder = tmp_path / "marker", tmp_path / "bin"
    folder.mkdir()
    for name in ("gs", "gswin64c", "gswin32c"):
        (folder / name).write_text(f"#!/bin/sh\necho 10.0\ntouch '{marker}'\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr("PIL.EpsImagePlugin.gs_binary", None)
    return marker


def test_no_format_starts_another_program(tmp_path: Path, program: Path) -> None:
    gallery = Gallery(tmp_path / "gallery")
    gallery.folder.mkdir()
    path = gallery.folder / "a.png"
    path.write_text(EPS)
    assert gallery.rebuild() == 0
    assert len(gallery.unread) == 1
    assert thumbnail(path) == placeholder()
    with refused("picture-unreadable"):
        read(path, "image")
    with refused("picture-unreadable"):
        GeneratedImage.open(path)
    assert not program.exists()


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM", "TGA"])
def test_other_formats_are_for_sources_alone(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (8, 8), "red").save(path, kind)
    assert read(path, "image").convert("RGB").getpixel((0, 0)) == (255, 0, 0)
    with pytest.raises(UNREADABLE):
        open_image(path)
    assert not {"EPS", "WMF"} & {*FORMATS, *SOURCE_FORMATS}


_BIG = """
import resource, sys
from pathlib import Path
from zimg_kernel import BadInput, GeneratedImage
from zimg_kernel.images.reading import read
from zimg_kernel.images.thumbnails import placeholder, thumbnail
path = Path(sys.argv[1])
thumbnail(path.with_name("small.png"))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert thumbnail(path) == placeholder()
for action in (GeneratedImage.open, lambda p: read(p, "image")):
    try:
        action(path)
    except BadInput:
        continue
    raise AssertionError("not refused")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_too_many_pixels_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "big.png"
    Image.new("1", (8200, 8000)).save(path)
    Image.new("1", (8, 8)).save(tmp_path / "small.png")
    done = subprocess.run(
        [sys.executable, "-c", _BIG, path], capture_output=True, text=True, check=True
    )
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage counts bytes there
    assert int(done.stdout) * unit < 20e6  # 65.6 MB as bytes, and 262 as RGBA


def test_pictures_are_opened_in_one_place() -> None:
    found = set()
    for package in (zimg_kernel, zimg_widgets):
        top = Path(package.__file__).parent
        for path in top.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr == "open":
                    value = node.value
                    if isinstance(value, ast.Name) and value.id == "Image":
                        found.add(f"{top.name}/{path.relative_to(top).as_posix()}")
    # The sheet of glyphs is the package's own.
    assert found == {"zimg_kernel/images/open_file.py", "zimg_kernel/nano/draw/glyphs.py"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "picture.png"
    os.mkfifo(pipe)
    with refused("picture-unreadable", "path"):
        GeneratedImage.open(pipe)
    with refused("picture-unreadable", "source"):
        read(pipe, "source")
