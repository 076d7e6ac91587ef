"""Checks of candidates: good ones pass, some are repaired, others refused with the reason."""

from __future__ import annotations

import pytest

from refusals import refused
from tests.prompts.linter import sets
from zimg_kernel.prompts.enhancer.checks import CandidateRefused, Checker, cleaned
from zimg_kernel.prompts.enhancer.content import Rewritten, content_of

CATS = "两只橘猫趴在红色沙发上，墙上的海报写着“新品上市”"
GOOD = "画面中央，两只橘猫趴在红色绒面沙发上，墙上贴着海报，写着“新品上市”，侧面窗光。"
SOFA = "a cat on a red sofa"
POSTER = 'a poster that says "Fresh Figs" above a basket of figs'


def check(prompt: str, answer: str, **given: object) -> tuple[str, tuple[str, ...]]:
    found = Checker(prompt, len, 900).check(answer, **given)  # type: ignore[arg-type]
    return found.text, found.repaired


def test_what_a_prompt_names() -> None:
    assert [(each.kind, each.shown) for each in content_of(CATS)] == [
        ("number", "两只橘猫"),
        ("thing", "橘猫"),
        ("colour", "红色沙发"),
        ("thing", "沙发"),
        ("thing", "海报"),
        ("text", "新品上市"),
    ]
    english = content_of(
        "Li Bai and three cranes to the left of a black pine, painting on silk by Ma Yuan"
    )
    assert [(each.kind, each.shown) for each in english] == [
        ("thing", "Li Bai"),
        ("number", "three cranes"),
        ("thing", "cranes"),
        ("place", "left"),
        ("colour", "black pine"),
        ("thing", "pine"),
        ("thing", "painting"),
        ("thing", "silk"),
        ("thing", "Ma Yuan"),
    ]


def test_a_prompt_keeps_all_that_it_names_itself() -> None:
    kinds = set()
    for case in sets.load("set_200.yaml")[:100]:
        other = Rewritten(case.text)
        found = content_of(case.text)
        kinds |= {each.kind for each in found}
        assert [each.shown for each in found if each.state_in(other) != "kept"] == []
    assert kinds == {"text", "thing", "number", "colour", "place"}


def test_praise_need_not_be_kept() -> None:
    text = "绝美的雪山，侧面逆光，前景是松林。"
    assert check("绝美的雪山，超高清", text) == (
        "雪山，侧面逆光，前景是松林。", ("Words that draw nothing were left out: 绝美的.",)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        (CATS, GOOD),
        (CATS, GOOD.replace("两只橘猫", "2只橘色的猫").replace("“新品上市”", "「新品上市」")),
        (SOFA, "A grey cat curls up on a crimson velvet sofa, side light from a window."),
        (POSTER, "A letterpress poster reads “Fresh Figs” above a basket of ripe figs, low sun."),
        ("three boats", "3 wooden boats on a calm lake, early light."),
        (
            "左边一个红色的圆，右边一个蓝色的方块",
            "左侧是红色的圆，右侧是蓝色的方块，白色背景，平光。",
        ),
    ],
)
def test_a_good_candidate_passes_as_it_is(prompt: str, answer: str) -> None:
    assert check(prompt, answer) == (answer, ())


