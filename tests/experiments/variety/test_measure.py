"""Diversity: what it says of equal, shifted and different pictures, and its interval."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from refusals import refused
from zimg_kernel import GeneratedImage, GenerationParams
from zimg_kernel.experiments.variety import diversity
from zimg_kernel.experiments.variety.descriptor import SIZE, describe, lab
from zimg_kernel.experiments.variety.measure import Spread, bootstrap, diversity_of_groups


def picture(
    x: int = 64, colour: str = "red", ground: str = "white", side: int = 128
) -> Image.Image:
    image = Image.new("RGB", (side, side), ground)
    scale = side / 128
    box = [(x - 30) * scale, 34 * scale, (x + 30) * scale, 94 * scale]
    ImageDraw.Draw(image).ellipse(box, fill=colour)
    return image


def bars(upright: bool) -> Image.Image:
    lines = np.zeros((128, 128), dtype=np.uint8)
    lines[:, ::8] = lines[:, 1::8] = lines[:, 2::8] = lines[:, 3::8] = 200
    return Image.fromarray(lines if upright else lines.T).convert("RGB")


def test_equal_pictures_have_none() -> None:
    found = diversity([picture()] * 4)
    assert (found.mean, found.low, found.high, found.pictures) == (0, 0, 0, 4)


def test_a_little_moved_is_less_than_another_picture() -> None:
    def distance(a: Image.Image, b: Image.Image) -> float:
        return diversity([a, b]).mean

    moved = distance(picture(), picture(66))
    assert 0 < moved < 0.05
    assert 2 * moved < distance(picture(), picture(96))
    assert 2 * moved < distance(picture(), picture(colour="blue"))
    assert 2 * moved < distance(picture(), picture(ground="black"))
    assert 2 * moved < distance(bars(upright=True), bars(upright=False))


def test_black_and_white_have_the_documented_distance() -> None:
    pair = [Image.new("RGB", (64, 64), name) for name in ("black", "white")]
    assert diversity(pair).mean == pytest.approx(math.sqrt(0.5), abs=1e-3)


def test_the_order_does_not_matter_and_sizes_may_differ() -> None:
    images = [picture(x, colour) for x in (40, 64, 90) for colour in ("red", "green")]
    shuffled = random.Random(1).sample(images, len(images))
    assert diversity(images) == diversity(shuffled)
    large = picture(side=256)
    assert diversity([picture(), large]).mean < 0.03
    wrapped = GeneratedImage(large, GenerationParams(prompt="x"))
    assert diversity([picture(), wrapped]) == diversity([picture(), large])


def test_colours_are_those_of_cie() -> None:
    assert lab(np.array([255, 255, 255])) == pytest.approx([100, 0, 0], abs=0.01)
    assert lab(np.array([255, 0, 0])) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    assert lab(np.array([0, 0, 0])) == pytest.approx([0, 0, 0], abs=1e-9)
    assert describe(picture()).shape == (SIZE,)


def test_the_interval_holds_the_mean_and_narrows() -> None:
    rng = np.random.default_rng(0)
    few, many = (Spread.of_vectors(rng.normal(size=(n, 4))) for n in (6, 60))
    widths = []
    for spread in (few, many):
        draws = bootstrap([spread])
        low, high = np.quantile(draws, [0.025, 0.975])
        assert low < spread.mean < high
        # A picture drawn twice is no pair of distance 0.
        assert draws.mean() == pytest.approx(spread.mean, rel=0.03)
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_prompts_are_averaged_and_not_mixed() -> None:
    red, blue = [picture()] * 3, [picture(colour="blue")] * 3
    assert diversity_of_groups([red, blue]).mean == 0
    assert diversity(red + blue).mean > 0.05


def test_two_pictures_have_no_interval() -> None:
    found = diversity([picture(), picture(90)])
    assert math.isnan(found.low)
    assert str(found) == f"{found.mean:.3f}"


@pytest.mark.parametrize(
    ("images", "features", "code", "field"),
    [
        ([], "layout", "too-few-pictures", "images"),
        ([picture()], "layout", "too-few-pictures", "images"),
        (["a.png", "b.png"], "layout", "not-a-picture", "images"),
        ([picture(), picture()], "colours", "unknown-choice", "features"),
        ([picture(), picture()], "clip", "clip-missing", "features"),
    ],
)
def test_what_cannot_be_measured_is_said(
    images: list, features: str, code: str, field: str
) -> None:
    with refused(code, field):
        diversity(images, features)  # type: ignore[arg-type]
