"""Reading pictures of all kinds, and packing them: what comes out, and what is refused."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from refusals import refused
from zimg_kernel import BadInput, GeneratedImage, GenerationParams
from zimg_widgets._shared.encode import grey, jpeg_bytes, read, rgb, title

RED = Image.new("RGB", (64, 48), "red")


def drawn() -> GeneratedImage:
    return GeneratedImage(RED, GenerationParams(prompt="a red box"))


def test_every_kind_is_read_and_has_a_title(tmp_path: Path) -> None:
    file = tmp_path / "red.png"
    RED.save(file)
    assert read(RED, "it") is RED
    assert read(drawn(), "it") is RED
    for source in (file, str(file)):
        assert read(source, "it").tobytes() == RED.tobytes()
    assert [title(source) for source in (RED, drawn(), file)] == ["", "a red box", "red.png"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (3, "not int."),
        ([RED], "not list: choose one picture, such as pictures[0]."),
        (b"PNG", "not bytes: open them with PIL.Image.open(io.BytesIO(...))."),
        (np.zeros((4, 4)), "not ndarray: make a picture of it with PIL.Image.fromarray."),
    ],
)
def test_what_is_no_picture_is_refused_with_the_way_out(value: Any, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(value, "before")
    start = "before must be a picture (a GeneratedImage, a PIL image or the path of a file), "
    assert str(caught.value) == start + message


def test_files_that_cannot_be_read_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "words.png").write_text("no picture")
    wrong = {
        "none.png": "file-missing",
        ".": "folder-instead-of-file",
        "words.png": "picture-unreadable",
    }
    for name, code in wrong.items():
        with refused(code, "it") as caught:
            read(tmp_path / name, "it")
        assert "\n" not in str(caught.value)


def test_a_check_comes_before_the_pixels_are_unpacked(tmp_path: Path) -> None:
    RED.save(tmp_path / "red.png")
    seen = []

    def check(image: Image.Image, what: str) -> None:
        seen.append((image.size, what))
        raise BadInput("too large", code="picture-too-large")

    with refused("picture-too-large"):
        read(tmp_path / "red.png", "it", check)
    assert seen == [((64, 48), str(tmp_path / "red.png"))]


def test_a_photograph_stands_upright_and_loses_its_notes(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # taken with the camera turned by 90 degrees
    RED.save(tmp_path / "photo.jpg", exif=exif, comment=b"secret")
    assert rgb(read(tmp_path / "photo.jpg", "it")).size == (48, 64)
    with Image.open(tmp_path / "photo.jpg") as opened:
        assert rgb(opened).size == (48, 64)
        kept = rgb(opened, turn=False)
    assert kept.size == (64, 48)
    assert kept.info == {}
    assert b"secret" not in jpeg_bytes(kept, 32)


@pytest.mark.parametrize(
    ("image", "value"),
    [
        (Image.new("RGBA", (2, 2), (0, 0, 0, 0)), 255),
        (Image.new("I;16", (2, 2), 0x8080), 128),
        (Image.new("F", (2, 2), 0.5), 128),
        (Image.new("1", (2, 2), 1), 255),
    ],
)
def test_every_mode_is_seen_as_it_is_meant(image: Image.Image, value: int) -> None:
    assert rgb(image).getpixel((0, 0)) == (value,) * 3


def test_grey_takes_what_is_transparent_as_black() -> None:
    assert grey(Image.new("LA", (2, 2), (255, 0))).getpixel((0, 0)) == 0


def test_a_jpeg_is_small_and_keeps_proportions() -> None:
    with Image.open(io.BytesIO(jpeg_bytes(Image.new("RGB", (2000, 500)), 256))) as small:
        assert (small.format, small.size) == ("JPEG", (256, 64))
