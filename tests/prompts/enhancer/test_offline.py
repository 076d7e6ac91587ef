"""Candidates from ready clauses: whole prompts, different ones, in words that the model knows."""

from __future__ import annotations

import pickle
import re
from itertools import islice

import numpy as np
import pytest

from refusals import refused
from zimg_kernel.engine.local import LocalEngine
from zimg_kernel.errors import BadInput
from zimg_kernel.nano.text import vocabulary
from zimg_kernel.params import GenerationParams
from zimg_kernel.prompts import enhance, lint
from zimg_kernel.prompts.enhancer.offline import expansions, kind_of

MINIATURE = {
    "一只猫": "shapes",
    "a red circle": "shapes",
    "左边一个红色的圆，右边一个蓝色的方块": "shapes",
    "three cats on the grass": "shapes",
    "五颗星星": "shapes",
    "a red house": "shapes",
    "山和湖": "land",
    "a house by a lake": "land",
    "水墨画：山和湖": "land",
    "a lake at dusk, pixel art": "land",
    'a sign that says "OPEN"': "sign",
    "招牌上写着“书店”": "sign",
}
FULL = ("一只猫", "a cat", CATS := "两只橘猫趴在红色沙发上", "新品上市的海报，上面写着“八折”",
        "an old fisherman in Lisbon, golden hour")  # fmt: skip


class Elsewhere:
    """An engine whose models are in another process."""

    def default_model(self):
        return "z-image-turbo"

    def run(self, work, model=None):
        raise BadInput("The models are elsewhere.", code="tasks-not-supported", field="model")


@pytest.mark.parametrize("prompt", MINIATURE)
def test_the_miniature_gets_only_words_that_it_knows(prompt: str) -> None:
    assert kind_of(prompt) == MINIATURE[prompt]
    assert vocabulary.read(prompt).unknown == ()
    found = list(expansions(prompt, 1, miniature=True))
    assert len(found) == len(set(found)) >= 4
    for text in found:
        assert text.startswith(prompt)
        assert len(text) > len(prompt)
        assert vocabulary.read(text).unknown == ()


@pytest.mark.parametrize("prompt", FULL)
def test_full_size_models_get_clauses_that_the_checker_has_nothing_against(prompt: str) -> None:
    before = {finding.rule for finding in lint(prompt)}
    found = list(islice(expansions(prompt, 3, miniature=False), 40))
    assert len(found) == len(set(found)) == 40
    for text in found:
        assert text.startswith(prompt)
        assert {finding.rule for finding in lint(text)} <= before - {"vague"}


def test_what_the_prompt_says_already_is_left_alone() -> None:
    for text in islice(expansions("a red fox at night", 1, miniature=False), 30):
        assert "palette" not in text
        assert not re.search(r"\blight\b", text)
    for text in expansions("山和湖，黄昏", 1, miniature=True):
        assert "白天" not in text
        assert "夜晚" not in text


def test_a_seed_decides() -> None:
    first, again, other = (
        enhance("a red circle", 3, model="nano-turbo", seed=s) for s in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert (first.seed, first[0].made, first[0].kept) == (1, "offline", ("red circle", "circle"))
    assert first.notes == (
        "The text encoder of nano-turbo cannot write, so these are put together from ready "
        "clauses; a full-size model or an endpoint (ZIMG_ENHANCER_URL) writes freely.",
    )
    drawn = enhance("a red circle", 1, model="nano-turbo")
    assert enhance("a red circle", 1, model="nano-turbo", seed=drawn.seed) == drawn


def test_a_prompt_that_says_everything_gets_nothing_but_a_sentence() -> None:
    full = "老渔夫肖像，风霜的皮肤，深蓝色羊毛衫，窗边柔光，85mm镜头，浅景深"
    found = enhance(full, 2, engine=Elsewhere(), seed=1)
    assert found.texts == []
    assert found.notes[-1] == "The prompt says all already that the ready clauses could add."


def test_an_engine_elsewhere_gets_clauses() -> None:
    found = enhance("a cat", 2, engine=Elsewhere(), seed=1)
    assert found[0].made == "offline"
    assert found.notes[0].startswith("The engine is not in this process, so these are")


def test_it_shows_itself() -> None:
    found = enhance('a <b> sign that says "OPEN"', 2, model="nano-turbo", seed=1)
    page = found._repr_html_()
    assert page.count("<tr>") == 3
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert repr(found).splitlines()[1] == f"1. {found[0].text}"
    assert pickle.loads(pickle.dumps(found)).prompt == found.prompt
    assert found[0].notes  # "b" is no word that the miniature knows


def test_a_longer_prompt_is_still_drawn(engine: LocalEngine) -> None:
    (longer,) = enhance("a red circle", 1, model="nano-turbo", seed=1)
    params = GenerationParams(prompt=longer.text, model="nano-turbo", seed=1)
    drawn = engine.submit(params, save=False).result(60).image
    red, green, blue = np.asarray(drawn.convert("RGB")).transpose(2, 0, 1)
    assert 0.05 < ((red > 160) & (green < 100) & (blue < 100)).mean() < 0.6


@pytest.mark.parametrize(
    ("prompt", "given", "code", "field"),
    [
        (" ", {}, "empty-prompt", "prompt"),
        (7, {}, "wrong-type", "prompt"),
        ("a cat", {"n": 0}, "out-of-range", "n"),
        ("a cat", {"n": True}, "out-of-range", "n"),
        ("a cat", {"seed": -2}, "out-of-range", "seed"),
        ("a cat", {"max_tokens": 1}, "out-of-range", "max_tokens"),
        ("a cat", {"temperature": 3}, "out-of-range", "temperature"),
        ("a cat " * 400, {}, "prompt-too-long", "prompt"),
    ],
)
def test_bad_input_is_refused(
    prompt: object, given: dict[str, object], code: str, field: str | None
) -> None:
    with refused(code, field):
        enhance(prompt, **{"model": "nano-turbo", **given})


def test_an_unknown_model_is_refused() -> None:
    with refused("unknown-model", "model"):
        enhance("a cat", model="nano")
