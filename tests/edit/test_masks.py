"""Masks: what is black stays to the bit, whatever mask and picture are given."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from refusals import refused
from zimg_kernel import LocalEngine, edit
from zimg_kernel.edit.masks import faded, load_mask, put_back

PROMPT = "a green star on the right"


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """Pixels of which each is different, so that none can move unseen."""
    bands = 4 if mode == "RGBA" else 3
    pixels = np.random.default_rng(1).integers(0, 256, (size[1], size[0], bands), np.uint8)
    return Image.fromarray(pixels, mode)


def blob(size: tuple[int, int]) -> Image.Image:
    """A round mask with a soft edge, right of the middle."""
    mask = Image.new("L", size, 0)
    box = (size[0] // 2, size[1] // 4, size[0] * 7 // 8, size[1] * 3 // 4)
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    small = mask.resize((size[0] // 4, size[1] // 4), Image.Resampling.BOX)
    return small.resize(size, Image.Resampling.BILINEAR)


@pytest.mark.parametrize(
    ("size", "mode", "area", "feather"),
    [
        ((256, 256), "RGB", "auto", 0),
        ((251, 187), "RGB", "whole", 12),
        ((700, 500), "RGB", "auto", 5),
        ((700, 500), "RGBA", "masked", 0),
        ((700, 500), "RGB", "whole", 0),
        ((60, 60), "RGBA", "auto", 0),
    ],
)
def test_what_is_not_masked_comes_back_to_the_bit(
    size: tuple[int, int], mode: str, area: str, feather: int, warm_engine: LocalEngine
) -> None:
    image, mask = noise(size, mode), blob(size)
    result = (
        edit.inpaint(
            image, mask, PROMPT, area=area, feather=feather,  # type: ignore[arg-type]
            steps=2, seed=3, engine=warm_engine,
        )
        .result()
        .image
    )  # fmt: skip
    before, after, black = np.asarray(image), np.asarray(result), np.asarray(mask) == 0
    assert result.size == size
    assert result.mode == mode
    assert (before[black] == after[black]).all()
    assert (before[~black] != after[~black]).any(-1).mean() > 0.8


def test_what_was_there_before_an_outpainting_stays_to_the_bit(warm_engine: LocalEngine) -> None:
    image = noise((200, 150), "RGBA")
    result = (
        edit.outpaint(image, left=40, bottom=30, prompt=PROMPT, steps=2, seed=1, engine=warm_engine)
        .result()
        .image
    )
    assert result.size == (240, 180)
    assert (np.asarray(result)[:150, 40:] == np.asarray(image)).all()
    assert np.asarray(result)[150:, :, 3].min() == 255


def test_a_mask_is_taken_in_every_mode() -> None:
    mask = blob((64, 48))
    clear = Image.merge("LA", (Image.new("L", mask.size, 255), mask))
    for given in (mask.convert("RGB"), clear, mask.convert("F").point(lambda v: v / 255)):
        taken, said = load_mask(given, mask.size)
        assert np.abs(np.asarray(taken, int) - np.asarray(mask, int)).max() <= 1
        assert not said


def test_a_mask_of_another_size_is_scaled_and_one_of_another_shape_refused() -> None:
    taken, said = load_mask(blob((128, 96)), (64, 48))
    assert taken.size == (64, 48)
    assert "128×96 to 64×48" in said[0]
    with refused("mask-size-differs", "mask"):
        load_mask(blob((96, 96)), (64, 48))


def test_an_empty_mask_is_refused_and_a_full_one_said() -> None:
    with refused("empty-mask", "mask"):
        load_mask(Image.new("L", (8, 8), 0), (8, 8))
    with refused("empty-mask", "mask"):
        load_mask(Image.new("RGBA", (8, 8), (255, 255, 255, 0)), (8, 8))
    _, said = load_mask(Image.new("L", (8, 8), 255), (8, 8))
    assert "covers the whole picture" in said[0]


def test_a_feather_fades_inside_the_mask_only() -> None:
    mask = Image.new("L", (40, 40), 0)
    mask.paste(255, (10, 10, 30, 30))
    soft = np.asarray(faded(mask, 4))
    assert (soft[np.asarray(mask) == 0] == 0).all()
    assert list(soft[20, 10:15]) == [51, 102, 153, 204, 255]


def test_repainting_a_clear_part_makes_it_solid() -> None:
    image = Image.new("RGBA", (8, 8), (9, 8, 7, 0))
    mask = Image.new("L", (8, 8), 0)
    mask.putpixel((2, 2), 255)
    result = put_back(image, Image.new("RGB", (8, 8), "red"), mask, (0, 0, 8, 8))
    assert result.getpixel((2, 2)) == (255, 0, 0, 255)
    assert result.getpixel((3, 3)) == (9, 8, 7, 0)  # also the colour that nobody sees
