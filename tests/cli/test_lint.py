"""``zimg lint``: what it prints, and its exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

GOOD = "oak table with a bowl of figs, window light"


Run = Callable[..., Any]


@pytest.fixture
def zimg_lint(zimg: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("ZIMG_LANGUAGE", "en")
    return partial(zimg, "lint")


def test_a_good_prompt_prints_nothing(zimg_lint: Run) -> None:
    assert zimg_lint(GOOD).stdout == ""
    assert zimg_lint("-", stdin=GOOD + "\n").stdout == ""


def test_a_line_for_each_finding_and_one_for_an_error(zimg_lint: Run, tmp_path: Path) -> None:
    assert zimg_lint("masterpiece, " + GOOD).stdout.splitlines() == [
        "1-11: warning praise: 'masterpiece': “masterpiece” names nothing that can be drawn. "
        "Leave it out, or say what makes it so: material, light, colour."
    ]
    path = tmp_path / "prompt.txt"
    path.write_bytes(b"\xef\xbb\xbf" + "(朱漆盒:1.3)，亚麻布\n".encode())
    lines = zimg_lint("--file", path, "--language", "zh", code=1).stdout.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("1-9: error weights: '(朱漆盒:1.3)': ")


def test_hints_are_said_and_no_failure(zimg_lint: Run) -> None:
    cake = "Sponge cake with pink icing on an oak table, Happy 60th Margaret piped on top"
    (line,) = zimg_lint(f"{cake}, window light").stdout.splitlines()
    assert line.startswith("46-64: hint lettering: 'Happy 60th Margaret': ")


def test_json_and_fix(zimg_lint: Run) -> None:
    faulty = "masterpiece, (oak table:1.3) with a sign that says Figs, window light"
    said = json.loads(zimg_lint(faulty, "--json", code=1).stdout)
    assert said["prompt"] == faulty
    assert {f["rule"] for f in said["findings"]} == {"praise", "weights", "lettering"}
    assert set(said["findings"][0]) == {
        "rule", "severity", "start", "end", "why", "suggestion", "edits"
    }  # fmt: skip
    mended = 'oak table with a sign that says "Figs", window light\n'
    assert zimg_lint(faulty, "--fix").stdout == mended
    fixed = json.loads(zimg_lint(faulty, "--fix", "--json").stdout)
    assert fixed == {"prompt": mended.rstrip(), "findings": []}


def test_the_model_counts(zimg_lint: Run) -> None:
    assert "vague" in zimg_lint("a red circle").stdout
    assert zimg_lint("a red circle", "--model", "nano-turbo").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Give one prompt"),
        (["a", "--file", "b"], "Give one prompt"),
        (["--file", "nothing.txt"], "nothing.txt cannot be read"),
        (["a", "--model", "nano"], "no model called 'nano'"),
        (["a", "--language", "fr"], "choose en or zh"),
    ],
)
def test_bad_input_is_one_sentence(zimg_lint: Run, arguments: list[str], said: str) -> None:
    error = zimg_lint(*arguments, code=2).stderr
    assert said in error
    assert len(error.splitlines()) == 1


def test_input_that_is_no_text_is_one_sentence(zimg_lint: Run) -> None:
    error = zimg_lint("-", code=2, stdin=b"\xff\xfe\x00").stderr
    assert error == "zimg: The input is not text in UTF-8.\n"
