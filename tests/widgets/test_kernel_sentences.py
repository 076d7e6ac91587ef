"""Tests of the Chinese of the kernel's sentences."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import zimg_kernel
from zimg_kernel.engine.checks import check
from zimg_kernel.errors import BadInput
from zimg_kernel.models.catalog import load_catalog
from zimg_kernel.params import GenerationParams
from zimg_widgets._shared.kernel_sentences import joined, table, translated, translated_caption

_PLACE = re.compile(r"\{(\w+)\}")


def _words(node: ast.AST) -> str:
    return " ".join(
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


@pytest.fixture(scope="module")
def sources() -> str:
    folder = Path(zimg_kernel.__file__).parent
    return "\n".join(_words(ast.parse(p.read_text("utf-8"))) for p in folder.rglob("*.py"))


@pytest.mark.parametrize("english", table())
def test_each_translation_is_of_a_sentence_in_the_source(english: str, sources: str) -> None:
    for words in _PLACE.split(english)[::2]:
        for sentence in re.split(r"(?<=[;,:]) ", words):
            assert sentence.strip(" ();:.,") in sources


@pytest.mark.parametrize("english", table())
def test_each_translation_keeps_to_the_values_of_its_sentence(english: str) -> None:
    assert set(_PLACE.findall(table()[english])) <= set(_PLACE.findall(english))
    names = _PLACE.findall(english)
    assert len(names) == len(set(names))


def test_values_stay_and_those_that_are_sentences_are_translated() -> None:
    said = translated("There is no parameter called step: did you mean steps?", "zh")
    assert said == "没有名为 step 的参数：是否想用 steps？"
    assert translated("There is no parameter called step: x", "en").endswith("x")
    assert translated("a note of an old record", "zh") == "a note of an old record"


def test_the_kernel_s_own_refusal_and_remarks_are_told_in_chinese() -> None:
    with pytest.raises(BadInput) as caught:
        GenerationParams(prompt=" ")
    assert translated(caught.value, "zh").startswith("提示词为空")
    card = load_catalog()["nano-turbo"]
    with pytest.raises(BadInput) as caught:
        check(GenerationParams(prompt="a photo of a xylophone player"), card)
    assert "微型模型" in translated(caught.value, "zh")
    remarks = check(GenerationParams(prompt="a red circle", negative_prompt="blue"), card).warnings
    assert joined(remarks, "zh").startswith("反向提示词不起作用")


def test_captions_name_steps_and_seed_in_chinese() -> None:
    caption = "nano-turbo · 256×256 · 8 steps · guidance 2.5 · seed 4 · 2.48 s"
    assert translated_caption(caption, "zh") == (
        "nano-turbo · 256×256 · 8 步 · 引导 2.5 · 种子 4 · 2.48 s"
    )
    assert translated_caption(caption, "en") == caption
