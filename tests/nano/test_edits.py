"""Edits: everything but the named change stays, and the judge sees both."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from zimg_kernel.nano.evaluate.cases import EDIT_MIX, edit_cases, forbid, open_cases, text_cases
from zimg_kernel.nano.judge.edit_score import picture_of, score_edit
from zimg_kernel.nano.judge.sign_ocr import sign_score
from zimg_kernel.nano.world.composites import COMPOSITES
from zimg_kernel.nano.world.edits import EDITS, sample_edit
from zimg_kernel.nano.world.scenes import HELD_OUT, MIX, sample


def _right(case, picture) -> bool:
    from zimg_kernel.nano.evaluate.cases import check

    checks = check(case, picture)
    if case.scene.sign is not None:
        return checks["word"]
    return checks["all"]


@pytest.mark.parametrize("kind", EDITS)
def test_only_what_is_named_changes(kind):
    rng = random.Random(kind)
    for _ in range(40):
        edit = sample_edit(rng, kind)
        assert edit.instruction
        assert edit.source != edit.target
        assert sample_edit(random.Random(7), kind) == sample_edit(random.Random(7), kind)
        if kind in ("recolour", "reshape", "move", "resize"):
            pairs = zip(edit.source.things, edit.target.things, strict=True)
            assert [i for i, (a, b) in enumerate(pairs) if a != b] == [edit.index]
        if kind in ("add", "remove"):
            longer = max(edit.source.things, edit.target.things, key=len)
            shorter = min(edit.source.things, edit.target.things, key=len)
            assert longer[: edit.index] + longer[edit.index + 1 :] == shorter
        assert not any((t.colour, t.shape) in HELD_OUT for t in edit.target.things)
        if kind != "background":
            assert edit.source.background == edit.target.background


@pytest.mark.parametrize("kind", EDIT_MIX)
def test_the_judge_accepts_the_target_and_refuses_the_source(kind):
    rng = random.Random(3)
    for lang in ("zh", "en"):
        edit = sample_edit(rng, kind, lang, details=False)
        right = score_edit(picture_of(edit.target, 256, 256), edit)
        assert right["changed"], edit
        assert right["kept"], edit
        assert right["psnr"] is None or right["psnr"] > 40
        assert not score_edit(picture_of(edit.source, 256, 256), edit)["changed"], edit


def test_a_planted_side_effect_is_found():
    edit = sample_edit(random.Random(11), "recolour", "en", details=False)
    while len(edit.target.things) < 2:
        edit = sample_edit(random.Random(edit.instruction), "recolour", "en", details=False)
    other = 1 - edit.index if edit.index < 2 else 0
    things = list(edit.target.things)
    things[other] = replace(things[other], x=1 - things[other].x, y=0.9, radius=0.05)
    result = score_edit(picture_of(replace(edit.target, things=tuple(things)), 256, 256), edit)
    assert result["changed"]
    assert not result["kept"]


def test_cases_are_right_on_their_own_drawings():
    cases = text_cases(70, 4)
    right = [_right(c, picture_of(c.scene, 256, 256)) for c in cases]
    assert sum(right) >= 0.99 * len(cases), [
        c.prompt for c, r in zip(cases, right, strict=True) if not r
    ]
    assert {c.lang for c in cases} == {"zh", "en"}
    assert any(c.scene.things and c.scene.things[0].shape in COMPOSITES for c in cases)
    assert text_cases(70, 4) == cases
    assert len(edit_cases(20, 1)) >= 12


def test_a_negative_case_forbids_what_the_picture_shows():
    case = open_cases(2, 5)[1]
    shown = picture_of(case.scene, 256, 256)
    forbidden = forbid(case, shown)
    assert forbidden is not None
    assert forbidden.negative.split()[0] == case.scene.things[0].colour
    from zimg_kernel.nano.evaluate.cases import check

    assert not check(forbidden, shown)["gone"]


def test_every_world_is_sampled():
    rng = random.Random(0)
    scenes = [sample(rng) for _ in range(400)]
    kinds = [s.kind for s in scenes]
    for kind in ("sign", "landscape"):
        wanted = MIX[kind] * len(scenes)
        assert abs(kinds.count(kind) - wanted) < 3 * wanted**0.5
    assert 5 < sum(s.quality != "fine" for s in scenes) < 45
    sign = next(s for s in scenes if s.sign is not None and s.quality == "fine" and not s.things)
    assert sign_score(picture_of(sign, 256, 256), sign.sign)["word"]
