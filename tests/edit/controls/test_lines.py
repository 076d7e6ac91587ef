"""Canny, soft edges and scribbles of drawn shapes and of the miniature's pictures."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from refusals import refused
from zimg_kernel import GenerationParams, LocalEngine
from zimg_kernel.edit.controls import KINDS, control_map, preview_control

LINES = ("canny", "soft-edge", "scribble")
CENTRE, RADIUS = (96, 80), 50


def disc(
    size: tuple[int, int] = (256, 192), colour: str = "red", ground: str = "white"
) -> Image.Image:
    image = Image.new("RGB", size, ground)
    x, y = CENTRE
    ImageDraw.Draw(image).ellipse((x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS), fill=colour)
    return image


def values(made: Image.Image) -> np.ndarray:
    """The map's brightness (h, w); it must be grey."""
    pixels = np.asarray(made)
    assert made.mode == "RGB"
    assert (pixels == pixels[..., :1]).all()
    return pixels[..., 0]


def to_rim(size: tuple[int, int]) -> np.ndarray:
    """Each pixel's distance to the disc's rim, px."""
    y, x = np.mgrid[: size[1], : size[0]]
    return np.abs(np.hypot(x - CENTRE[0], y - CENTRE[1]) - RADIUS)


@pytest.mark.parametrize("kind", LINES)
def test_lines_are_where_the_rim_is_and_all_around_it(kind: str) -> None:
    image = disc()
    drawn = values(control_map(image, kind))
    rim = to_rim(image.size)
    assert drawn.shape == (192, 256)
    assert rim[drawn > 127].max() < 5
    places = np.argwhere(rim < 0.5)
    assert len(places) > 250
    assert all(drawn[y - 2 : y + 3, x - 2 : x + 3].max() > 127 for y, x in places)


def test_canny_is_thin_soft_edges_are_soft_and_scribbles_are_bold() -> None:
    length = 2 * np.pi * RADIUS
    thin, soft, bold = (values(control_map(disc(), kind)) for kind in LINES)
    assert set(np.unique(thin)) == {0, 255}
    assert (thin > 0).sum() < 1.3 * length
    assert len(np.unique(soft)) > 50
    assert set(np.unique(bold)) == {0, 255}
    assert 2.5 * length < (bold > 0).sum() < 6 * length


def test_edge_between_colours_of_one_lightness_is_seen() -> None:
    image = disc(colour="#c80000", ground="#006600")
    grey = np.asarray(image.convert("L"), dtype=int)
    assert np.ptp(grey) < 2
    for kind in LINES:
        assert (values(control_map(image, kind)) > 100).sum() > 250


def test_soft_edges_grow_with_the_contrast() -> None:
    weak = values(control_map(disc(colour="#e0e0e0"), "soft-edge")).max()
    strong = values(control_map(disc(colour="#000000"), "soft-edge")).max()
    assert 10 < weak < 150 < strong


def test_settings_do_what_they_say() -> None:
    image = disc(colour="#d0d0d0")
    assert values(control_map(image, "canny", low=50, high=100)).any()
    with refused("nothing-found", "image"):
        control_map(image, "canny", low=300, high=600)
    with refused("nothing-found", "image") as caught:
        control_map(image, "soft-edge", threshold=0.5)
    assert "threshold (0.5 " in str(caught.value)
    narrow, wide = (values(control_map(disc(), "scribble", width=w)) for w in (1, 12))
    assert (wide > 0).sum() > 5 * (narrow > 0).sum()
    hard, soft = (values(control_map(disc(), "soft-edge", softness=s)) for s in (0.5, 6))
    assert (soft > 20).sum() > 2 * (hard > 20).sum()


def test_scribble_leaves_out_specks() -> None:
    image = disc()
    ImageDraw.Draw(image).rectangle((220, 20, 222, 22), fill="black")
    corner = slice(0, 50), slice(200, 256)
    assert values(control_map(image, "canny"))[corner].any()
    assert not values(control_map(image, "scribble"))[corner].any()


@pytest.mark.parametrize("kind", LINES)
def test_flat_picture_is_refused_in_a_sentence(kind: str) -> None:
    with refused("nothing-found", "image") as caught:
        control_map(Image.new("RGB", (64, 64), "orange"), kind)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (5, 5), (1, 300), (3000, 40)])
def test_odd_sizes_give_a_map_of_that_size_or_a_sentence(size: tuple[int, int]) -> None:
    image = Image.new("L", size)
    image.paste(255, (0, 0, -(-size[0] // 2), -(-size[1] // 2)))
    for kind in LINES:
        if size == (1, 1) or (size == (2, 1) and kind != "canny"):
            with refused("nothing-found", "image"):
                control_map(image, kind)
        else:
            assert control_map(image, kind).size == size


def test_any_mode_is_taken_and_a_map_comes_back_as_it_is() -> None:
    clear = disc().convert("RGBA")
    clear.putalpha(0)
    with refused("nothing-found", "image"):  # nothing but the white ground is seen
        control_map(clear, "canny")
    assert control_map(disc().convert("P"), "canny").size == (256, 192)
    own = control_map(disc(), "soft-edge")
    assert control_map(own, "map").tobytes() == own.tobytes()


@pytest.mark.parametrize(
    ("kind", "given", "code", "field", "named"),
    [
        ("cany", {}, "unknown-choice", "kind", "canny"),
        ("lines", {}, "unknown-choice", "kind", "canny"),
        ("canny", {"treshold": 3}, "unknown-parameter", "treshold", "low, high"),
        ("map", {"low": 3}, "unknown-parameter", "low", ""),
        ("canny", {"low": 0}, "out-of-range", "low", "1 to 1000"),
        ("canny", {"low": 300, "high": 100}, "out-of-range", "low", ""),
        ("scribble", {"width": 2.5}, "out-of-range", "width", "2.5"),
        ("soft-edge", {"softness": "much"}, "out-of-range", "softness", "much"),
    ],
)
def test_bad_kinds_and_settings_are_refused(
    kind: str, given: dict[str, object], code: str, field: str, named: str
) -> None:
    with refused(code, field) as caught:
        control_map(disc(), kind, **given)
    assert named in str(caught.value)  # the nearest name, the limits


def test_preview_shows_what_there_is_and_says_what_is_missing() -> None:
    shown = preview_control(disc(), ("canny", "scribble", "depth"), canny={"low": 50})
    page = shown._repr_html_()
    assert list(shown.maps) == ["canny", "scribble"]
    assert page.count("<img") == 3
    assert "zimg pull depth" in page
    assert "scribble map" in page
    assert len(page) < 60_000
    with refused("wrong-type", "soft-edge"):
        preview_control(disc(), "canny", soft_edge={"threshold": 0.1})


def test_lines_of_a_drawn_picture_follow_its_shape(engine: LocalEngine) -> None:
    image = engine.submit(GenerationParams(prompt="a red circle", seed=3)).result().image
    red = np.asarray(image, dtype=int)
    inside = (red[..., 0] - red[..., 1:].max(-1)) > 80
    assert inside.mean() > 0.02
    rim = inside ^ np.roll(inside, 1, 0) | inside ^ np.roll(inside, 1, 1)
    for kind in LINES:
        drawn = values(control_map(image, kind)) > 60
        near = [
            drawn[max(0, b - 3) : b + 4, max(0, a - 3) : a + 4].any() for b, a in np.argwhere(rim)
        ]
        assert np.mean(near) > 0.9


def test_every_kind_is_named() -> None:
    assert KINDS == ("canny", "soft-edge", "scribble", "depth", "pose", "map")
