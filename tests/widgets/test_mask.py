"""The mask painter without a browser: what masks it takes, keeps and gives."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import traitlets
from PIL import Image, ImageDraw, ImageFilter

from refusals import refused
from zimg_kernel import GeneratedImage, GenerationParams
from zimg_widgets.mask.widget import MaskPainter

SIZE = (120, 80)
BOX = (20, 10, 69, 49)  # 50 by 40 px


@pytest.fixture
def painter() -> MaskPainter:
    return MaskPainter(Image.new("RGB", SIZE, "teal"), language="en")


def box_mask(mode: str = "L", white: Any = 255) -> Image.Image:
    mask = Image.new(mode, SIZE, 0)
    ImageDraw.Draw(mask).rectangle(BOX, fill=white)
    return mask


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image).astype(int)


def test_a_new_mask_is_empty_and_of_the_picture_s_size(painter: MaskPainter) -> None:
    assert painter.empty
    assert (painter.mask.mode, painter.mask.size) == ("L", SIZE)
    assert painter.mask.getextrema() == (0, 0)
    assert painter.mask_png == b""


def test_a_mask_comes_back_as_it_was_set(painter: MaskPainter) -> None:
    ramp = Image.fromarray(np.arange(120 * 80, dtype=np.uint32).astype(np.uint8).reshape(80, 120))
    painter.mask = ramp
    assert not painter.empty
    assert (pixels(painter.mask) == pixels(ramp)).all()


@pytest.mark.parametrize(
    ("mode", "white"),
    [
        ("1", 1),
        ("RGB", (255, 255, 255)),
        ("RGBA", (255, 255, 255, 255)),
        ("LA", (255, 255)),
        ("P", 255),
        ("F", 1.0),
        ("I", 255),
        ("I", 65535),
        ("I;16", 65535),
    ],
)
def test_masks_of_any_mode_are_taken(painter: MaskPainter, mode: str, white: Any) -> None:
    mask = Image.new(mode, SIZE, 0)
    if mode == "P":
        mask.putpalette([value for grey in range(256) for value in (grey, grey, grey)])
    mask.paste(white, (20, 10, 70, 50))
    painter.mask = mask
    assert (pixels(painter.mask) == pixels(box_mask())).all()


def test_what_is_transparent_is_not_painted(painter: MaskPainter) -> None:
    layer = Image.new("RGBA", SIZE, (255, 255, 255, 0))
    ImageDraw.Draw(layer).rectangle(BOX, fill=(255, 255, 255, 255))
    painter.mask = layer
    assert (pixels(painter.mask) == pixels(box_mask())).all()


def test_a_mask_can_be_given_at_once_and_as_a_file(tmp_path: Path) -> None:
    box_mask().save(tmp_path / "mask.png")
    Image.new("RGB", SIZE).save(tmp_path / "picture.png")
    painter = MaskPainter(tmp_path / "picture.png", mask=str(tmp_path / "mask.png"))
    assert (pixels(painter.mask) == pixels(box_mask())).all()


def test_fill_clear_and_invert(painter: MaskPainter) -> None:
    painter.fill()
    assert painter.mask.getextrema() == (255, 255)
    painter.clear()
    assert painter.empty
    painter.invert()
    assert painter.mask.getextrema() == (255, 255)
    painter.mask = box_mask()
    painter.invert()
    assert (pixels(painter.mask) == 255 - pixels(box_mask())).all()
    painter.fill()
    painter.invert()
    assert painter.empty


def test_rests_of_an_erased_edge_are_not_paint(painter: MaskPainter) -> None:
    painter.mask = box_mask(white=15)
    assert painter.empty
    assert "Nothing is painted yet." in painter.to_static_html()
    painter.mask = box_mask(white=16)
    assert not painter.empty


def test_what_the_browser_sends_is_read_from_its_alpha_channel(painter: MaskPainter) -> None:
    rgba = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    ImageDraw.Draw(rgba).rectangle(BOX, fill=(0, 0, 0, 255))
    buffer = io.BytesIO()
    rgba.save(buffer, "PNG")
    heard = []
    painter.observe(lambda change: heard.append(painter.empty), "mask_png")
    painter.set_state({"mask_png": memoryview(buffer.getvalue())})
    assert heard == [False]
    assert (pixels(painter.mask) == pixels(box_mask())).all()


@pytest.mark.parametrize("feather", [1, 8, 64])
def test_the_feather_is_a_gaussian_of_half_its_width(painter: MaskPainter, feather: int) -> None:
    painter.mask = box_mask()
    painter.feather = feather
    expected = box_mask().filter(ImageFilter.GaussianBlur(feather / 2))
    assert (pixels(painter.mask) == pixels(expected)).all()
    painter.feather = 0
    assert (pixels(painter.mask) == pixels(box_mask())).all()


def test_the_feather_ends_about_its_width_from_the_edge() -> None:
    painter = MaskPainter(Image.new("RGB", (400, 40)), feather=20)
    half = Image.new("L", (400, 40))
    half.paste(255, (200, 0, 400, 40))
    painter.mask = half
    row = pixels(painter.mask)[20]
    assert row[100] == 0
    assert row[300] == 255
    assert row[180] < 0.05 * 255
    assert row[219] > 0.95 * 255
    assert abs(row[199] + row[200] - 255) <= 4
    assert (np.diff(row) >= 0).all()


def test_a_filled_mask_has_no_soft_edge_at_the_border(painter: MaskPainter) -> None:
    painter.feather = 64
    painter.fill()
    assert painter.mask.getextrema() == (255, 255)


def test_a_mask_of_another_size_is_refused_with_the_remedy(painter: MaskPainter) -> None:
    with refused("mask-size-differs", "mask"):
        painter.mask = Image.new("L", (60, 40))
    with refused("not-a-picture", "mask"):
        painter.mask = np.zeros((80, 120))


@pytest.mark.parametrize("value", [None, 3, b"PNG", [1, 2]])
def test_a_wrong_type_is_refused(value: Any) -> None:
    with refused("not-a-picture", "image"):
        MaskPainter(value)


def test_files_that_are_no_pictures_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    Image.effect_noise((64, 64), 50).save(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:600])
    for name in ("text.png", "cut.png"):
        with refused("picture-unreadable"):
            MaskPainter(tmp_path / name)
    with refused("file-missing", "image"):
        MaskPainter(tmp_path / "none.png")
    with refused("folder-instead-of-file", "image"):
        MaskPainter(tmp_path)


@pytest.mark.parametrize("size", [(4097, 10), (10, 4097), (0, 10)])
def test_absurd_sizes_are_refused(size: tuple[int, int], tmp_path: Path) -> None:
    with refused("picture-too-large", "image"):
        MaskPainter(Image.new("1", size))
    if all(size):
        Image.new("1", size).save(tmp_path / "large.png")
        with refused("picture-too-large"):
            MaskPainter(tmp_path / "large.png")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("brush", 0, "out-of-range"),
        ("brush", 4097, "out-of-range"),
        ("brush", 2.5, "wrong-type"),
        ("feather", -1, "out-of-range"),
        ("feather", 65, "out-of-range"),
    ],
)
def test_widths_out_of_range_are_refused(
    painter: MaskPainter, name: str, value: Any, code: str
) -> None:
    before = getattr(painter, name)
    with refused(code, name):
        setattr(painter, name, value)
    assert getattr(painter, name) == before
    with refused(code, name):
        MaskPainter(Image.new("RGB", SIZE), **{name: value})


def test_the_largest_picture_keeps_a_mask_of_its_size() -> None:
    painter = MaskPainter(Image.new("L", (4096, 4096), 90))
    mask = Image.new("L", (4096, 4096))
    mask.putpixel((4095, 0), 255)
    painter.mask = mask
    assert painter.mask.getbbox() == (4095, 0, 4096, 1)
    with Image.open(io.BytesIO(painter.picture)) as shown:
        assert shown.size == (2048, 2048)


def test_the_picture_travels_as_png_and_stays_what_it_was() -> None:
    given = Image.effect_noise((50, 30), 80).convert("RGB")
    painter = MaskPainter(given)
    with Image.open(io.BytesIO(painter.picture)) as shown:
        assert (shown.format, shown.mode, shown.size) == ("PNG", "RGB", (50, 30))
        assert (pixels(shown) == pixels(given)).all()
    assert painter.image is given
    assert painter.size == (50, 30)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_pictures_of_any_mode_can_be_painted_on(mode: str) -> None:
    painter = MaskPainter(Image.new(mode, (2100, 30)))
    with Image.open(io.BytesIO(painter.picture)) as shown:
        assert shown.mode == "RGB"
        assert shown.width == 2048
    assert painter.size == (2100, 30)


def test_a_photograph_is_turned_upright_once(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    Image.new("RGB", (60, 40)).save(tmp_path / "photo.jpg", exif=exif)
    painter = MaskPainter(tmp_path / "photo.jpg")
    assert painter.size == painter.image.size == (40, 60)
    with Image.open(io.BytesIO(painter.picture)) as shown:
        assert 0x0112 not in shown.getexif()


def test_a_generated_image_gives_its_prompt_as_alt_text() -> None:
    image = GeneratedImage(Image.new("RGB", SIZE), GenerationParams(prompt='a "red" circle'))
    painter = MaskPainter(image, language="en")
    assert painter.alt == 'a "red" circle'
    assert 'alt="a &quot;red&quot; circle: Nothing is painted yet."' in painter.to_static_html()


def test_the_tint_differs_from_the_picture() -> None:
    for colour in ("#ff2a6d", "#00d26a", "#2f7bff"):
        assert MaskPainter(Image.new("RGB", SIZE, colour)).tint != colour


@pytest.mark.parametrize(("language", "sentence"), [("en", "20 % of"), ("zh", "已涂抹 20%")])
def test_both_languages_say_how_much_is_painted(language: str, sentence: str) -> None:
    painter = MaskPainter(Image.new("RGB", SIZE), mask=box_mask(), language=language)
    assert sentence in painter.to_static_html()
    assert f'lang="{language}"' in painter.to_static_html()
    assert set(painter.labels) == set(MaskPainter.LABELS)
    assert all(all(pair) for pair in MaskPainter.LABELS.values())


def test_a_whole_a_small_and_no_mask_are_said(painter: MaskPainter) -> None:
    assert "Nothing is painted yet." in painter.to_static_html()
    painter.fill()
    assert "The whole picture is painted." in painter.to_static_html()
    dot = Image.new("L", SIZE)
    dot.putpixel((3, 3), 255)
    painter.mask = dot
    assert "Less than 1 % of the picture is painted." in painter.to_static_html()


def test_the_still_form_is_a_small_picture_with_the_mask_on_it() -> None:
    noise = Image.effect_noise((1500, 1500), 120).convert("RGB")
    mask = Image.new("L", noise.size)
    mask.paste(255, (0, 0, 750, 1500))
    painter = MaskPainter(noise, mask=mask)
    text = painter.to_static_html()
    assert len(text) < 60_000
    assert "<script" not in text
    data = re.search(r'src="data:image/jpeg;base64,([^"]+)"', text)
    assert data is not None
    with Image.open(io.BytesIO(base64.b64decode(data[1]))) as jpeg:
        shown = pixels(jpeg.convert("RGB").resize((100, 100)))
    left, right = shown[:, :45].mean((0, 1)), shown[:, 55:].mean((0, 1))
    assert np.ptp(left) > 60  # coloured
    assert np.ptp(right) < 12  # grey, as the picture


def test_the_module_draws_without_a_network() -> None:
    script = str(MaskPainter._esm)
    assert "export default" in script
    assert "http" not in script
    assert "import " not in script


@pytest.mark.parametrize(
    "sent",
    [
        b"no picture",
        encoded(Image.new("LA", (5000, 3000))),
        encoded(Image.new("LA", (32, 32)), "WEBP"),
        encoded(Image.new("RGB", (32, 32))),
    ],
)
def test_the_page_can_set_nothing_but_a_mask_of_the_pictures_size(sent: bytes) -> None:
    painter = MaskPainter(Image.new("RGB", (32, 32)))
    with pytest.raises(traitlets.TraitError):
        painter.mask_png = sent
    assert painter.empty


def test_a_page_cannot_send_another_mask_or_other_words(painter: MaskPainter) -> None:
    painter.fill()
    kept = painter.mask_png
    for image, form in (
        (Image.new("LA", (SIZE[0] + 1, SIZE[1])), "PNG"),
        (Image.new("L", SIZE), "PNG"),
        (Image.new("RGBA", SIZE), "WEBP"),
    ):
        buffer = io.BytesIO()
        image.save(buffer, form)
        with pytest.raises(traitlets.TraitError):
            painter.set_state({"mask_png": buffer.getvalue()})
        assert painter.mask_png == kept
    with pytest.raises(traitlets.TraitError):
        painter.set_state({"mask_png": b"no picture"})
    words = dict(painter.labels)
    painter.set_state({"labels": {"some": "{n!r:>999999}"}, "language": "xx"})
    assert painter.labels == words
    assert painter.language in ("en", "zh")
