"""Judges of a benchmark's pictures: lettering, likeness, items of prompts, and people."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from refusals import refused
from zimg_kernel import GeneratedImage, GenerationParams, get_card
from zimg_kernel.experiments.bench.judge.lettering import Reading, lettering_scores, read_sign
from zimg_kernel.experiments.bench.judge.likeness import likeness_to, psnr, ssim
from zimg_kernel.experiments.bench.judge.people import (
    FILE,
    SET,
    people_scores,
    pictures_to_rate,
    read_answers,
)
from zimg_kernel.experiments.bench.judge.pictures import judge_picture
from zimg_kernel.experiments.bench.judge.prompts import JudgedPrompt, judged_prompts
from zimg_kernel.experiments.bench.judge.result import judge_result, judged_cases
from zimg_kernel.experiments.bench.result import BenchResult, CompetitorFacts, Run
from zimg_kernel.experiments.rating.pixel_hash import pixel_hash
from zimg_kernel.experiments.rating.store import Ratings
from zimg_kernel.experiments.suite.ocr import edit_distance
from zimg_kernel.nano.draw.render import draw
from zimg_kernel.nano.draw.things import pack
from zimg_kernel.nano.world.scenes import Scene
from zimg_kernel.nano.world.signs import Sign


def sign(text: str) -> Image.Image:
    pixels = draw(pack([Scene("sign", (), sign=Sign(text, 0.5, 0.5))]), 256, 256)[0]
    return Image.fromarray((pixels.permute(1, 2, 0) * 255).round().byte().numpy())


def photo(seed: int = 0, side: int = 64) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return Image.fromarray(noise).filter(ImageFilter.GaussianBlur(2))


@pytest.mark.parametrize(
    ("wanted", "found", "whole", "edits"),
    [("kitten", "sitting", True, 3), ("新春快乐", "新年快乐", True, 1), ("abc", "", True, 3),
     ("OPEN", "we are OPEN now", False, 0), ("OPEN", "we are OPEN", True, 7)],
)  # fmt: skip
def test_edit_distance(wanted: str, found: str, whole: bool, edits: int) -> None:
    assert edit_distance(wanted, found, whole) == edits


def test_accuracy_is_of_characters_by_language() -> None:
    readings = [Reading.of("新春快乐", "新年快乐"), Reading.of("ＳＡＬＥ", "big sale 50%"),
                Reading.of("EXIT", "")]  # fmt: skip
    assert [reading.edits for reading in readings] == [1, 0, 4]
    scores = lettering_scores(readings)
    assert scores["zh"].accuracy == 0.75
    assert scores["en"].accuracy == 0.5
    assert scores["all"].edits == 5
    assert scores["all"].low <= scores["all"].accuracy <= scores["all"].high
    assert "zh" not in lettering_scores(readings[1:])


@pytest.mark.slow
def test_a_wrong_character_on_a_sign_is_seen() -> None:
    assert read_sign(sign("新年快乐"), "新年快乐").edits == 0
    assert read_sign(sign("新年快乐"), "新春快乐").edits == 1
    assert read_sign(sign("OPEN"), "OPEN").accuracy == 1


def test_psnr_and_ssim() -> None:
    image = photo()
    assert likeness_to(image, image) == {"ssim": 1}
    changed = Image.fromarray((np.asarray(image) ^ 1).astype(np.uint8))
    assert psnr(image, changed) == pytest.approx(20 * np.log10(255))  # all pixels one off
    blurred = image.filter(ImageFilter.GaussianBlur(3))
    assert 0 < ssim(blurred, image) < ssim(changed, image) < 1
    with refused("invalid-size", "image"):
        psnr(image, photo(side=32))


def test_items_are_judged_one_by_one_and_what_cannot_be_is_absent() -> None:
    prompt = JudgedPrompt(
        id="one",
        prompt='a sign that says "OPEN"',
        items={
            "characters": [{"kind": "sign", "says": "OPEN"}],
            "wrong": [{"kind": "sign", "says": "SHUT"}],
            "mood": None,
            "like": [{"kind": "clip", "min_score": 25}],
        },
    )
    image = GeneratedImage(sign("OPEN"), GenerationParams(prompt="any"))
    found = judge_picture(image, prompt, get_card("nano-turbo"))
    assert found.values["check: characters"] == 1
    assert found.values["check: wrong"] == 0
    assert found.values["score"] == 0.5
    assert not {"check: mood", "check: like"} & set(found.values)
    assert {"check: mood", "check: like", "check: wrong"} <= set(found.notes)
    assert found.values["edits"] == 0
    # The miniature's judge is not asked about another model's pictures.
    assert "check: characters" not in judge_picture(image, prompt, None).values


@pytest.mark.parametrize("suite", ["quality", "checklist"])
def test_every_family_has_prompts_with_items(suite: str) -> None:
    for family in ("nano", "full"):
        prompts = judged_prompts(suite, family)
        assert len({one.id for one in prompts}) == len(prompts) > 8
        assert {one.language for one in prompts} == {"zh", "en"}
        assert any(one.lettering for one in prompts)
    with refused("unknown-choice", "suite"):
        judged_prompts("beauty")


def result_with_pictures(folder: Path) -> BenchResult:
    cases = [one for one in judged_cases("checklist", "nano") if one.name.startswith("phrase-")][:2]
    runs = []
    for number, (case, text) in enumerate(zip(cases, ("新品上市", "夏夏秋冬"), strict=True)):
        sign(text).save(folder / f"{number}.png")
        runs.append(Run(number=number, competitor="nano-turbo", case=case.name, round=0,
                        started=datetime.now(UTC), picture=f"{number}.png"))  # fmt: skip
    runs.append(runs[0].model_copy(update={"number": 2, "picture": "gone.png", "values": {}}))
    facts = CompetitorFacts(name="nano-turbo", kind="engine", facts={"model": "nano-turbo"})
    return BenchResult(suite="checklist", created=datetime.now(UTC), competitors=[facts],
                       cases=cases, runs=runs)  # fmt: skip


def test_all_pictures_of_a_result_are_judged(tmp_path: Path) -> None:
    result = judge_result(result_with_pictures(tmp_path), tmp_path)
    assert [run.values.get("check: characters") for run in result.runs] == [1, 0, None]
    assert [run.values.get("edits") for run in result.runs] == [0, 1, None]


def test_ratings_of_three_people_lie_beside_the_result(tmp_path: Path) -> None:
    result = result_with_pictures(tmp_path)
    files = pictures_to_rate([(result, tmp_path)])
    assert [path.name for path in files] == ["0.png", "1.png"]
    groups = [("good", files[0]), ("bad", files[1])]
    assert people_scores(groups, read_answers(tmp_path / FILE)) is None
    store = Ratings(tmp_path / FILE, SET, "stars")
    for rater, stars in (("a", (5, 2)), ("b", (4, 1)), ("c", (5, 1))):
        for path, value in zip(files, stars, strict=True):
            with Image.open(path) as image:
                store.put(rater, pixel_hash(image), value)
    scores = people_scores(groups, read_answers(tmp_path / FILE))
    assert scores is not None
    assert [row["mean"] for row in scores.rows] == pytest.approx([14 / 3, 4 / 3])
    assert scores.raters == ["a", "b", "c"]
    assert scores.alpha > 0.7
