"""Expansion of choices: by a seed, by weights, all in turn; values, wildcards, circles."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from refusals import refused
from zimg_kernel.prompts import combinations, expand
from zimg_kernel.prompts.templating.wildcards import Wildcards

TEXTS = [
    "a {red|blue} {circle|square|}",
    "{2$$a|b|c|d}",
    "{0-3$$ and $$a|{b|c}|d}",
    "{1-5} {0.5-1:0.5}",
    "{3::a|0::b|c}",
    "${who} sees ${who} and {${who}|nobody}",
    "{${who}|x} ${who}",
    "{2$$${who}|b|${who}} ${who}",
    "__en/light__, __en/material__",
    "plain",
]
WHO = "{a cat|a {red|blue} dog}"


@pytest.mark.parametrize("text", TEXTS)
def test_the_count_is_known_and_each_draw_is_one_of_them(text: str) -> None:
    ways = combinations(text, who=WHO)
    listed = list(ways)
    assert ways.count == len(ways) == len(listed)
    assert {expand(text, seed, who=WHO) for seed in range(300)} <= set(listed)


def test_combinations_come_in_order() -> None:
    assert list(combinations("{red|blue} {1-2}")) == ["red 1", "red 2", "blue 1", "blue 2"]
    assert list(combinations("{2$$, $$a|b|c}")) == ["a, b", "a, c", "b, c"]


def test_combinations_are_made_as_they_are_asked_for() -> None:
    ways = combinations(" ".join(["{1-1000}"] * 10))
    assert ways.count == 1000**10
    assert "prompts" in repr(ways)
    assert list(itertools.islice(ways, 2)) == ["1 1 1 1 1 1 1 1 1 1", "1 1 1 1 1 1 1 1 1 2"]


def test_a_seed_gives_the_same_prompt() -> None:
    text = "__en/light__ {1-1000} {a|b|c|d}"
    assert expand(text, 7) == expand(text, 7)
    assert len({expand(text, seed) for seed in range(20)}) > 15
    assert len({expand(text) for _ in range(20)}) > 15
    # What was drawn with a seed once stays so.
    assert [expand("{a|b|c|d|e|f|g|h}", seed) for seed in range(6)] == list("ggheaf")


def test_weights_weigh() -> None:
    drawn = Counter(expand("{3::a|b|0::c}", seed) for seed in range(2000))
    assert set(drawn) == {"a", "b"}
    assert 0.70 < drawn["a"] / 2000 < 0.80


def test_a_value_is_the_same_everywhere() -> None:
    assert list(combinations("${who} and ${who}", who="{a|b}")) == ["a and a", "b and b"]
    assert list(combinations("${a} ${b}", a="{1|2}", b="<${a}>")) == ["1 <1>", "2 <2>"]


def test_wildcards_come_from_files(tmp_path: Path, own_home: Path) -> None:
    (tmp_path / "colour.txt").write_text("# ours\n2::red\n\n{light|dark} blue\n", encoding="utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "动物.yaml").write_text("[猫, __colour__狗]", encoding="utf-8")
    (tmp_path / "words.yaml").write_text("time: [dawn, dusk]", encoding="utf-8")
    assert list(combinations("__colour__", folders=[tmp_path])) == [
        "red",
        "light blue",
        "dark blue",
    ]
    assert combinations("__sub/动物__", folders=[tmp_path]).count == 4
    assert list(combinations("__words/time__", folders=[tmp_path])) == ["dawn", "dusk"]
    users = own_home / "wildcards"
    users.mkdir(parents=True)
    (users / "colour.txt").write_text("green")
    assert expand("__colour__") == "green"
    assert "red" in set(combinations("__colour__", folders=[tmp_path]))  # given folders come first


@pytest.mark.parametrize(
    ("text", "code", "field", "hint"),
    [
        ("__en/lihgt__", "unknown-wildcard", "en/lihgt", "__en/light__"),
        ("__nowhere__", "unknown-wildcard", "nowhere", ""),
        ("__a/../../secret__", "outside-folder", "a/../../secret", ""),
        ("${subjct}", "value-missing", "subjct", "${subject}"),
        ("${qq}", "value-missing", "qq", ""),
        ("__round__", "circular-reference", "round", "__round__ → __trip__ → __round__"),
        ("__empty__", "empty-wildcard", "empty", ""),
        ("__broken__", "invalid-syntax", None, "line 2 of __broken__"),
        ("__bad__", "invalid-yaml", None, "bad.yaml"),
        ("__number__", "invalid-wildcards", None, "number.yaml"),
    ],
)
def test_what_cannot_be_followed_is_refused(
    text: str, code: str, field: str | None, hint: str, tmp_path: Path
) -> None:
    (tmp_path / "round.txt").write_text("__trip__")
    (tmp_path / "trip.txt").write_text("{a|__round__}")
    (tmp_path / "empty.txt").write_text("# nothing\n")
    (tmp_path / "broken.txt").write_text("fine\n{a|b\n")
    (tmp_path / "bad.yaml").write_text("a: [")
    (tmp_path / "number.yaml").write_text("7")
    with refused(code, field) as caught:
        list(combinations(text, folders=[tmp_path], subject="x"))
    assert hint in str(caught.value)


def test_a_wildcard_file_is_parsed_once_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "colour.txt"
    path.write_text("red")
    first, again = (Wildcards([tmp_path]).get("colour") for _ in range(2))
    assert first is again
    path.write_text("blue")
    assert expand("__colour__", folders=[tmp_path]) == "blue"


def test_an_empty_choice_leaves_no_gap() -> None:
    assert list(combinations("a {big|} cat, {old|}, grey")) == [
        "a big cat, old, grey", "a big cat, grey", "a cat, old, grey", "a cat, grey",
    ]  # fmt: skip


@pytest.fixture
def chain(tmp_path: Path) -> Callable[[int], list[Path]]:
    """Make lists of which each names the next one twice."""

    def write(length: int) -> list[Path]:
        for n in range(length):
            (tmp_path / f"w{n}.txt").write_text(f"__w{n + 1}__ __w{n + 1}__\n")
        (tmp_path / f"w{length}.txt").write_text("a\nb\n")
        return [tmp_path]

    return write


def test_lists_that_double_each_other_are_counted_and_drawn(
    chain: Callable[[int], list[Path]],
) -> None:
    assert combinations("__w0__", folders=chain(6)).count == 2**64
    assert len(expand("__w0__", 1, folders=chain(6)).split()) == 64


@pytest.mark.parametrize("length", [16, 30, 60])
def test_lists_that_double_each_other_too_often_are_refused(
    chain: Callable[[int], list[Path]], length: int
) -> None:
    with refused("too-many-prompts"):
        combinations("__w0__", folders=chain(length))
    with refused("too-many-names"):
        expand("__w0__", 1, folders=chain(length))


def test_a_number_of_prompts_too_long_to_print_is_refused() -> None:
    with refused("too-many-prompts"):
        combinations("{a|b}" * 20_000)
