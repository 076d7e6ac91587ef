"""The templates: complete in both languages, fillable, and those of the miniature drawable."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from refusals import refused, warned
from zimg_kernel.nano.text import messages as remarks
from zimg_kernel.nano.text import vocabulary
from zimg_kernel.prompts import template, templates

NAMES = [each.name for each in templates("en")]
KINDS = {
    "architecture", "cloisonne", "food", "ink-painting", "landscape", "miniature-landscape",
    "miniature-shapes", "miniature-sign", "portrait", "poster", "product", "ui-icon",
}  # fmt: skip


def test_all_kinds_are_there() -> None:
    assert set(NAMES) == KINDS


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", NAMES)
def test_a_template_makes_prompts_in_its_language(name: str, language: str) -> None:
    found = template(name, language)
    assert (found.language, found.name) == (language, name)
    assert found.title
    assert found.about
    assert set(re.findall(r"\$\{(\w+)\}", found.text + " ".join(found.values.values()))) == set(
        found.values
    )
    assert found.combinations().count >= 20
    for prompt in (found.expand(seed) for seed in range(20)):
        assert not re.search(r"[{}$|]|__|  |，，|, ,", prompt)
        chinese = len(re.findall(r"[\u3400-\u9fff]", prompt))
        assert chinese > len(prompt) / 3 if language == "zh" else chinese == 0
        assert "， " not in prompt
        # What the checker of prompts would find: praise instead of things.
        assert not re.search(r"beautiful|masterpiece|8k|stunning|美丽|精美|极致|杰作", prompt, re.I)
        if found.model:
            reading = vocabulary.read(prompt)
            assert (reading.unknown, remarks.notes(reading)) == ((), [])
            assert not remarks.refusal(reading)


def test_values_are_filled_in_and_unfolded() -> None:
    ink = template("ink-painting", "zh")
    assert "两只仙鹤" in ink.expand(1, subject="两只仙鹤")
    assert ink.expand(1) == ink.expand(1)
    poster = template("poster", "en")
    assert all(
        '"TEA {DAY}"' in prompt
        for prompt in islice(poster.combinations(headline=r"TEA \{DAY\}"), 50)
    )
    ways = template("miniature-sign", "en").combinations(colour="{red|blue}", word="TEA")
    assert list(ways) == ['a red sign that says "TEA"', 'a blue sign that says "TEA"']


def test_what_there_is_not_is_said() -> None:
    with refused("unknown-template", "name") as caught:
        template("portrat")
    assert "portrait" in str(caught.value)
    with refused("unknown-value", "subjct") as caught:
        template("portrait").expand(subjct="x")
    assert "subject" in str(caught.value)
    with refused("unknown-language", "language"):
        template("portrait", "fr")


def test_the_users_templates_come_first(own_home: Path) -> None:
    folder = own_home / "templates"
    folder.mkdir(parents=True)
    (folder / "portrait.yaml").write_text(
        "title: {zh: 我的}\nabout: {zh: 我的}\nzh: {text: '${a}', values: {a: [一, 二]}}\n",
        encoding="utf-8",
    )
    assert set(template("portrait", "zh").combinations()) == {"一", "二"}
    assert template("portrait").language == "zh"  # no other language, and none was asked for
    with refused("language-missing", "language"):
        template("portrait", "en")
    (folder / "broken.yaml").write_text("title: {en: x}")
    with refused("invalid-template"):
        template("broken")
    with warned("invalid-template", "broken.yaml"):  # the others are still listed
        assert "portrait" in [each.name for each in templates()]


def test_the_command(clean_environment: dict[str, str]) -> None:
    def zimg(*arguments: str, code: int = 0) -> list[str]:
        command = [sys.executable, "-m", "zimg_kernel", "prompt", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=clean_environment)
        assert done.returncode == code, done.stderr
        return (done.stdout or done.stderr).splitlines()

    assert len(zimg("--language", "zh")) == len(KINDS)
    lines = zimg("portrait", "-p", "subject=a pilot", "--seed", "1", "--count", "3")
    assert len(lines) == 3
    assert all("a pilot" in line for line in lines)
    assert lines[0] == template("portrait", "en").expand(1, subject="a pilot")
    assert zimg("a {red|blue} circle", "--all") == ["a red circle", "a blue circle"]
    assert zimg("a {1-9}", "--all", "--count", "2") == ["a 1", "a 2"]
    assert "did you mean portrait" in zimg("portrat", code=2)[0]
    assert "is no value" in zimg("portrait", "-p", "subject", code=2)[0]
