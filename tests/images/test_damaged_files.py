"""Damaged and unusual files: they are read or refused in one sentence, and quickly."""

from __future__ import annotations

import io
import random
import time
import warnings
import zlib
from pathlib import Path

import pytest
from PIL import Image

from foreign_files import A1111, png, read, refusal, turbo, with_exif
from mutations import mutated, originals
from refusals import refused, warned
from zimg_kernel import GalleryError, GeneratedImage, GenerationParams
from zimg_kernel.images.embedded_texts import is_cut_off
from zimg_kernel.images.metadata import read_record
from zimg_kernel.images.reading import read as read_pixels
from zimg_kernel.images.source import load_source
from zimg_kernel.images.thumbnails import placeholder, thumbnail

pytestmark = pytest.mark.filterwarnings("ignore:.*(EXIF|Tag data|Truncated)")  # PIL's


def make(**fields: object) -> GeneratedImage:
    given = {"prompt": "a red circle", "width": 64, "height": 64, "seed": 1, **fields}
    return GeneratedImage(Image.new("RGB", (64, 64)), GenerationParams(**given))


def test_a_compressed_text_of_over_1_mib_is_no_obstacle(tmp_path: Path) -> None:
    workflow = {"links": [], "x": "y" * 1_200_000}
    path = png(tmp_path / "a.png", packed=True, workflow=workflow, prompt=turbo())
    assert read(path, "prompt", "seed") == ("a red circle", 42)
    assert GeneratedImage.open(path).image.getpixel((0, 0)) == (255, 0, 0)
    assert read_pixels(path, "image").size == load_source(path).image.size == (64, 64)
    assert thumbnail(path) != placeholder()


def test_texts_behind_the_pixels_are_found(tmp_path: Path) -> None:
    path = png(tmp_path / "a.png")
    content = path.read_bytes()
    text = b"parameters\0" + A1111.encode()
    crc = zlib.crc32(b"tEXt" + text).to_bytes(4, "big")
    chunk = len(text).to_bytes(4, "big") + b"tEXt" + text + crc
    path.write_bytes(content[:-12] + chunk + content[-12:])
    assert read(path, "prompt", "seed") == ("a red circle", 5)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0II*\0", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0"]
)
@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_cut_off_exif_is_no_obstacle(tmp_path: Path, exif: bytes, ending: str) -> None:
    path = tmp_path / f"cut.{ending}"
    Image.new("RGB", (32, 48)).save(path, exif=exif)
    with refused("no-parameters-in-picture"):
        read_record(path)
    assert read_pixels(path, "image").size == (32, 48)
    source = load_source(path)
    assert source.image.size == (32, 48)
    assert thumbnail(path) != placeholder()
    make().save(path)
    assert read(path, "seed") == 1


def test_damaged_exif_is_told(tmp_path: Path) -> None:
    Image.new("RGB", (32, 48)).save(tmp_path / "cut.png", exif=b"Exif\0\0II*\0")
    assert any("EXIF" in note for note in load_source(tmp_path / "cut.png").notes)
    assert not load_source(png(tmp_path / "whole.png")).notes


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_the_ending_may_be_wrong(tmp_path: Path, ending: str) -> None:
    for number, kind in enumerate(("PNG", "JPEG", "WEBP")):
        path = make(seed=number).save(tmp_path / f"{kind}.{kind.lower()}")
        wrong = path.rename(tmp_path / f"wrong-{number}.{ending}")
        assert read(wrong, "seed") == number
        assert GeneratedImage.open(wrong).seed == number


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_a_cut_file_is_known_as_one(tmp_path: Path, ending: str) -> None:
    image = make()
    image.image = Image.effect_noise((256, 256), 90).convert("RGB")
    content = image.save(tmp_path / f"a.{ending}").read_bytes()
    assert not is_cut_off(io.BytesIO(content))
    assert is_cut_off(io.BytesIO(content[:-400]))
    (tmp_path / f"b.{ending}").write_bytes(content[:-4000])
    with refused("picture-unreadable"):
        GeneratedImage.open(tmp_path / f"b.{ending}")


