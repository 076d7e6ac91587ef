"""Grammar of prompts with choices, parsed into a tree.

The syntax is that of dynamic-prompts (https://github.com/adieyal/dynamicprompts), without its
variable assignments; ``${subject}`` takes its value from the caller. Its signs for ways of
choosing, as in ``__~colour__`` or ``{@a|b}``, are read; choices are made by the seed all the same.

====================  ==========================================================
``{a|b|c}``           one of them
``{3::a|b}``          ``a`` three times as often; ``{a::3|b}`` too
``{2$$a|b|c}``        two of them, joined by ", "; ``{1-2$$ and $$a|b|c}`` by " and ";
                      ``{2-$$a|b|c}`` at least two
``{2$$__colour__}``   two different lines of that file
``{1-5}``             a number; ``{0-1:0.25}`` in steps
``__colour__``        a line of the file of that name; ``__animals/*__`` of any that fits
``${subject}``        a value that the caller gives, the same at every place
``\\{``                a brace; a backslash before any other sign of the grammar too
====================  ==========================================================
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from decimal import Decimal

from zimg_kernel.errors import BadInput, ZimgWarning

_MOST_NUMBERS = 100_000  # in one range
_DEEPEST = 50  # braces within braces
_SIGNS = "{}|_$\\:"  # what a backslash may stand before
_ANY = re.compile(r"[{}\\]|__")  # without one of these a text is what it is
_LETTERS = re.compile(r"[^{}|$_\\]+")  # which begin nothing
_NAME = r"[^\W_*?]|[*?]"
_WILDCARD = re.compile(
    rf"__([~@!]?)((?:{_NAME})(?:(?:(?!__)[\w/.*?-])*(?:{_NAME}))?)__"
    r"|(?<!\w)__([~@!]?)([^\W_](?:(?!__)[\w/.*? -])*[^\W_])__(?!\w)"  # with spaces
)
_LIKE_WILDCARD = re.compile(r"__([^\s_{}|][^{}|\n]{0,60}?)__")
_VALUE = re.compile(r"\$\{\s*([^\W\d]\w*)\s*\}")
_RANGE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*-\s*(-?\d+(?:\.\d+)?)\s*(?::\s*(\d+(?:\.\d+)?)\s*)?")
_HOW_MANY = re.compile(r"\s*(?:(\d*)\s*-\s*(\d*)|(\d+))\s*\$\$")
_SAMPLER = re.compile(r"\s*([~@!])")
_WEIGHT_BEHIND = re.compile(r"(?<!\\)::(\d+(?:\.\d+)?|\.\d+)\s*$")
ALL = 10**9  # options of a choice without an upper bound, before they are known
_WEIGHT = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)::")


@dataclass(frozen=True)
class Wildcard:
    """One line of a wildcard file."""

    name: str
    position: int


@dataclass(frozen=True)
class Value:
    """Value that the caller gives."""

    name: str
    position: int


@dataclass(frozen=True)
class Choice:
    """Choice of ``low`` to ``high`` options, in their order, joined by ``joint``.

    With ``spread`` the options are the lines of that wildcard.
    """

    options: tuple[Sequence, ...]
    weights: tuple[float, ...]
    low: int = 1
    high: int = 1
    joint: str = ""
    spread: Wildcard | None = None


Part = str | Wildcard | Value | Choice
Sequence = tuple[Part, ...]
"""Parts one after the other."""


def parse(text: str, source: str = "the prompt") -> Sequence:
    """Parse a text with choices.

    Parameters
    ----------
    text : str
        The text.
    source : str
        Its origin, named in errors.

    Raises
    ------
    BadInput
        The braces do not match, or a number in them makes no sense; the sentence has the
        character's position, counted from 1.
    """
    if not isinstance(text, str):
        raise BadInput(
            f"A prompt is text, not {type(text).__name__}.", code="wrong-type", field="prompt"
        )
    if not _ANY.search(text):
        return (text,) if text else ()
    reader = _Parser(text, source)
    parts = reader.sequence(0)
    if reader.at < len(text):
        raise reader.error("this } closes no {; write \\} for a brace in the prompt")
    return parts


class _Parser:
    """Parser of a text from left to right; ``at`` is the position from 0."""

    def __init__(self, text: str, source: str) -> None:
        self.text, self.source, self.at = text, source, 0

    def error(self, why: str, at: int | None = None) -> BadInput:
        place = self.at if at is None else at
        near = self.text[max(0, place - 12) : place + 12].replace("\n", " ")
        return BadInput(
            f"Character {place + 1} of {self.source}, near {near!r}: {why}.",
            code="invalid-syntax",
        )

    def sequence(self, depth: int) -> Sequence:
        """Read up to the end, or in braces up to the next | or } of this depth."""
        parts: list[Part] = []
        letters = ""
        while self.at < len(self.text):
            if plain := _LETTERS.match(self.text, self.at):
                letters += plain[0]
                self.at = plain.end()
                continue
            rest = self.text[self.at]
            part: Part | None = None
            if rest == "\\" and self.text[self.at + 1 : self.at + 2] in set(_SIGNS):
                letters += self.text[self.at + 1]
                self.at += 2
                continue
            if rest == "}" or (rest == "|" and depth):
                break
            if rest == "{":
                part = self._braces(depth + 1)
            elif rest == "_" and (found := _WILDCARD.match(self.text, self.at)):
                self._sampler(found[1] or found[3] or "")
                part = Wildcard(found[2] or found[4], self.at)
                self.at = found.end()
            elif rest == "$" and (found := _VALUE.match(self.text, self.at)):
                part = Value(found[1], self.at)
                self.at = found.end()
            elif self.text.startswith("${", self.at):
                raise self.error("a value is written ${name}, with letters, digits and _")
            if part is None:
                if rest == "_" and (found := _LIKE_WILDCARD.match(self.text, self.at)):
                    self._warn(
                        f"{found[0]} is no wildcard's name, so it stays in the prompt",
                        "not-a-wildcard",
                    )
                letters += rest
                self.at += 1
            else:
                parts += [letters, part] if letters else [part]
                letters = ""
        return (*parts, letters) if letters else tuple(parts)

    def _braces(self, depth: int) -> Choice:
        start = self.at
        if depth > _DEEPEST:
            raise self.error(f"more than {_DEEPEST} braces within each other")
        self.at += 1
        end = self.text.find("}", self.at)
        if numbers := _RANGE.fullmatch(self.text[self.at : end] if end >= 0 else ""):
            self.at = end + 1
            return self._numbers(numbers, start)
        if sampler := _SAMPLER.match(self.text, self.at):
            self._sampler(sampler[1])
            self.at = sampler.end()
        low, high, joint = self._how_many()
        options: list[Sequence] = []
        weights: list[float] = []
        while True:
            weight, begin = self._weight(), self.at
            option = self.sequence(depth)
            weight, option = _weight_behind(self.text[begin : self.at], weight, option)
            weights.append(weight)
            options.append(option)
            if self.at >= len(self.text):
                raise self.error("this { is never closed", start)
            self.at += 1
            if self.text[self.at - 1] == "}":
                break
        if not any(weights):
            raise self.error("all weights in these braces are 0", start)
        if options == [()]:
            raise self.error("there is nothing in these braces", start)
        spread = _only_wildcard(options) if high > 1 else None
        if spread is not None:
            return Choice((), (), low, high, joint, spread)
        there = sum(weight > 0 for weight in weights)
        high = there if high == ALL else high
        if max(low, high) > there:
            raise self.error(f"{max(low, high)} of {there} options cannot be taken", start)
        return Choice(tuple(options), tuple(weights), low, high, joint)

    def _how_many(self) -> tuple[int, int, str]:
        """Read ``2$$`` or ``1-3$$ and $$``; one option if there is no such thing."""
        found = _HOW_MANY.match(self.text, self.at)
        if not found:
            return 1, 1, ""
        if found[3]:
            low = high = int(found[3])
        else:
            low, high = int(found[1] or 1), int(found[2] or ALL)
        if low > high:
            raise self.error(f"{low}-{high} counts down: write the smaller number first")
        self.at = found.end()
        joint = re.compile(r"([^{}|]*?)\$\$").match(self.text, self.at)
        if joint:
            self.at = joint.end()
        return low, high, joint[1] if joint else ", "

    def _sampler(self, sign: str) -> None:
        if sign in ("@", "!"):
            self._warn(
                f"{sign} asks for lines in turn: here the seed chooses, or all are made",
                "order-not-supported",
            )

    def _warn(self, what: str, code: str) -> None:
        place = f"Character {self.at + 1} of {self.source}"
        warnings.warn(ZimgWarning(f"{place}: {what}.", code=code), stacklevel=5)

    def _weight(self) -> float:
        found = _WEIGHT.match(self.text, self.at)
        if not found:
            return 1.0
        self.at = found.end()
        return float(found[1])

    def _numbers(self, found: re.Match[str], start: int) -> Choice:
        low, high = Decimal(found[1]), Decimal(found[2])
        places = max(_places(found[1]), _places(found[2]), _places(found[3] or ""))
        step = Decimal(found[3]) if found[3] else Decimal(1).scaleb(-places)
        if low > high:
            raise self.error("this range counts down: write the smaller number first", start)
        if step == 0:
            raise self.error("a range cannot go in steps of 0", start)
        count = int((high - low) / step) + 1
        if count > _MOST_NUMBERS:
            raise self.error(f"this range has {count:,} numbers; {_MOST_NUMBERS:,} may be", start)
        numbers = ((f"{low + step * n:.{places}f}",) for n in range(count))
        return Choice(tuple(numbers), (1.0,) * count)


def split_weight(line: str) -> tuple[float, str]:
    """Return the weight of a line, ``3::red`` or ``red::3``, and the line without it."""
    if "::" not in line:
        return 1.0, line
    if found := _WEIGHT.match(line):
        return float(found[1]), line[found.end() :]
    if found := _WEIGHT_BEHIND.search(line):
        return float(found[1]), line[: found.start()]
    return 1.0, line


def _weight_behind(raw: str, weight: float, option: Sequence) -> tuple[float, Sequence]:
    """Return the weight that stands behind an option, and the option without it."""
    found = _WEIGHT_BEHIND.search(raw)
    if not found or weight != 1.0 or not option or not isinstance(option[-1], str):
        return weight, option
    last = option[-1].rstrip()[: -len(found[0].rstrip())]
    return float(found[1]), (*option[:-1], last) if last else option[:-1]


def _only_wildcard(options: list[Sequence]) -> Wildcard | None:
    """Return the wildcard that is the only option, with no more than blanks beside it."""
    if len(options) != 1:
        return None
    parts = [part for part in options[0] if not (isinstance(part, str) and not part.strip())]
    return parts[0] if len(parts) == 1 and isinstance(parts[0], Wildcard) else None


def _places(number: str) -> int:
    """Return the number of digits after a number's point."""
    return len(number.partition(".")[2])
