"""Parser of prompts into scenes that the miniature's judge can check."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zimg_kernel.nano.world.scenes import Scene, Thing

_HAN = re.compile(r"[\u3400-\u9fff]")
_TOKEN = re.compile(r"[a-z]+(?:-[a-z]+)*|\d+|\S")
_FILLERS_EN = frozenset(
    ("a", "an", "the", "one", "of", "there", "is", "and", "with", "in", ",", ".", ";")
)
_FILLERS_ZH = frozenset("的有是和与在画请个只，。、；,.")
_Add = Callable[[str, str, str], None]


@dataclass(frozen=True)
class _Word:
    kind: str  # colour, shape, number, place, size, fill, background, or "" for a filler
    value: str


def read_scene(prompt: str) -> Scene | None:
    """Return the scene that a prompt describes, or None if it is not wholly understood.

    Understood are one to five objects with their colours, sizes, fills and number, the place
    of a single one, and backgrounds, in the words of the miniature's captions. Relations of
    objects, signs and landscapes are not: they give None.
    """
    text = prompt.lower().strip()
    words = _words(text, _HAN.search(text) is not None)
    return None if words is None else _scene(words)


def _words(text: str, zh: bool) -> list[_Word] | None:
    table, longest = _table(zh)
    fillers = _FILLERS_ZH if zh else _FILLERS_EN
    parts = list(text.replace(" ", "")) if zh else _TOKEN.findall(text)
    joint = "" if zh else " "
    found: list[_Word] = []
    at = 0
    while at < len(parts):
        for length in range(min(longest, len(parts) - at), 0, -1):
            word = table.get(joint.join(parts[at : at + length]))
            if word is not None:
                found.append(word)
                at += length
                break
        else:
            if parts[at] not in fillers:
                return None
            at += 1
    return [word for word in found if word.kind]


def _scene(words: list[_Word]) -> Scene | None:
    from zimg_kernel.nano.world.scenes import PLACES, Scene, Thing

    kinds = [word.kind for word in words]
    shapes = kinds.count("shape")
    places = [word.value for word in words if word.kind == "place"]
    if not 0 < shapes <= 3 or len(places) > 1 or (places and shapes > 1):
        return None
    numbers = [int(word.value) for word in words if word.kind == "number"]
    if shapes > 1 and any(number > 1 for number in numbers):
        return None
    things: list[Thing] = []
    pending: dict[str, str] = {}
    for word in words:
        if word.kind in ("colour", "size", "fill"):
            if word.kind in pending:  # two colours before one object
                return None
            pending[word.kind] = word.value
        elif word.kind == "shape":
            x, y = PLACES[places[0]] if places else (0.5, 0.5)
            colour = pending.pop("colour", None)
            things.append(
                Thing(
                    word.value, colour or "red", x, y, 0.2,
                    place=places[0] if places else None, size=pending.pop("size", None),
                    fill=pending.pop("fill", "plain"), colour_named=colour is not None,
                )
            )  # fmt: skip
    if pending:  # words that describe nothing
        return None
    if shapes > 1 and not any(thing.colour_named for thing in things):
        return None  # hills and trees: rather a landscape
    background = next((word.value for word in words if word.kind == "background"), None)
    if shapes > 1:
        return Scene("two open" if shapes == 2 else "three", tuple(things), background)
    number = numbers[0] if numbers else 1
    if len(numbers) > 1 or not 0 < number <= 5 or (number > 1 and places):
        return None
    return Scene("count" if number > 1 else "single", tuple(things * number), background)


@lru_cache(maxsize=2)
def _table(zh: bool) -> tuple[dict[str, _Word], int]:
    """Return the phrases of captions with their meaning, and the parts of the longest one."""
    found: dict[str, _Word] = {}

    def add(phrase: str, kind: str, value: str) -> None:
        found[phrase.lower() if zh else " ".join(_TOKEN.findall(phrase.lower()))] = _Word(
            kind, value
        )

    (_add_chinese if zh else _add_english)(add)
    return found, max(len(key) if zh else key.count(" ") + 1 for key in found)


def _add_english(add: _Add) -> None:
    from zimg_kernel.nano.text import words as w
    from zimg_kernel.nano.text.english import plural_of

    for name, phrases in w.EN_BACKGROUNDS.items():
        for phrase in phrases:
            for form in ("on a {}", "on an {}", "with a {}", "with an {}", "against a {}",
                         "against an {}", "{}"):  # fmt: skip
                add(form.format(f"{phrase} background"), "background", name)
    for name, phrases in w.EN_SCENIC.items():
        for phrase in phrases:
            add(phrase, "background", name)
    for kind, table in (("place", w.EN_PLACES), ("size", w.EN_SIZES), ("fill", w.EN_FILLS),
                        ("colour", w.EN_COLOURS), ("shape", w.EN_SHAPES)):  # fmt: skip
        for name, phrases in table.items():
            for phrase in phrases:
                if phrase == "plus":  # "a star plus a heart"
                    continue
                add(phrase, kind, name)
                if kind == "shape":
                    add(plural_of(phrase), kind, name)
    for count, phrases in w.EN_NUMBERS.items():
        for phrase in phrases:
            add(phrase, "number" if count > 1 else "", str(count))
    for phrase in (*w.EN_OPENERS, *w.EN_ADJECTIVES, "side by side"):
        add(phrase, "", "")


def _add_chinese(add: _Add) -> None:
    from zimg_kernel.nano.text import words as w

    for name, phrases in w.ZH_BACKGROUNDS.items():
        for phrase in phrases:
            for form in ("{}背景", "{}的背景", "背景是{}", "背景为{}", "以{}为背景"):
                add(form.format(phrase), "background", name)
            for form in ("在{}上", "{}上", "在{}中", "{}里") if name in w.SCENIC else ():
                add(form.format(phrase), "background", name)
    for kind, table in (("place", w.ZH_PLACES), ("size", w.ZH_SIZES), ("fill", w.ZH_FILLS),
                        ("colour", w.ZH_COLOURS), ("shape", w.ZH_SHAPES)):  # fmt: skip
        for name, phrases in table.items():
            for phrase in phrases:
                add(phrase, kind, name)
                if kind in ("colour", "size", "fill") and not phrase.endswith("的"):
                    add(f"{phrase}的", kind, name)
    measures = {"个", *(m for group in w.ZH_MEASURES.values() for m in group)}
    for count, phrases in w.ZH_NUMBERS.items():
        for phrase in phrases:
            for measure in measures:
                add(phrase + measure, "number" if count > 1 else "", str(count))
    for phrase in (*w.ZH_OPENERS, *w.ZH_ADJECTIVES, *measures, "并排", "在一起"):
        add(phrase, "", "")
