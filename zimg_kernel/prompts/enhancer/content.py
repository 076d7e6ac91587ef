"""Content of a prompt that a rewritten text must keep: things, numbers, colours, places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from zimg_kernel.prompts.linter.rules.colours import (
    EN_COLOURS,
    EN_NAMES,
    ZH_NAMES,
    Mention,
    alike,
    english_colours,
    english_counts,
    singular,
)
from zimg_kernel.prompts.linter.rules.mentioned_zh import chinese_colours
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

Kind = Literal["text", "thing", "number", "colour", "place"]
State = Literal["kept", "missing", "changed"]

_EN_WORD = re.compile(r"[a-z]+(?:['’-][a-z]+)*|\d+|[,.;:!?\n\ue000]")
_NAME = re.compile(r"(?<=[\w,] )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*|^[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)+")
_WORDS = {name: frozenset(words) for name, words in load_words(__file__).items()}
_NO_THINGS, _NOUNS_IN_ING = _WORDS["no_things"], _WORDS["nouns_in_ing"]
_ZH_COLOUR = re.compile(rf".{{0,2}}[{''.join(ZH_NAMES)}](?:色|颜色)?")
_ZH_NO_COLOUR = re.compile(r"金属|白天|明白|黄昏|青年|黑夜|灰尘|粉末|银行|青春|白日|黄金")
_ZH_DIGITS = "零一二三四五六七八九十"
_ZH_COUNT = re.compile(
    rf"(?<![第每{_ZH_DIGITS}百千])([两{_ZH_DIGITS[1:]}]|\d{{1,2}})"
    r"([个只位名条匹头座朵颗棵辆艘件本杯碗把张块支枝盏盆架间栋根片瓶株串粒幅顶口束轮枚人])"
)
_EN_DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_TWO = ("两", "俩", "双", "一对", "pair", "couple", "both")
_PLACES = {
    "left": ("left", "左"),
    "right": ("right", "右"),
    "above": ("above", "over", "on top", "overhead", "上方", "上面", "顶"),
    "below": ("below", "under", "beneath", "下方", "下面", "底"),
    "behind": ("behind", "后面", "身后", "背后", "后方"),
    "front": ("in front", "foreground", "前面", "面前", "前方", "前景"),
    "between": ("between", "之间", "中间"),
}  # fmt: skip
_PLACE = re.compile(
    r"\b(?P<left>left)\b|\b(?P<right>right)\b|\b(?P<above>above)\b|\b(?P<below>below|under|"
    r"beneath)\b|\b(?P<behind>behind)\b|\b(?P<front>in front)\b|\b(?P<between>between)\b"
)
_ZH_PLACE = re.compile(
    r"(?P<left>左)[边侧面方上下手]|(?P<right>右)[边侧面方上下手]|(?P<above>上[方面])|"
    r"(?P<below>下[方面])|(?P<behind>[身背后][后面])|(?P<front>[前面][面前])|(?P<between>之间)"
)


class Rewritten(Text):
    """Rewritten text in which the content of a prompt is looked up."""

    @cached_property
    def counts(self) -> list[Mention]:
        """Things with a number."""
        return list(english_counts(self))

    @cached_property
    def measures(self) -> list[tuple[int, str]]:
        """Chinese numbers, each with its measure word."""
        return [(_number(found[1]), found[2]) for found in _ZH_COUNT.finditer(self.plain)]

    @cached_property
    def colours(self) -> list[Mention]:
        """Things with a colour."""
        return [*english_colours(self), *chinese_colours(self)]

    @cached_property
    def english(self) -> frozenset[str]:
        """English words, also without their plural's ending."""
        found = re.findall(r"[a-z]+(?:['’-][a-z]+)*", self.lower)
        parts = [part for word in found for part in (word, *word.split("-"))]
        return frozenset((*parts, *map(singular, parts)))

    def names(self, thing: str) -> bool:
        """Return whether it names a thing, given in the singular."""
        if not thing.isascii():
            looks = "小大老" + "".join(ZH_NAMES)  # 橘猫 may have become 橘色的猫
            shorter = thing[1:] if len(thing) > 1 and thing[0] in looks else thing
            return thing in self.plain or shorter in self.plain
        return thing in self.english or (len(thing) > 4 and thing in self.lower)

    def has_number(self, number: int) -> bool:
        """Return whether it has a number, in digits or words."""
        ways = [rf"(?<!\d){number}(?!\d)"]
        if number <= 10:
            ways += [_ZH_DIGITS[number], rf"\b{_EN_DIGITS[number]}\b"]
        ways += _TWO if number == 2 else ()
        return re.search("|".join(ways), self.lower) is not None

    def has_colour(self, name: str) -> bool:
        """Return whether it has a colour."""
        if self.english & set(EN_COLOURS[name]):
            return True
        plain = _ZH_NO_COLOUR.sub("", self.plain)
        return any(letter in plain for letter, means in ZH_NAMES.items() if means == name)


@dataclass(frozen=True)
class Content:
    """One thing that a prompt names.

    Attributes
    ----------
    kind : str
        "text" for lettering, else "thing", "number", "colour" or "place".
    shown : str
        The words of the prompt.
    start : int
        Their position in it.
    state_in : callable
        Returns whether a rewritten text keeps it, lacks it or changes it.
    """

    kind: Kind
    shown: str
    start: int
    state_in: Callable[[Rewritten], State]


