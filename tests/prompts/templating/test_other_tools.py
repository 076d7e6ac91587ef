"""Wildcards and choices as other tools write them: served, or warned about, never passed on."""

from __future__ import annotations

import warnings
from itertools import permutations
from pathlib import Path

import pytest

from refusals import refused, warned
from zimg_kernel.prompts.templating.expand import combinations, expand
from zimg_kernel.prompts.templating.templates import templates
from zimg_kernel.prompts.templating.wildcards import Wildcards

FLAVOURS = ["vanilla", "chocolate", "strawberry"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flavour.txt").write_text("\n".join(FLAVOURS))
    (tmp_path / "My Colours.txt").write_text("red\nblue")
    (tmp_path / "animals" / "wild").mkdir(parents=True)
    (tmp_path / "animals" / "cats.txt").write_text("lion\n3::tiger")
    (tmp_path / "animals" / "dogs.yaml").write_text("[wolf]")
    (tmp_path / "animals" / "wild" / "bears.txt").write_text("panda")
    (tmp_path / "deep.yaml").write_text("a: {b: {c: [deep]}}\nwords: [no, on, 1.50, 007, null]")
    return tmp_path


def every(text: str, folder: Path) -> list[str]:
    found = combinations(text, folders=[folder])
    listed = list(found)
    assert found.count == len(listed)
    assert {expand(text, seed, folders=[folder]) for seed in range(60)} <= set(listed)
    return listed


@pytest.mark.parametrize("text", ["{2$$__flavour__}", "{2$$ __flavour__ }", "{ 2 $$__flavour__}"])
def test_several_of_a_wildcard_are_different_lines(text: str, folder: Path) -> None:
    assert every(text, folder) == ["vanilla, chocolate", "vanilla, strawberry",
                                   "chocolate, strawberry"]  # fmt: skip


def test_a_range_of_lines_and_its_joint(folder: Path) -> None:
    found = every("{1-3$$ and $$__flavour__}", folder)
    assert found[:3] == FLAVOURS
    assert found[-1] == "vanilla and chocolate and strawberry"
    assert len(found) == 7
    assert len(every("{2-$$__flavour__}", folder)) == 4
    assert len(every("{-2$$__flavour__}", folder)) == 6
    assert len(every("{1-9$$__flavour__}", folder)) == 7
    assert len(every("{2-$$a|b|c}", folder)) == 4
    with refused("too-few-lines", "flavour"):
        every("{4$$__flavour__}", folder)
    with refused("invalid-syntax"):
        every("{4-$$a|b|c}", folder)


def test_names_with_spaces_and_globs(folder: Path) -> None:
    assert every("__My Colours__", folder) == ["red", "blue"]
    assert every("a __animals/*__", folder) == ["a lion", "a tiger", "a wolf"]
    assert every("__animals/**__", folder) == ["lion", "tiger", "wolf", "panda"]
    assert every("__animals/?ats__", folder) == ["lion", "tiger"]
    assert len(every("{2$$__animals/*__}", folder)) == len(list(permutations("abc", 2))) // 2
    with refused("unknown-wildcard", "plants/*"):
        every("__plants/*__", folder)
    assert expand("snake__case", 1) == "snake__case"


@pytest.mark.parametrize("text", ["__~flavour__", "__@flavour__", "__!flavour__", "{@__flavour__}"])
def test_signs_for_ways_of_choosing(text: str, folder: Path) -> None:
    if "~" in text:
        assert every(text, folder) == FLAVOURS
        return
    with warned("order-not-supported"):
        assert every(text, folder) == FLAVOURS


def test_weights_behind(folder: Path) -> None:
    drawn = [expand("{a::3|b}", seed) for seed in range(400)]
    assert set(drawn) == {"a", "b"}
    assert 0.65 < drawn.count("a") / 400 < 0.85
    assert every("{a::0|b|c }", folder) == ["b", "c"]
    assert every(r"{a\::2|b}", folder) == ["a::2", "b"]
    weighed = Wildcards(lists={"x": ["red::2", "3::blue", "green"]}).get("x")
    assert weighed.weights == (2, 3, 1)
    assert weighed.options == (("red",), ("blue",), ("green",))


@pytest.mark.parametrize("text", ["a __#flavour__", "__2#flavour__ b", "__fla$vour__"])
def test_what_only_looks_like_a_wildcard_is_told(text: str, folder: Path) -> None:
    with warned("not-a-wildcard"):
        assert expand(text, 1, folders=[folder]) == text
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert expand(r"\_\_#flavour\_\_", 1) == "__#flavour__"


def test_yaml_is_read_as_words(folder: Path) -> None:
    assert every("__deep/words__", folder) == ["no", "on", "1.50", "007", "null"]
    assert every("__deep/a/b/c__", folder) == ["deep"]
    (folder / "colon.yaml").write_text("- red: bright\n- blue")
    with refused("invalid-wildcards", "colon"):
        expand("__colon__", 1, folders=[folder])


@pytest.mark.parametrize("ending", ["txt", "yaml"])
def test_a_file_of_another_encoding_is_named_and_breaks_no_other(folder: Path, ending: str) -> None:
    (folder / f"gbk.{ending}").write_bytes("- 红色\n- 蓝色\n".encode("gbk"))
    with refused("file-unreadable", f"gbk.{ending}") as caught:
        expand("__gbk__", 1, folders=[folder])
    assert "UTF-8" in str(caught.value)
    assert expand("__flavour__", 1, folders=[folder]) in FLAVOURS
    with refused("unknown-wildcard", "nope"):
        expand("a __nope__ b", 1, folders=[folder])
    with refused("unknown-wildcard", "c"):
        expand("file a_b__c__d", 1, folders=[folder])


def test_a_broken_template_leaves_the_others(own_home: Path) -> None:
    place = own_home / "templates"
    place.mkdir(parents=True)
    (place / "gbk.yaml").write_bytes("title: 红色".encode("gbk"))
    with warned("file-unreadable", "gbk.yaml"):
        names = [each.name for each in templates("en")]
    assert "ink-painting" in names
    assert "gbk" not in names
