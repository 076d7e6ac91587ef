"""Whatever is given as a picture, there is a picture, or one clear sentence."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from refusals import refused
from zimg_kernel import LocalEngine, edit
from zimg_kernel.images import pixels

PROMPT = "a red circle on the left"


def shapes(mode: str = "RGB", size: tuple[int, int] = (96, 80)) -> Image.Image:
    """A small picture with something on it."""
    image = Image.new("RGB", size, (240, 240, 230))
    box = (size[0] // 8, size[1] // 8, size[0] // 2, size[1] // 2)
    ImageDraw.Draw(image).ellipse(box, fill=(200, 30, 30))
    return image.convert(mode)


def clear(mode: str) -> Image.Image:
    """The same, transparent at the right."""
    image = shapes("RGBA")
    alpha = Image.new("L", image.size, 255)
    alpha.paste(0, (60, 0, 96, 80))
    image.putalpha(alpha)
    return image.convert(mode)


def saved(image: Image.Image, path: Path, **how: object) -> Path:
    """Write a picture to a file and return its name."""
    image.save(path, **how)  # type: ignore[arg-type]
    return path


def turned(folder: Path) -> Path:
    """A photograph that lies on its side and says so."""
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: rotate 90 degrees clockwise to see it upright
    return saved(shapes(size=(96, 64)), folder / "turned.jpg", exif=exif)


def palette(folder: Path) -> Path:
    """A palette in which one colour is transparent."""
    image = shapes().quantize(16)
    return saved(image, folder / "palette.png", transparency=0)


def animation(folder: Path) -> Path:
    """Three pictures in one file."""
    frames = [shapes().rotate(angle) for angle in (0, 90, 180)]
    path = folder / "moving.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=50)
    return path


def sixteen_bits() -> Image.Image:
    """A picture with 16 bits of grey."""
    ramp = np.linspace(0, 65535, 96 * 80).reshape(80, 96).astype(np.uint16)
    return Image.fromarray(ramp)


GOOD: dict[str, Callable[[Path], object]] = {
    "RGB": lambda _: shapes(),
    "black and white": lambda _: shapes("1"),
    "grey": lambda _: shapes("L"),
    "grey with alpha": lambda _: clear("LA"),
    "alpha": lambda _: clear("RGBA"),
    "alpha that is all opaque": lambda _: shapes("RGBA"),
    "premultiplied alpha": lambda _: clear("RGBA").convert("RGBa"),
    "palette with a transparent colour": palette,
    "CMYK": lambda folder: saved(shapes("CMYK"), folder / "print.jpg"),
    "Lab": lambda _: shapes("LAB"),
    "YCbCr": lambda _: shapes("YCbCr"),
    "HSV": lambda _: shapes("HSV"),
    "16 bits": lambda folder: saved(sixteen_bits(), folder / "deep.png"),
    "32-bit integers": lambda _: shapes("L").convert("I"),
    "floating point": lambda _: shapes("L").convert("F"),
    "lying on its side": turned,
    "an animation": animation,
    "an odd size": lambda _: shapes(size=(131, 97)),
    "a single pixel": lambda _: Image.new("RGB", (1, 1), "red"),
    "larger than the model draws": lambda _: shapes(size=(1200, 900)),
    "a WebP file": lambda folder: saved(clear("RGBA"), folder / "clear.webp"),
    "a TIFF file": lambda folder: saved(shapes(), folder / "scan.tif"),
    "a BMP file with a name in Chinese": lambda folder: saved(shapes(), folder / "图 片.bmp"),
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_picture_of_every_kind_is_changed(
    kind: str, tmp_path: Path, warm_engine: LocalEngine
) -> None:
    source = GOOD[kind](tmp_path)
    job = edit.img2img(
        source,  # type: ignore[arg-type]
        PROMPT, 0.3, steps=2, seed=1, engine=warm_engine,
    )  # fmt: skip
    picture = job.result()
    assert picture.image.mode in ("RGB", "RGBA")
    if "alpha" in kind and "opaque" not in kind:
        assert picture.image.mode == "RGBA"
        assert picture.image.getpixel((picture.image.width - 2, 40))[3] < 30  # type: ignore[index]
    if kind == "lying on its side":
        assert picture.image.width < picture.image.height
    if kind in ("16 bits", "an animation", "CMYK", "larger than the model draws"):
        assert job.notes[0].startswith(("Its mode", "It holds 3", "Its colours", "Z-Image mini"))


def bomb(folder: Path) -> Path:
    """A PNG of a few bytes that says to be 60,000 pixels a side."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    path = folder / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return path


def cut_off(folder: Path) -> Path:
    """Half of a file."""
    buffer = io.BytesIO()
    Image.effect_noise((200, 200), 90).save(buffer, "PNG")
    path = folder / "half.png"
    path.write_bytes(buffer.getvalue()[: buffer.tell() // 2])
    return path


def text_file(folder: Path) -> Path:
    """No picture at all."""
    path = folder / "notes.png"
    path.write_text("not a picture")
    return path


class Huge(Image.Image):
    """Says to be larger than any memory; nobody may touch its pixels."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px."""
        return 20_000, 20_000

    width = property(lambda self: 20_000)  # type: ignore[assignment]
    height = property(lambda self: 20_000)  # type: ignore[assignment]

    def load(self) -> None:  # type: ignore[override]
        """Fail the test."""
        raise AssertionError("its pixels were asked for")


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "no file": (lambda folder: folder / "none.png", "file-missing"),
    "a folder": (lambda folder: folder, "folder-instead-of-file"),
    "a text file": (text_file, "picture-unreadable"),
    "half a file": (cut_off, "picture-unreadable"),
    "a decompression bomb": (bomb, "picture-too-large"),
    "more pixels than memory": (lambda _: Huge(), "picture-too-large"),
    "no pixels": (lambda _: Image.new("RGB", (0, 5)), "empty-picture"),
    "a strip": (lambda _: shapes(size=(900, 20)), "picture-too-narrow"),
    "an array": (lambda _: np.zeros((8, 8, 3)), "not-a-picture"),
    "bytes": (lambda _: b"\x89PNG", "not-a-picture"),
    "a list": (lambda _: [shapes()], "not-a-picture"),
    "nothing": (lambda _: None, "not-a-picture"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_picture_is_refused_in_a_sentence(
    kind: str, tmp_path: Path, warm_engine: LocalEngine
) -> None:
    make, code = BAD[kind]
    with refused(code) as caught:
        edit.img2img(make(tmp_path), PROMPT, engine=warm_engine)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_there_are_thirty_of_them() -> None:
    assert len(GOOD) + len(BAD) >= 30


def test_the_same_pixels_have_the_same_digest_in_every_lossless_file(tmp_path: Path) -> None:
    image = shapes()
    files = [saved(image, tmp_path / name) for name in ("a.png", "b.bmp", "c.tif")]
    assert {pixels.digest(Image.open(file)) for file in files} == {pixels.digest(image)}
    assert pixels.digest(image.transpose(Image.Transpose.ROTATE_90)) != pixels.digest(image)
