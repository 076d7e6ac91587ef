"""Word filter: words of a list in prompts, in Chinese and English, by Aho-Corasick."""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from zimg_kernel.yaml_files import read_utf8

_FOLDER = Path(__file__).parent / "words"
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"\w")


class WordFilter:
    """Finds forbidden words.

    Texts are compared in one form of their characters (NFKC), without case, without invisible
    characters, and with simplified characters in place of traditional ones. An English word is
    found where it stands alone, a Chinese one where it is not a part of other words of a
    dictionary: 异性交往 holds no 性交.

    Parameters
    ----------
    own : Path, optional
        A file with more words, one in a line; ``-word`` takes one away, ``#`` begins a comment.
    """

    def __init__(self, own: Path | None = None) -> None:
        words: set[str] = set()
        files = [_FOLDER / "en.txt", _FOLDER / "zh.txt", *([own] if own else [])]
        for file in files:
            for line in read_utf8(file, field="words").splitlines():
                word = _plain(line.strip())
                if word.startswith("-"):
                    words.discard(word[1:].strip())
                elif word and not word.startswith("#"):
                    words.add(word)
        self.words = sorted(words)

    @cached_property
    def _automaton(self) -> Any:
        from ahocorasick_rs import AhoCorasick

        return AhoCorasick(self.words)

    def find(self, text: str) -> str | None:
        """Return the first forbidden word in a text, as the list has it; None if it holds none."""
        if not self.words:
            return None
        plain = _plain(text)
        hits = self._automaton.find_matches_as_indexes(plain, overlapping=True)
        edges: set[int] | None = None
        for index, start, end in hits:
            word = self.words[index]
            if _HAN.search(word):
                edges = _edges(plain) if edges is None else edges
                if start in edges and end in edges:
                    return word
            elif not (_in_word(plain, start) or _in_word(plain, end)):
                return word
        return None


def _plain(text: str) -> str:
    """Return a text in the form in which it is compared; runs of blanks become one."""
    visible = (sign for sign in text if unicodedata.category(sign) != "Cf")
    folded = unicodedata.normalize("NFKC", "".join(visible)).casefold()
    if _HAN.search(folded):
        folded = _simplifying().convert(folded)
    return re.sub(r"\s+", " ", folded)


@lru_cache(maxsize=1)
def _simplifying() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def _in_word(text: str, at: int) -> bool:
    """Whether a place in a text lies between two letters of one word in Latin letters."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    return all(_WORD.match(sign) and not _HAN.match(sign) for sign in (before, after))


def _edges(text: str) -> set[int]:
    """Return the places in a text where words of the dictionary begin or end."""
    import rjieba

    edges, at = {0}, 0
    for word in rjieba.cut(text, False):
        at += len(word)
        edges.add(at)
    return edges