@pytest.mark.parametrize(
    ("prompt", "answer", "text", "said"),
    [
        (
            CATS,
            "画面中央，两只橘猫趴在红色绒面沙发上，墙上贴着海报，侧面窗光。",
            "画面中央，两只橘猫趴在红色绒面沙发上，墙上贴着海报，侧面窗光，"
            "墙上的海报写着“新品上市”。",
            "新品上市 was missing and has been put back.",
        ),
        (
            POSTER,
            "A letterpress poster reads Fresh Figs above a basket of ripe figs, low sun.",
            'A letterpress poster reads "Fresh Figs" above a basket of ripe figs, low sun.',
            "Fresh Figs had lost its quotation marks.",
        ),
        (
            "a cat on a sofa, snow outside the window",
            "A tabby cat lies on a sofa, side light, soft shadows.",
            "A tabby cat lies on a sofa, side light, soft shadows; snow outside the window.",
            "snow was missing and has been put back.",
        ),
        ('"OPEN"', "A neon tube sign on brick.", 'A neon tube sign on brick; with the text "OPEN".',
         "OPEN was missing and has been put back."),
        (
            SOFA,
            "Masterpiece, a cat on a red sofa, window light, 8K.",
            "a cat on a red sofa, window light.",
            "Words that draw nothing were left out: Masterpiece, 8K.",
        ),
    ],
)  # fmt: skip
def test_what_is_missing_is_put_back(prompt: str, answer: str, text: str, said: str) -> None:
    assert check(prompt, answer) == (text, (said,))


@pytest.mark.parametrize(
    ("prompt", "answer", "code", "named"),
    [
        (CATS, GOOD.replace("两只", "三只"), "content-changed", "“两只橘猫”"),
        (CATS, GOOD.replace("红色绒面沙发", "蓝色沙发"), "content-changed", "“红色沙发”"),
        (CATS, GOOD + "下方写着“八折”。", "lettering-added", "“八折”"),
        (CATS, "Two orange cats on a red sofa.", "language-changed", "Chinese"),
        (SOFA, "A grey cat on a blue sofa.", "content-changed", "“red sofa”"),
        (SOFA, "A grey dog on a red sofa.", "content-missing", "“cat”"),
        (SOFA, "一只猫在红色沙发上。", "language-changed", "English"),
        (SOFA, "A cat on a red sofa!", "nothing-added", ""),
        (SOFA, "a cat, " * 30, "repetitive-answer", ""),
        (SOFA, "<think>A cat? Let me see", "empty-answer", ""),
        (SOFA, "A cat on a red sofa \ufffd here", "broken-text", ""),
        (SOFA, "A cat on a red sofa, " + ", ".join(map(str, range(400))),
         "prompt-too-long", "900"),
        ("three boats", "Five boats on a lake.", "content-changed", "“three boats”"),
    ],
)  # fmt: skip
def test_a_bad_candidate_is_refused_with_the_reason(
    prompt: str, answer: str, code: str, named: str
) -> None:
    with refused(code, kind=CandidateRefused) as caught:
        check(prompt, answer)
    assert named in str(caught.value)


def test_the_end_of_a_cut_off_answer_is_left_out() -> None:
    text, said = check(SOFA, "A cat on a red sofa in low light. The wall is wh", cut_off=True)
    assert text == "A cat on a red sofa in low light."
    assert said == ("It was cut off; its last, unfinished sentence has been left out.",)
    with refused("unfinished-answer", kind=CandidateRefused):
        check(SOFA, "A cat. On a red sofa in low light the fur is", cut_off=True)


def test_a_second_one_that_is_the_same_is_refused() -> None:
    with refused("duplicate-candidate", kind=CandidateRefused):
        check(CATS, GOOD, others=[GOOD.replace("，", ",")])


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("<think>\nhm\n</think>\n\nA cat.", "A cat."),
        ("Here is the enhanced prompt:\n\nA cat,\nlow sun.", "A cat, low sun."),
        ("**Prompt:** A cat.", "A cat."),
        ("好的，以下是改写后的提示词：\n一只猫，\n侧光。", "一只猫，侧光。"),
        ("改写后的描述：“一只猫。”", "一只猫。"),
        ("```text\nA cat.\n```", "A cat."),
        ("Here is the enhanced prompt:\n\n```text\nA cat.\n```", "A cat."),
        ('"A cat."', "A cat."),
        ('"OPEN" above a "SALE"', '"OPEN" above a "SALE"'),
        ("A cat: grey.", "A cat: grey."),
    ],
)
def test_what_stands_around_an_answer_is_taken_off(answer: str, text: str) -> None:
    assert cleaned(answer) == text