def quoted(text: Text) -> list[str]:
    """Return the quoted texts, without their marks."""
    return [text.prompt[start + 1 : end - 1].strip() for start, end in text.quotes]


def content_of(prompt: str) -> list[Content]:
    """Return all that a prompt names, each once, in its order."""
    text = Text(prompt)
    found = [*_texts(text), *_numbers(text), *_colours(text), *_places(text)]
    found += _chinese_things(text) if text.chinese else _english_things(text)
    unique = {(each.kind, each.shown.lower()): each for each in reversed(found)}
    return sorted(unique.values(), key=lambda each: each.start)


def _texts(text: Text) -> Iterator[Content]:
    for (start, _), inner in zip(text.quotes, quoted(text), strict=True):
        if inner:
            yield Content("text", inner, start, lambda t, q=inner: _state(q in quoted(t)))  # type: ignore[misc]


def _state(kept: bool, changed: bool = False) -> State:
    return "kept" if kept else "changed" if changed else "missing"


def _numbers(text: Text) -> Iterator[Content]:
    yield from _chinese_numbers(text)
    for m in english_counts(text):
        if m.what == 1 and not m.only:
            continue  # "a cat" is said of any cat

        def state_in(rewritten: Rewritten, m: Mention = m) -> State:
            found = [each.what for each in rewritten.counts if each.head == m.head]
            kept = m.what in found or rewritten.has_number(int(m.what))
            return _state(kept, bool(found))

        yield Content("number", text.prompt[m.start : m.end], m.start, state_in)


def _number(digits: str) -> int:
    return int(digits) if digits.isdigit() else 2 if digits == "两" else _ZH_DIGITS.index(digits)


def _chinese_numbers(text: Text) -> Iterator[Content]:
    """Yield counted things, found again by their measure word."""
    for found in _ZH_COUNT.finditer(text.plain):
        wanted = _number(found[1]), found[2]
        if wanted[0] == 1:
            continue

        def state_in(rewritten: Rewritten, wanted: tuple[int, str] = wanted) -> State:
            others = [number for number, measure in rewritten.measures if measure == wanted[1]]
            kept = wanted in rewritten.measures or (not others and rewritten.has_number(wanted[0]))
            return _state(kept, bool(others))

        end = min(found.end() + 2, text.phrase_of(found.start())[1])
        yield Content("number", text.prompt[found.start() : end], found.start(), state_in)


def _colours(text: Text) -> Iterator[Content]:
    for m in [*english_colours(text), *chinese_colours(text)]:
        if m.head == "hour":
            continue  # the golden one is a light

        def state_in(rewritten: Rewritten, m: Mention = m) -> State:
            found = [str(each.what) for each in rewritten.colours if each.head == m.head]
            same = any(alike(str(m.what), colour) for colour in found)
            return _state(same or rewritten.has_colour(str(m.what)), bool(found))

        yield Content("colour", text.prompt[m.start : m.end], m.start, state_in)


def _places(text: Text) -> Iterator[Content]:
    for found in [*_PLACE.finditer(text.lower), *_ZH_PLACE.finditer(text.plain)]:
        ways = _PLACES[str(found.lastgroup)]

        def state_in(rewritten: Rewritten, ways: tuple[str, ...] = ways) -> State:
            return _state(any(way in rewritten.lower for way in ways))

        yield Content("place", found[0], found.start(), state_in)


def _chinese_things(text: Text) -> Iterator[Content]:
    for word in text.words:
        noun = word.tag.startswith("n") and word.text not in _WORDS["zh_no_things"]
        if noun and not _ZH_COLOUR.fullmatch(word.text):
            yield _thing(word.text, word.text, word.start)


def _english_things(text: Text) -> Iterator[Content]:
    """Yield the last words of noun phrases, and proper names."""
    words = re.findall(r"[A-Za-z]+", text.plain)
    capitals = sum(word[0].isupper() for word in words)
    named = list(_NAME.finditer(text.plain)) if capitals * 2 < len(words) or capitals == 2 else []
    for name in named:
        look = name[0].lower()
        yield Content("thing", name[0], name.start(), lambda t, n=look: _state(n in t.lower))  # type: ignore[misc]
    chain: list[re.Match[str]] = []
    for found in [*_EN_WORD.finditer(text.lower), None]:
        if found is not None and found[0][0].isalpha() and found[0] not in _WORDS["between_nouns"]:
            chain.append(found)
            continue
        head = _head(chain)
        if head is not None and not any(n.start() <= head.start() < n.end() for n in named):
            yield _thing(singular(head[0]), head[0], head.start())
        chain = []


def _head(chain: list[re.Match[str]]) -> re.Match[str] | None:
    """Return the noun of a chain of words: its last, or the last before a verb."""
    for number, found in enumerate(chain):
        if number and re.search(r"(?:ing|ed|ly)$", found[0]) and found[0] not in _NOUNS_IN_ING:
            chain = chain[:number]
            break
    last = chain[-1] if chain else None
    if last is None or len(last[0]) < 3 or last[0] in _NO_THINGS or last[0] in EN_NAMES:
        return None
    return None if re.search(r"(?:ly|ed|ing)$", last[0]) and last[0] not in _NOUNS_IN_ING else last


def _thing(name: str, shown: str, start: int) -> Content:
    return Content("thing", shown, start, lambda rewritten: _state(rewritten.names(name)))
