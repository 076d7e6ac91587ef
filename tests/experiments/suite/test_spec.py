"""The format of a suite: what is understood, and one sentence with the line for each mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from refusals import refused
from zimg_kernel.experiments.suite import Case, Suite, ready_suites
from zimg_kernel.nano.text.messages import notes
from zimg_kernel.nano.text.vocabulary import read

GOOD = """\
name: t
defaults: {model: nano-turbo, seeds: 2, width: 128}
cases:
  - id: pair
    prompt: 左边一个红色的圆，右边一个蓝色的方块
    checks:
      objects: [{colour: red, shape: circle, place: left}, 蓝色的方块]
      left_of: [red circle, blue square]
      count: {red: 1, all: 2}
      colour: {name: red, where: left, min_share: 0.05}
      size: [256, 256]
  - id: sign-${w}
    each: [{w: 茶, n: 1}, {w: 福, n: 2}]
    prompt: 一块招牌，上面写着“${w}”
    checks:
      - {text: "${w}"}
      - sign: ${w}
      - count: {star: "${n}"}
  - id: choice
    prompt: a {red|blue} circle
    choices: all
    seeds: [5]
    checks: {function: "my_checks:fine"}
"""


def _load(tmp_path: Path, text: str) -> Suite:
    path = tmp_path / "suite.yaml"
    path.write_text(text, encoding="utf-8")
    return Suite.load(path)


def test_a_suite_is_read(tmp_path: Path) -> None:
    suite = _load(tmp_path, GOOD)
    assert [case.id for case in suite.cases] == [
        "pair",
        "sign-茶",
        "sign-福",
        "choice-1",
        "choice-2",
    ]
    assert [case.language for case in suite.cases] == ["zh", "zh", "zh", "en", "en"]
    assert suite.defaults.seeds == [0, 1]
    assert [check.kind for check in suite.cases[0].checks] == [
        "objects", "left_of", "count", "colour", "size"]  # fmt: skip
    assert suite.cases[0].checks[0].label == "objects red circle left, blue square"
    assert suite.cases[2].prompt == "一块招牌，上面写着“福”"
    assert [check.label for check in suite.cases[2].checks] == [
        "text 福", "sign 福", "count star: 2"]  # fmt: skip
    assert {case.prompt for case in suite.cases[3:]} == {"a red circle", "a blue circle"}
    assert suite.cases[0].folder == tmp_path


def test_the_language_is_that_of_the_words_outside_quotes() -> None:
    checks = {"size": [1, 1]}
    assert Case(id="a", prompt='a sign that says "茶"', checks=checks).language == "en"
    assert Case(id="a", prompt="牌子上写着“OPEN”", checks=checks).language == "zh"
    assert Case(id="a", prompt="a cat", checks=checks, language="zh").language == "zh"


@pytest.mark.parametrize(
    ("was", "is_", "line", "said"),
    [
        ("red circle, blue", "reddish circle, blue", 8, "'reddish circle' is no thing"),
        ("size: [256", "siz: [256", 11, "no check called 'siz': did you mean size?"),
        ("min_share: 0.05", "min_shar: 0.05", 10, "no field min_shar .did you mean min_share"),
        ("min_share: 0.05", "min_share: 5", 10, "min_share: cannot be 5"),
        ("shape: circle", "shap: circle", 7, "no field shap .did you mean shape"),
        ("place: left", "place: lft", 7, "no place 'lft': did you mean left"),
        ("seeds: 2", "seeds: -1", 2, "seeds is a list such as"),
        ("seeds: 2", "seed: 2", 2, "no field seed .did you mean seeds"),
        ("width: 128", "width: 100", 2, "not a multiple of 16: the nearest valid one is 96"),
        ("width: 128", 'width: "128"', 2, "width: cannot be '128'"),
        ("name: t", "nam: t", 1, "name is missing"),
        ("choice\n", "other\n    tags: x\n", 20, "tags: cannot be 'x'"),
        ("    choices: all\n", "", 24, None),
        ("sign: ${w}", "sign: ${v}", 12, "a row of each says nothing for v"),
        ('{text: "${w}"}', "{text: no}", 16, "put the text in quotes: YAML reads it as False"),
        ("sign: ${w}", "sign: 䨻", 17, "no glyphs for '䨻': use text: instead"),
        ("prompt: a {red|blue} circle", "prompt: ''", 20, "The prompt is empty"),
        ("size: [256, 256]", "size: [256]", 11, "size: cannot be"),
        ("count: {red: 1, all: 2}", "count: {red: -1}", 9, "greater than or equal to 0"),
        ('"my_checks:fine"', "fine", 23, "write module:name"),
        ("name: red", "name: blurple", 10, "'blurple' is no colour"),
        ("name: t", "name: t\nname: u", 2, "name stands there twice"),
        ("choices: all", "choices: {", 23, "not valid YAML"),
        ("choices: all", "choices: none", 19, "choices is all, or how many"),
        ("{red|blue}", "{red|blue", 19, "In the case choice: "),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line(
    tmp_path: Path, was: str, is_: str, line: int, said: str | None
) -> None:
    assert was in GOOD
    text = GOOD.replace(was, is_, 1)
    if said is None:  # a prompt with braces is a prompt
        assert _load(tmp_path, text).cases[-1].prompt == "a {red|blue} circle"
        return
    code = "invalid-yaml" if said.endswith(("valid YAML", "twice")) else "invalid-suite"
    with refused(code) as caught:
        _load(tmp_path, text)
    assert re.search(said, str(caught.value))  # the nearest name, the place in the file
    assert f"line {line}" in str(caught.value)
    assert "suite.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("width: 128", "width: 100").replace("size:", "siz:").replace("福", "䨻")
    with refused("invalid-suite") as caught:
        _load(tmp_path, text)
    said = str(caught.value)
    assert said.index("line 2: ") < said.index("line 11, case pair: ") < said.index("line 17, case")


def test_two_cases_of_one_id_are_refused() -> None:
    case = {"id": "a", "prompt": "a cat", "checks": {"size": [1, 1]}}
    with refused("named-twice", "cases") as caught:
        Suite(name="t", cases=[case, case])
    assert repr("a") in str(caught.value)


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, "file-missing"), (b"\xff\xfe", "file-unreadable"), (b"- a", "not-a-mapping")],
)
def test_a_file_that_is_no_suite(tmp_path: Path, content: bytes | None, code: str) -> None:
    if content is not None:
        (tmp_path / "s.yaml").write_bytes(content)
    with refused(code, "path"):
        Suite.load(tmp_path / "s.yaml")


def test_only_takes_ids_and_tags() -> None:
    suite = Suite.load("layout")
    assert {"ci"} <= set(suite.only("ci").cases[0].tags)
    assert len(suite.only("row-zh", "row-en")) == 2
    with refused("unknown-case", "only"):
        suite.only("nothing")


@pytest.mark.parametrize("name", ["simple", "text", "layout"])
def test_ready_suites_are_bilingual_and_in_the_miniatures_words(name: str) -> None:
    assert name in ready_suites()
    suite = Suite.load(name)
    for family in ("nano", "full"):
        cases = [case for case in suite.cases if case.family == family]
        languages = [case.language for case in cases]
        assert languages.count("zh") == languages.count("en") > 1, family
    assert {case.family for case in suite.cases} == {"nano", "full"}
    for case in suite.cases:
        reading = read(case.prompt)
        if case.family == "nano":
            assert not reading.unknown, (case.id, reading.unknown)
            assert not notes(reading), (case.id, notes(reading))
        else:
            assert "ci" not in case.tags
