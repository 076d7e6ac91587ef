"""What a prompt names, and whether another text still says it: things, numbers, colours, places."""

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
    chinese_colours,
    english_colours,
    english_counts,
    singular,
)
from zimg_kernel.prompts.linter.text import Text, word_set

Kind = Literal["text", "thing", "number", "colour", "place"]
State = Literal["kept", "missing", "changed"]

_EN_WORD = re.compile(r"[a-z]+(?:['’-][a-z]+)*|\d+|[,.;:!?\n\ue000]")
_NAME = re.compile(r"(?<=[\w,] )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*|^[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)+")
# What parts a noun phrase from the next one.
_EN_SMALL = word_set("""
a an the this that these those his her its their my our your some any each every another other
one two three four five six seven eight nine ten single dozen several many few both all no
in on at with and or of by from to for under over near beside behind against through across above
below between into onto inside outside around along while during like as next beneath beyond
towards toward without off out up down front side left right top bottom middle center centre
is are was were be being been has have having who which whose where when it they he she there
wearing holding sitting standing lying looking says reads saying reading written
""")
_EN_NO_THING = word_set("""
picture image photo photograph drawing illustration scene view shot style background foreground
render closeup close-up masterpiece quality detail details resolution day time thing things lot
piece kind type sort pair group way hd uhd 4k 8k
""")
_EN_ING = word_set("""
building ring king painting wing spring string evening morning ceiling wedding sling clothing
lightning dumpling duckling railing earring pudding drawing engraving carving awning viking
""")
_ZH_NO_THING = word_set("""
画面 图 图片 图像 照片 画 背景 风格 场景 效果 质量 高清 色 颜色 时 时候 中间 边 样子 气氛 氛围
人们 字 文字 字样 字体 大师 杰作 作品
""")
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


class Other(Text):
    """A text in which what is needed is looked for."""

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
        """Whether it names a thing, in the singular."""
        if not thing.isascii():
            looks = "小大老" + "".join(ZH_NAMES)  # 橘猫 may have become 橘色的猫
            shorter = thing[1:] if len(thing) > 1 and thing[0] in looks else thing
            return thing in self.plain or shorter in self.plain
        return thing in self.english or (len(thing) > 4 and thing in self.lower)

    def has_number(self, number: int) -> bool:
        """Whether a number stands anywhere in it, in digits or words."""
        ways = [rf"(?<!\d){number}(?!\d)"]
        if number <= 10:
            ways += [_ZH_DIGITS[number], rf"\b{_EN_DIGITS[number]}\b"]
        ways += _TWO if number == 2 else ()
        return re.search("|".join(ways), self.lower) is not None

    def has_colour(self, name: str) -> bool:
        """Whether a colour stands anywhere in it."""
        if self.english & set(EN_COLOURS[name].split()):
            return True
        plain = _ZH_NO_COLOUR.sub("", self.plain)
        return any(letter in plain for letter, means in ZH_NAMES.items() if means == name)


@dataclass(frozen=True)
class Need:
    """One thing that a prompt says.

    Attributes
    ----------
    kind : str
        "text" for what is to be lettered, else "thing", "number", "colour" or "place".
    shown : str
        The words of the prompt.
    start : int
        Where they stand in it.
    look : callable
        Says of another text whether it is kept, missing or changed.
    """

    kind: Kind
    shown: str
    start: int
    look: Callable[[Other], State]


def quoted(text: Text) -> list[str]:
    """Return what stands in quotation marks, without them."""
    return [text.prompt[start + 1 : end - 1].strip() for start, end in text.quotes]


def needs(prompt: str) -> list[Need]:
    """Return what a prompt names, each once, in its order."""
    text = Text(prompt)
    found = [*_texts(text), *_numbers(text), *_colours(text), *_places(text)]
    found += _chinese_things(text) if text.chinese else _english_things(text)
    unique = {(need.kind, need.shown.lower()): need for need in reversed(found)}
    return sorted(unique.values(), key=lambda need: need.start)


def _texts(text: Text) -> Iterator[Need]:
    for (start, _), inner in zip(text.quotes, quoted(text), strict=True):
        if inner:
            yield Need("text", inner, start, lambda t, q=inner: _state(q in quoted(t)))  # type: ignore[misc]


