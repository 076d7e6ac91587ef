"""Rewording of a prompt: by choices in it, by the caller's own wordings, or by synonyms."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from zimg_kernel.errors import BadInput

from .scene_parser import read_scene

Wordings = Iterable[str] | Callable[[str, int], Iterable[str]]
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|「[^」]*」|『[^』]*』|《[^》]*》")
_HAN = re.compile(r"[\u3400-\u9fff]")
_DETERMINER = re.compile(r"^(?:an?|the|some|one|a few)\s+")
_NUMERAL = "一几两三四五"
_TRIES = 40  # for each wording that is wanted


def reword(prompt: str, n: int, seed: int = 0, wordings: Wordings | None = None) -> list[str]:
    """Return ``n`` wordings of a prompt that differ.

    Parameters
    ----------
    prompt : str
        Choices in it, ``{at dusk|at noon}`` or ``__colour__``, are drawn as in
        :func:`zimg_kernel.prompts.expand`. Otherwise it is said in other words of the
        miniature's captions: objects by a new caption, landscapes by synonyms.
    n : int
        How many. If there are fewer, they come round again.
    seed : int
        Chooses them.
    wordings : iterable of str, or callable
        The caller's own, such as an enhancer's: a list, or a function that is given the
        prompt and ``n``.

    Raises
    ------
    BadInput
        There is only one wording, or the caller's are no texts.
    """
    if wordings is not None:
        found = _callers(wordings, prompt, n)
    elif _has_choices(prompt):
        found = _by_choices(prompt, n, seed)
    else:
        found = _by_synonyms(prompt, n, seed)
    if len(found) < 2 <= n:
        raise BadInput(
            f"There is only one wording of “{prompt}”: write choices into it, such as "
            "{at dawn|at noon}, or give your own as wordings=[...].",
            code="single-wording",
            field="prompt",
        )
    return [found[i % len(found)] for i in range(n)]


def _callers(wordings: Wordings, prompt: str, n: int) -> list[str]:
    made = wordings(prompt, n) if callable(wordings) else wordings
    if isinstance(made, str):
        raise BadInput(
            "wordings is a list of prompts: put this one in [brackets].",
            code="wrong-type",
            field="wordings",
        )
    found = []
    for text in made:
        if not isinstance(text, str) or not text.strip():
            raise BadInput(
                f"A wording is a text that says something, not {text!r}.",
                code="wrong-type",
                field="wordings",
            )
        if text not in found:
            found.append(text)
        if len(found) == n:
            break
    return found


def _has_choices(prompt: str) -> bool:
    return "{" in prompt or re.search(r"__\w+__", prompt) is not None


def _by_choices(prompt: str, n: int, seed: int) -> list[str]:
    from zimg_kernel.prompts import expand

    return _different(lambda i: expand(prompt, seed * 1_000_003 + i), n)


def _by_synonyms(prompt: str, n: int, seed: int) -> list[str]:
    rng = random.Random(f"wordings {seed}")
    scene = read_scene(prompt)
    if scene is not None:
        from zimg_kernel.nano.text.captions import caption

        lang = "zh" if _HAN.search(prompt) else "en"
        return _different(lambda i: caption(scene, rng, lang, extras=False) if i else prompt, n)
    pieces = _pieces(prompt)
    # The prompt as it stands is one of them.
    return _different(lambda i: _exchanged(pieces, rng) if i else prompt, n)


def _different(make: Callable[[int], str], n: int) -> list[str]:
    found: dict[str, None] = {}
    for i in range(_TRIES * n):
        found.setdefault(make(i))
        if len(found) == n:
            break
    return list(found)


def _exchanged(pieces: list[str | tuple[str, ...]], rng: random.Random) -> str:
    text = "".join(piece if isinstance(piece, str) else rng.choice(piece) for piece in pieces)
    # "a" before what begins with a vowel, and the other way round.
    return re.sub(r"\b([Aa])n? (?=([a-z]))", lambda m: f"{m[1]}{'n' * (m[2] in 'aeiou')} ", text)


def _pieces(prompt: str) -> list[str | tuple[str, ...]]:
    """Return the prompt as text that stays and groups of words that may stand there."""
    pieces: list[str | tuple[str, ...]] = []
    at = 0
    quoted = [(match.start(), match.end()) for match in _QUOTED.finditer(prompt)]
    table, longest = _synonyms()
    lowered = prompt.lower()
    while at < len(prompt):
        inside = next((end for start, end in quoted if start == at), None)
        if inside is not None:
            pieces.append(prompt[at:inside])
            at = inside
            continue
        for length in range(min(longest, len(prompt) - at), 0, -1):
            word = lowered[at : at + length]
            if word in table and _stands_alone(lowered, at, at + length):
                pieces.append(table[word])
                at += length
                break
        else:
            pieces.append(prompt[at])
            at += 1
    return pieces


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Return whether an English word is not part of a longer one; Chinese has no such edges.

    A single Chinese character is left alone: 山 may be half of 山水.
    """
    if _HAN.match(text[start]):
        return end - start > 1 or not _touches_han(text, start, end)
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() or after.isalnum() or before == "-" or after == "-")


def _touches_han(text: str, start: int, end: int) -> bool:
    links = "的和与在，、：。；"
    around = (text[start - 1 : start], text[end : end + 1])
    return any(_HAN.match(c) is not None and c not in links for c in around if c)


@lru_cache(maxsize=1)
def _synonyms() -> tuple[dict[str, tuple[str, ...]], int]:
    """Return, for each word of the miniature's captions, those that can stand in its place."""
    from zimg_kernel.nano.text import landscape_captions as land
    from zimg_kernel.nano.text import words as w

    table: dict[str, tuple[str, ...]] = {}
    groups: list[tuple[str, ...]] = []
    # Landscape words last: their fuller phrases win where both have a word.
    for source in (
        w.ZH_SHAPES, w.ZH_COLOURS, w.EN_SHAPES, w.EN_COLOURS,
        land.ZH_TIMES, land.EN_TIMES, land.ZH_ELEMENTS, land.EN_ELEMENTS,
        land.ZH_STYLES, land.EN_STYLES,
    ):  # fmt: skip
        groups += [tuple(dict.fromkeys(group)) for group in source.values()]
    for group in groups:
        for word in group:
            alike = _alike(word, group)
            if len(alike) > 1:
                table[word] = alike
                bare = _DETERMINER.sub("", word)
                if bare != word and bare not in group:
                    table[bare] = tuple(_DETERMINER.sub("", other) for other in alike)
    return table, max(map(len, table))


def _alike(word: str, group: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of a group that fit into the same place of a sentence."""
    if _HAN.match(word):
        counted, ends = word[0] in _NUMERAL, word.endswith("色")
        return tuple(
            other
            for other in group
            if (other[0] in _NUMERAL) == counted and other.endswith("色") == ends
        )
    first = _DETERMINER.match(word)
    kind = first[0].strip() if first else ""
    kind = "a" if kind in ("a", "an") else kind
    plural = word.endswith("s")

    def fits(other: str) -> bool:
        start = _DETERMINER.match(other)
        same = (start[0].strip() if start else "") in ({"a", "an"} if kind == "a" else {kind})
        return same and other.endswith("s") == plural

    return tuple(other for other in group if fits(other))
