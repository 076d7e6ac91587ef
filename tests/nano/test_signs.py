from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from zimg_kernel.nano.draw import glyphs, sign_render
from zimg_kernel.nano.draw.render import draw
from zimg_kernel.nano.draw.things import pack
from zimg_kernel.nano.judge import sign_ocr
from zimg_kernel.nano.world import signs
from zimg_kernel.nano.world.palette import COLOURS
from zimg_kernel.nano.world.scenes import sample_scene
from zimg_kernel.nano.world.signs import Sign

PALETTE = torch.tensor(list(COLOURS.values())) / 255
SIZES = [(256, 256), (192, 256), (320, 320)]


def fitting(n: int, height: int, width: int, seed: int = 0) -> list[Sign]:
    rng = random.Random(seed)
    found: list[Sign] = []
    while len(found) < n:
        sign = signs.sample_sign(rng)
        if signs.fits(sign, height, width):
            found.append(sign)
    return found


def drawn(some: list[Sign | None], height: int, width: int) -> Tensor:
    rows = torch.tensor([sign_render.encode(s) for s in some], dtype=torch.float32)
    paper = torch.linspace(0.98, 0.92, height)[None, None, :, None]
    pictures = paper.expand(len(some), 3, height, width)
    atlas = torch.from_numpy(glyphs.atlas().copy())
    return sign_render.paste(pictures, rows, atlas, PALETTE)


def worn(pictures: Tensor) -> Tensor:
    """A 3 x 3 box blur, then noise."""
    blurred = F.avg_pool2d(F.pad(pictures, (1, 1, 1, 1), mode="replicate"), 3, 1)
    noise = torch.randn(pictures.shape, generator=torch.Generator().manual_seed(0))
    return (blurred + 0.04 * noise).clamp(0, 1)


def right(some: list[Sign], pictures: Tensor) -> float:
    scores = [sign_ocr.sign_score(p, s) for s, p in zip(some, pictures, strict=True)]
    return sum(s["glyphs"] for s in scores) / sum(s["of"] for s in scores)


def test_every_text_has_its_glyphs() -> None:
    assert len(set(glyphs.CHARS)) == len(glyphs.CHARS) == len(glyphs.atlas())
    assert set("".join(signs.ZH_PHRASES)) <= set(glyphs.CHINESE)
    assert set("".join(signs.EN_WORDS)) <= set(glyphs.CAPITALS)
    assert {len(t) for t in signs.ZH_PHRASES + signs.EN_WORDS} == {1, 2, 3, 4, 5, 6}
    assert glyphs.atlas().max(axis=(1, 2)).min() > 0.9


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize(("wear", "least"), [(None, 0.99), (worn, 0.97)])
def test_signs_read_back(
    height: int, width: int, wear: Callable[[Tensor], Tensor] | None, least: float
) -> None:
    some = fitting(51, height, width, seed=height)
    pictures = drawn(list(some), height, width)
    assert right(some, wear(pictures) if wear else pictures) >= least


def test_a_wrong_glyph_is_seen() -> None:
    for sign in fitting(10, 256, 256, seed=5):
        wrong = "茶" if sign.text[-1] != "茶" else "A"
        planted = replace(sign, text=sign.text[:-1] + wrong)
        score = sign_ocr.sign_score(drawn([planted], 256, 256)[0], sign)
        assert score == {"glyphs": len(sign.text) - 1, "of": len(sign.text), "word": False}


def test_no_lettering_in_plain_shapes() -> None:
    rng = random.Random(1)
    kinds = ("single", "two", "count")
    scenes = [sample_scene(rng, kinds[i % 3]) for i in range(40)]
    # One at a time: a batch pays for the most marks that any of its scenes has.
    pictures = [draw(pack([scene]), 160, 192)[0] for scene in scenes]
    found = [sign_ocr.read_sign(p) for p in pictures]
    # Now and then an edge is taken for a character of two strokes.
    assert found.count("") >= 39


@pytest.mark.parametrize(("height", "width"), [*SIZES, (128, 128), (144, 208)])
def test_paste_draws_where_cells_say(height: int, width: int) -> None:
    rng = random.Random(2)
    some = [replace(s, x=rng.random(), y=rng.random()) for s in fitting(20, height, width)]
    before, after = drawn([None], height, width)[0], drawn(list(some), height, width)
    for sign, picture in zip(some, after, strict=True):
        top, left, bottom, right_ = signs.board_box(sign, height, width)
        assert 0 <= top < bottom <= height
        assert 0 <= left < right_ <= width
        outside = torch.ones(height, width, dtype=torch.bool)
        outside[top:bottom, left:right_] = False
        assert torch.equal(picture[:, outside], before[:, outside])
        board, ink = (PALETTE[list(COLOURS).index(c)] for c in (sign.board, sign.ink))
        middle = picture[:, top + 3, (left + right_) // 2]
        assert torch.equal(middle, board)
        assert not torch.equal(picture[:, top, (left + right_) // 2], board)
        for char, (y, x) in zip(sign.text, signs.cells(sign, height, width), strict=True):
            assert y % 16 == x % 16 == 0
            cover = torch.tensor(glyphs.atlas()[glyphs.CHARS.index(char)])
            want = board[:, None, None] + (ink - board)[:, None, None] * cover
            assert torch.allclose(picture[:, y : y + 32, x : x + 32], want, atol=1e-6)


def test_paste_leaves_others_untouched() -> None:
    pictures = torch.rand(3, 3, 128, 128)
    rows = [sign_render.encode(s) for s in (None, Sign("福", 0.5, 0.5), None)]
    atlas = torch.from_numpy(glyphs.atlas().copy())
    out = sign_render.paste(pictures, torch.tensor(rows, dtype=torch.float32), atlas, PALETTE)
    assert torch.equal(out[::2], pictures[::2])
    assert not torch.equal(out[1], pictures[1])


def test_what_does_not_fit_is_refused() -> None:
    sign = Sign("新品上市好", 0.5, 0.5)
    assert signs.fits(sign, 128, 192)
    assert not signs.fits(sign, 256, 128)
    with pytest.raises(ValueError, match="does not fit"):
        signs.cells(sign, 256, 128)


def test_captions_say_the_text_and_no_more() -> None:
    rng = random.Random(3)
    for _ in range(1500):
        sign = signs.sample_sign(rng)
        for lang in ("zh", "en"):
            text = signs.sign_caption(sign, rng, lang)
            assert sign.text in text
            rest = text.replace(sign.text, "").lower()
            said = any(w in rest for w in ("竖", "从上到下", "vertical", "top to bottom"))
            assert said == sign.vertical, text
            if not (sign.board_named or sign.ink_named):
                assert not any(c in rest for c in ("色", "red", "blue", "black", "white")), text


def test_samples_follow_what_was_asked() -> None:
    rng = random.Random(4)
    plain = [signs.sample_sign(rng, details=False, place=None, lang="en") for _ in range(200)]
    assert {(s.ink, s.board, s.vertical, s.x, s.y) for s in plain} == {
        ("black", "white", False, 0.5, 0.5)
    }
    assert all(s.text.isascii() for s in plain)
    some = [signs.sample_sign(rng) for _ in range(3000)]
    assert all(signs.fits(s, 256, 256) and signs.legible(s.ink, s.board) for s in some)
    seen = np.array([[len(s.text) > 4, s.place is None, s.vertical] for s in some]).mean(0)
    assert np.allclose(seen, (0.1, 0.55, 0.11), atol=0.04)
    assert {c for s in some for c in s.text} == set(glyphs.CHARS)