def _state(kept: bool, changed: bool = False) -> State:
    return "kept" if kept else "changed" if changed else "missing"


def _numbers(text: Text) -> Iterator[Need]:
    yield from _chinese_numbers(text)
    for m in english_counts(text):
        if m.what == 1 and not m.only:
            continue  # "a cat" is said of any cat

        def look(other: Other, m: Mention = m) -> State:
            said = [each.what for each in other.counts if each.head == m.head]
            kept = m.what in said or other.has_number(int(m.what))
            return _state(kept, bool(said))

        yield Need("number", text.prompt[m.start : m.end], m.start, look)


def _number(said: str) -> int:
    return int(said) if said.isdigit() else 2 if said == "两" else _ZH_DIGITS.index(said)


def _chinese_numbers(text: Text) -> Iterator[Need]:
    """What is counted follows a measure word, by which it is known again."""
    for found in _ZH_COUNT.finditer(text.plain):
        wanted = _number(found[1]), found[2]
        if wanted[0] == 1:
            continue

        def look(other: Other, wanted: tuple[int, str] = wanted) -> State:
            others = [number for number, measure in other.measures if measure == wanted[1]]
            kept = wanted in other.measures or (not others and other.has_number(wanted[0]))
            return _state(kept, bool(others))

        end = min(found.end() + 2, text.phrase_of(found.start())[1])
        yield Need("number", text.prompt[found.start() : end], found.start(), look)


def _colours(text: Text) -> Iterator[Need]:
    for m in [*english_colours(text), *chinese_colours(text)]:
        if m.head == "hour":
            continue  # the golden one is a light

        def look(other: Other, m: Mention = m) -> State:
            said = [str(each.what) for each in other.colours if each.head == m.head]
            same = any(alike(str(m.what), colour) for colour in said)
            return _state(same or other.has_colour(str(m.what)), bool(said))

        yield Need("colour", text.prompt[m.start : m.end], m.start, look)


def _places(text: Text) -> Iterator[Need]:
    for found in [*_PLACE.finditer(text.lower), *_ZH_PLACE.finditer(text.plain)]:
        ways = _PLACES[str(found.lastgroup)]

        def look(other: Other, ways: tuple[str, ...] = ways) -> State:
            return _state(any(way in other.lower for way in ways))

        yield Need("place", found[0], found.start(), look)


def _chinese_things(text: Text) -> Iterator[Need]:
    for word in text.words:
        noun = word.tag.startswith("n") and word.text not in _ZH_NO_THING
        if noun and not _ZH_COLOUR.fullmatch(word.text):
            yield _thing(word.text, word.text, word.start)


def _english_things(text: Text) -> Iterator[Need]:
    """The last words of noun phrases, and names."""
    words = re.findall(r"[A-Za-z]+", text.plain)
    capitals = sum(word[0].isupper() for word in words)
    named = list(_NAME.finditer(text.plain)) if capitals * 2 < len(words) or capitals == 2 else []
    for name in named:
        look = name[0].lower()
        yield Need("thing", name[0], name.start(), lambda t, n=look: _state(n in t.lower))  # type: ignore[misc]
    chain: list[re.Match[str]] = []
    for found in [*_EN_WORD.finditer(text.lower), None]:
        if found is not None and found[0][0].isalpha() and found[0] not in _EN_SMALL:
            chain.append(found)
            continue
        head = _head(chain)
        if head is not None and not any(n.start() <= head.start() < n.end() for n in named):
            yield _thing(singular(head[0]), head[0], head.start())
        chain = []


def _head(chain: list[re.Match[str]]) -> re.Match[str] | None:
    """The noun of a chain of words: its last, or the last before a verb."""
    for number, found in enumerate(chain):
        if number and re.search(r"(?:ing|ed|ly)$", found[0]) and found[0] not in _EN_ING:
            chain = chain[:number]
            break
    last = chain[-1] if chain else None
    if last is None or len(last[0]) < 3 or last[0] in _EN_NO_THING or last[0] in EN_NAMES:
        return None
    return None if re.search(r"(?:ly|ed|ing)$", last[0]) and last[0] not in _EN_ING else last


def _thing(name: str, shown: str, start: int) -> Need:
    return Need("thing", shown, start, lambda other: _state(other.names(name)))
