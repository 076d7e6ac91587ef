"""Each rule against its own examples, in both languages."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import RULES, fix, lint
from zimg_kernel.prompts.text import Text

EXAMPLES = [
    pytest.param(rule.id, rule.model, text, kind, id=f"{rule.id}-{language}-{kind}-{number}")
    for rule in RULES
    for language, examples in rule.examples.items()
    for kind in ("bad", "good")
    for number, text in enumerate(getattr(examples, kind))
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_has_good_and_bad_examples_in_both_languages(rule) -> None:
    assert set(rule.examples) == {"en", "zh"}
    for examples in rule.examples.values():
        assert examples.bad
        assert examples.good


@pytest.mark.parametrize(("rule", "model", "text", "kind"), EXAMPLES)
def test_the_examples(rule: str, model: str | None, text: str, kind: str) -> None:
    for language in ("en", "zh"):
        found = [f for f in lint(text, model, language=language) if f.rule == rule]
        assert bool(found) == (kind == "bad"), text
        for finding in found:
            assert 0 <= finding.start <= finding.end <= len(text)
            assert finding.why.endswith("。" if language == "zh" else ".")
            assert finding.suggestion.endswith("。" if language == "zh" else ".")
            assert "{" not in finding.why + finding.suggestion


def test_a_number_of_none_is_a_number() -> None:
    assert not [f for f in lint("zero cats on a wool rug") if f.rule == "contradiction"]
    assert "contradiction" in {f.rule for f in lint("zero cats, three cats, oak")}


@pytest.mark.parametrize(("rule", "model", "text", "kind"), EXAMPLES)
def test_mending_leaves_nothing_to_mend_and_quotes_as_they_are(
    rule: str, model: str | None, text: str, kind: str
) -> None:
    once = fix(text, lint(text, model))
    assert fix(once, lint(once, model)) == once
    assert lint(once, model, fix=True).prompt == once
    quoted = [text[start:end] for start, end in Text(text).quotes]
    kept = [once[start:end] for start, end in Text(once).quotes]
    assert [q for q in kept if q in quoted] == quoted


@pytest.mark.parametrize("word", ["{lacquer|porcelain}", "{2$$a|b|c}", "{2$$__wood__}", "__wood__"])
def test_choices_of_series_are_told_in_a_plain_prompt(word: str) -> None:
    found = [f for f in lint(f"a {word} box on linen, side light") if f.rule == "weights"]
    assert [(f.start, f.end) for f in found] == [(2, 2 + len(word))]
    as_json = lint('{"subject": "an oak box", "light": "side"}')
    assert "weights" not in [f.rule for f in as_json]
