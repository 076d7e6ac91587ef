"""Table of words and phrases with what each of them says, found by the longest match."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(r"[^\W_]+(?:'(?!s\b)[^\W_]+)?")
_HAN = re.compile(r"[\u3400-\u9fff]")


_IRREGULAR = {
    "geese": "goose", "men": "man", "women": "woman", "children": "child", "mice": "mouse",
    "wolves": "wolf", "leaves": "leaf", "feet": "foot", "calves": "calf", "oxen": "ox",
    "people": "person", "loaves": "loaf", "knives": "knife", "shelves": "shelf", "elves": "elf",
    "fishermen": "fisherman", "sheaves": "sheaf", "scarves": "scarf",
}  # fmt: skip


class Hit(NamedTuple):
    """Words found in a text, and what they say."""

    start: int
    end: int
    word: str
    says: tuple[str, ...]


@lru_cache(maxsize=4096)
def stem(token: str) -> str:
    """Return an English word without the ending of the plural."""
    if token in _IRREGULAR:
        return _IRREGULAR[token]
    if len(token) < 4 or token.endswith(("ss", "us", "is")):
        return token
    if token.endswith(("ches", "shes", "xes", "sses")):
        return token[:-2]
    return f"{token[:-3]}y" if token.endswith("ies") else token.removesuffix("s")


class Lexicon:
    """Words and phrases of one language by what they say.

    Where two begin at the same place the longer one is meant, so that a phrase that says nothing,
    listed under ``"-"``, hides the words in it: 月光石 is no 月光.

    Parameters
    ----------
    lists : mapping of str to iterable of str
        Words by what they say.
    chinese : bool
        Whether the words are Chinese; English phrases are matched word by word.
    nested : bool
        Whether a phrase says what a shorter one in it says, too: morning sun, morning.
    """

    def __init__(
        self, lists: Mapping[str, Iterable[str]], *, chinese: bool, nested: bool = False
    ) -> None:
        self.chinese = chinese
        self._says: dict[str, tuple[str, ...]] = {}
        self._longest: dict[str, int] = {}
        for name, words in lists.items():
            for word in words:
                key = word if chinese else " ".join(stem(t) for t in _TOKEN.findall(word))
                if name not in self._says.get(key, ()):
                    self._says[key] = (*self._says.get(key, ()), name)
                head = key[:1] if chinese else key.split(" ", 1)[0]
                size = len(key) if chinese else key.count(" ") + 1
                self._longest[head] = max(size, self._longest.get(head, 0))

        if nested:
            says = dict(self._says)
            for key in says:
                if "-" not in says[key]:
                    self._says[key] = tuple(dict.fromkeys((*says[key], *self._inner(says, key))))

    def _inner(self, says: Mapping[str, tuple[str, ...]], key: str) -> Iterator[str]:
        parts, joint = (list(key), "") if self.chinese else (key.split(), " ")
        for size in range(1, len(parts)):
            for at in range(len(parts) - size + 1):
                inner = says.get(joint.join(parts[at : at + size]), ())
                yield from () if "-" in inner else inner

    def find(self, text: str) -> list[Hit]:
        """Return the words of the table in a text in small letters, which do not overlap."""
        found = self._characters(text) if self.chinese else self._phrases(text)
        return [hit for hit in found if "-" not in hit.says]

    def _characters(self, text: str) -> Iterator[Hit]:
        at = 0
        while at < len(text):
            for size in range(self._longest.get(text[at], 0), 0, -1):
                word = text[at : at + size]
                if word in self._says:
                    yield Hit(at, at + len(word), word, self._says[word])
                    at += len(word) - 1
                    break
            at += 1

    def _phrases(self, text: str) -> Iterator[Hit]:
        tokens = _tokens(text)
        following = 0
        for at, (token, start, end) in enumerate(tokens):
            size = self._longest.get(token, 0)
            if not size or at < following:
                continue
            for group in (tokens[at : at + n] for n in range(size, 1, -1)):
                word = " ".join([each[0] for each in group])
                if word in self._says and not _APART.search(text, start, group[-1][2]):
                    yield Hit(start, group[-1][2], word, self._says[word])
                    following = at + len(group)
                    break
            else:
                if token in self._says:
                    yield Hit(start, end, token, self._says[token])


@lru_cache(maxsize=4)
def _tokens(text: str) -> list[tuple[str, int, int]]:
    """Return the words of a text in the singular, and where they stand."""
    return [(stem(m[0]), *m.span()) for m in _TOKEN.finditer(text)]


_APART = re.compile(r"[,.;:!?\n()]")
