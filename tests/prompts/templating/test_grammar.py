"""The grammar of choices: what it reads, and where it says that something is wrong."""

from __future__ import annotations

import pytest

from refusals import refused
from zimg_kernel.prompts.templating.grammar import Choice, Value, Wildcard, parse


def test_text_without_signs_is_text() -> None:
    assert parse("a red circle, 左边") == ("a red circle, 左边",)
    assert parse("____ a __ b | c $5: d") == ("____ a __ b | c $5: d",)
    assert parse("") == ()


def test_names_and_choices() -> None:
    assert parse("x __en/light__ ${who}") == ("x ", Wildcard("en/light", 2), " ", Value("who", 15))
    assert parse("__颜色__${主体}") == (Wildcard("颜色", 0), Value("主体", 6))
    assert parse("__a_b__的__c__") == (Wildcard("a_b", 0), "的", Wildcard("c", 8))
    assert parse("{a|{b|c}|}")[0].options == (("a",), (Choice((("b",), ("c",)), (1, 1)),), ())  # type: ignore[union-attr]


def test_weights_counts_and_joints() -> None:
    assert parse("{3::a|.5::b|c}") == (Choice((("a",), ("b",), ("c",)), (3, 0.5, 1)),)
    ab = (("a",), ("b",))
    assert parse("{2$$a|b}") == (Choice(ab, (1, 1), 2, 2, ", "),)
    assert parse("{1-2$$ and $$a|b}") == (Choice(ab, (1, 1), 1, 2, " and "),)
    assert parse("{2$$$$a|b}") == (Choice(ab, (1, 1), 2, 2, ""),)


def test_ranges() -> None:
    def numbers(text: str) -> list[str]:
        (choice,) = parse(text)
        assert isinstance(choice, Choice)
        return [str(option[0]) for option in choice.options]

    assert numbers("{1-5}") == ["1", "2", "3", "4", "5"]
    assert numbers("{-1-1}") == ["-1", "0", "1"]
    assert numbers("{1-10:4}") == ["1", "5", "9"]
    assert numbers("{0.8-1.0}") == ["0.8", "0.9", "1.0"]
    assert numbers("{0-1:0.25}") == ["0.00", "0.25", "0.50", "0.75", "1.00"]
    assert len(parse("{1-5|b}")[0].options) == 2  # type: ignore[union-attr]


def test_signs_after_a_backslash_are_letters() -> None:
    assert parse(r"\{a\|b\}") == ("{a|b}",)
    assert parse(r"\_\_x\_\_") == ("__x__",)
    assert parse("C:\\dir") == ("C:\\dir",)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a {b|c", 3),
        ("a {b|{c}", 3),
        ("a}b", 2),
        ("ab {}", 4),
        ("{3$$a|b}", 1),
        ("{2$$a|0::b}", 1),
        ("{2-1$$a|b}", 2),
        ("x {5-1}", 3),
        ("x {1-2:0}", 3),
        ("x {1-900000}", 3),
        ("{0::a|0::b}", 1),
        ("a ${1}", 3),
        ("{" * 60, 51),
    ],
)
def test_an_error_names_the_place(text: str, place: int) -> None:
    with refused("invalid-syntax") as caught:
        parse(text, "the text")
    assert str(caught.value).startswith(f"Character {place} of the text")


def test_what_is_no_text_is_refused() -> None:
    with refused("wrong-type", "prompt"):
        parse(None)  # type: ignore[arg-type]