@pytest.mark.parametrize("text", ["x" * 40_000, "红" * 40_000])
def test_a_record_that_is_long_for_a_jpeg_is_compressed(tmp_path: Path, text: str) -> None:
    image = make(negative_prompt=text)
    with warned("not-for-other-tools", "path"):
        path = image.save(tmp_path / "a.jpg")
    assert GeneratedImage.open(path).params == image.params
    assert image.save(tmp_path / "a.webp")
    assert GeneratedImage.open(tmp_path / "a.webp").params == image.params
    short = make(negative_prompt="x" * 20_000)  # both fit once ours is compressed
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert GeneratedImage.open(short.save(tmp_path / "b.jpg")).params == short.params


def test_a_record_too_long_for_any_jpeg_is_refused(tmp_path: Path) -> None:
    noise = random.Random(0).randbytes(100_000).hex()
    with refused("parameters-too-long", "path", GalleryError):
        make(negative_prompt=noise).save(tmp_path / "a.jpg")
    assert not list(tmp_path.iterdir())


def test_half_a_character_is_refused_before_drawing() -> None:
    for name in ("prompt", "negative_prompt"):
        with refused("not-unicode", name):
            make(**{name: "\ud83d broken"})


def test_half_a_character_in_a_file_is_replaced(tmp_path: Path) -> None:
    text = '{"prompt": "\\ud83d a red circle \\ud83d\\ude00", "seed": 5, "steps": 8}'
    assert read(png(tmp_path / "a.png", parameters=text), "prompt") == "\ufffd a red circle 😀"


def test_a_record_of_ours_with_other_kinds_of_values_is_none(tmp_path: Path) -> None:
    good = '{"params": {"prompt": "a"}, "created": "2026-01-01T00:00:00+00:00"'
    assert read(png(tmp_path / "a.png", zimg=good + "}"), "prompt") == "a"
    for text in (
        good.replace('"a"', "5") + "}", good.replace('"2026', '"x') + "}", good + ', "source": 5}',
        good + ', "pixels": 5}', good + ', "timings": []}', good,
        *(good.replace('"a"', f'"a", {wrong}') + "}" for wrong in (
            '"seed": "x"', '"width": [1]', '"model": {}', '"negative_prompt": 5', '"loras": 5',
        )),
        '{"a":' * 50_000, '{"params": {"prompt": 1' + "0" * 5000 + "}}",
    ):  # fmt: skip
        with refused("no-parameters-in-picture"):
            read_record(png(tmp_path / "a.png", zimg=text))


def test_mutated_files_are_read_or_refused_in_one_sentence(tmp_path: Path) -> None:
    chance = random.Random(7)
    files = originals(tmp_path)
    for _ in range(40):
        for path in files:
            content = mutated(path.read_bytes(), chance)
            start = time.thread_time()
            assert refusal(content) in (None, "no-parameters-in-picture", "picture-unreadable")
            assert time.thread_time() - start < 1


def test_avif_is_read(tmp_path: Path) -> None:
    path = with_exif(tmp_path / "a.avif", b"UNICODE\0" + A1111.encode("utf-16-be"))
    found = GeneratedImage.open(path)
    assert (found.params.prompt, found.params.seed) == ("a red circle", 5)
    assert found.image.size == (64, 64)


@pytest.mark.parametrize(
    ("ending", "code"),
    [("gif", "no-parameters-in-picture"), ("bmp", "no-parameters-in-picture"),
     ("tif", "no-parameters-in-picture"), ("png", "picture-unreadable")],
)  # fmt: skip
def test_other_formats_and_empty_files_are_called_what_they_are(
    tmp_path: Path, ending: str, code: str
) -> None:
    path = tmp_path / f"a.{ending}"
    if ending == "png":
        path.touch()
    else:
        Image.new("RGB", (8, 8)).save(path)
    with refused(code) as caught:
        read_record(path)
    word = "is empty" if ending == "png" else f"is a {ending.upper()}"
    assert word in str(caught.value)
    assert "unknown" not in str(caught.value)
