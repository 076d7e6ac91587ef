"""What Chinese words that may be text for the picture look like: talk, a name, a price."""

from __future__ import annotations

import re
from functools import lru_cache

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN, Text

_WORDS = load_words(__file__, "announced_zh")

_DESCRIBED = _WORDS.pattern("(?:<described>)")
_DESCRIBED_WORD = _WORDS.pattern("(?:<described_words>)")
_DESCRIBED_END = _WORDS.pattern("(?:<described_ends>)$")
_TALK, _WISH = _WORDS.pattern("<talk>"), _WORDS.pattern("(?:<wishes>)")
_LIKE, _NAME = _WORDS.pattern("<like>"), _WORDS.pattern("(?:<names>)")
_CODE = re.compile(rf"[^的]*(?:[{HAN}A-Za-z:：.]\d|\d[{HAN}A-Za-z.%])|\d{{3,}}$")
# 黑板上写着数学公式, 在本子上写着日记
PIECE = re.compile("着?[一-鿿]{0,2}(?:公式|方程式|祝福语|日记|笔记|楼阁)")
_TAIL = re.compile(
    r"(?:[用以](?!心)|(?:横穿|横跨|贯穿|占据|环绕|压在|铺满|置于|飘在|悬在|嵌在|始于)|(?:[放排横竖印写摆立挂居位置][排写]?[在于])).{2,}$|(?:这)?[两三四五六七八九十几][个行].{0,4}字$|字样$"
)
_LATIN = re.compile(r"[A-Za-z][A-Za-z'&.!-]+")
TEXT_LIKE = load_words(__file__, "lettering_zh").pattern("<zh_text_like>")


def kinds_of(text: Text, start: int, end: int) -> set[str]:
    """Return what words look like: a talk, a name, a clause."""
    return {*_kinds_of(text, start, end)}


@lru_cache(maxsize=256)  # several finders look at the same words
def _kinds_of(text: Text, start: int, end: int) -> frozenset[str]:
    word = text.plain[start:end].rstrip()
    if len(word) < 2 or _WISH.match(word) or describes(text, start, end):
        return frozenset()
    words = text.words_from(start, end)
    found: set[str] = set()
    if _TALK.search(word):
        found.add("talk")
    if "的" not in word and (_LIKE.search(word) or TEXT_LIKE.search(word)):
        found.add("like")
    if _LATIN.match(word):
        found.add("latin")
    if _CODE.match(word):
        found.add("code")
    if _NAME.match(word):
        found |= {"name", "shop"}
    tags = {w.tag for w in words}
    if words and all(w.tag in ("i", "l") and len(w.text) >= 4 for w in words):
        found.add("idiom")
    if "的" not in word:
        if tags & {"v", "vn"} and tags & {"ul", "y", "d", "p", "r"}:
            found.add("verbal")
        if "nt" in tags or (words and words[0].tag == "nr" and len(words[0].text) == 3):
            found.add("name")
        found |= {"plain", "long"} if len(word) > 3 else {"plain"}
    return frozenset(found)


@lru_cache(maxsize=256)
def describes(text: Text, start: int, end: int) -> bool:
    """Return whether words tell how something looks or where it stands."""
    word = text.plain[start : without_tail(text, start, end)].rstrip()
    if (
        PIECE.fullmatch(word)
        or _DESCRIBED.match(word)
        or (_DESCRIBED_END.search(word) and not _TALK.search(word))
    ):
        return True
    first = next(iter(text.words_from(start, start + 1)), None)
    return first is not None and bool(_DESCRIBED_WORD.fullmatch(first.text))


def speaks(text: Text, start: int, end: int) -> bool:
    """Return whether words are of a notice, though they begin like a description: 内有恶犬."""
    word = text.plain[start : without_tail(text, start, end)].rstrip()
    if len(word) < 3 or re.search("[的着正在]", word) or _DESCRIBED_END.search(word):
        return False
    return bool(_TALK.search(word) or _LIKE.search(word) or TEXT_LIKE.search(word))


def without_tail(text: Text, start: int, end: int) -> int:
    """Return the end of words before what tells their type or place."""
    tail = _TAIL.search(text.plain, start, end)
    return tail.start() if tail else end
