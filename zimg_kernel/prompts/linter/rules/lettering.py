"""Rule ``lettering``: text for the picture that is not in quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.finding import TextEdit
from zimg_kernel.prompts.linter.rule import Fault, Rule, Target
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN, HIDDEN, Text

_WORDS = load_words(__file__)

_VERB = _WORDS.pattern(r"""
    (?<![\w-])(?:that|which|it)?\s*
    (?:<saying>|<lettered>(?:[ ]with|[ ]as)?|reads|reading)(?=[:\s])[:\s]\s*
""")
_WITH = _WORDS.pattern(
    r"""
    (?<![\w-])<bearing>[ ]?(?:the[ ]|a[ ])?(?:[\w-]+[ ]){0,2}?<nouns>   # with the bold words
    (?P<colon>\s*[:：]\s*|[ ])
    """,
    re.IGNORECASE,
)
_HEADING = _WORDS.pattern(r"(?<![\w-])<headings>\s*[:：]\s*", re.IGNORECASE)
_CAPITALS = _WORDS.pattern(r"""
    (?<![\w-])<carriers>[ ](?P<text>[A-Z][A-Z0-9'!&%-]+(?:[ ][A-Z0-9][A-Z0-9'!&%-]*)*)(?![\w])
""")
_CAPITAL_RUN = _WORDS.pattern(r"""
    [A-Z0-9][\w'’&!%.-]*(?:[ ](?:<small_words>[ ])?[A-Z0-9][\w'’&!%-]*)*[!?]?
""")
_WRITTEN = _WORDS.pattern(r"""
    \b(?:with|bearing|and)[ ]
    (?P<text>[A-Z][\w'’&!-]*(?:[ ](?:<small_words>[ ])?[A-Z0-9][\w'’&!-]*)*)[ ]
    (?:<ways_of_writing>|in[ ](?:\w+[ ]){0,2}(?:letters|lettering|type|font))\b
""")
_SHOWN = _WORDS.pattern(r"""
    \b(?:displaying|flashing|showing|bearing|lettered|with)[ ]
    (?P<text>[A-Z][A-Z0-9'!&%-]{2,}(?:[ ][A-Z0-9][A-Z0-9'!&%-]*)+)(?!\w)
  | \b(?:displaying|flashing)[ ](?P<one>[A-Z][A-Z0-9'!&%-]{3,})(?!\w)
""")
_NAMED = _WORDS.pattern(r"""
    \b<named_things>\b[^,.;\n\ue000]{0,40}?[ ]
    (?:called|named)[ ](?P<text>[A-Z][\w'’&-]*(?:[ ][A-Z0-9][\w'’&-]*)*)
""")
_PLAIN_TITLE = _WORDS.pattern(r"""
    \b(?:with|bearing|carrying)[ ](?:the|a)[ ](?:[\w-]+[ ])?<plain_titles>[ ](?=[a-z])
""")
_READS = _WORDS.pattern(
    r"""
    (?<![\w-])<reading_things>(?:[ ][^,.;:\n\ue000]{0,40}?)?[ ]
    (?:reads?|says?|reading|saying|spells?(?:[ ]out)?|spelling(?:[ ]out)?|declaring|proclaiming
      |announcing)[ ]
    (?P<text>(?!(?!<starters>\b)<generic>\b)[^,.;:\n\ue000]{2,60})
""",
    re.IGNORECASE,
)
_THE_WORDS = _WORDS.pattern(
    r"""
    (?<![\w-])(?:the|a)[ ](?:[\w-]+[ ])?(?:words?|text|phrase|slogan|motto|inscription|sentence
      |message|caption|headline)[ ]
    (?P<text>(?!(?!<starters>\b)<generic>\b|appears?\b|stands?\b|runs?\b|sits?\b|hangs?\b|glows?\b|reads?\b
      |says?\b|spells?\b|has\b|was\b|curves?\b|arcs?\b|fills?\b|search\b|wall\b|bubble\b
        |bottle\b)[^,.;:\n\ue000]{2,60})
""",
    re.IGNORECASE,
)
_TITLE_IS = _WORDS.pattern(r"""
    (?<![\w-])(?:title|headline|slogan|caption|inscription|motto|text|name|tagline|message)
      (?:[ ](?:of|on|at|above|below)[ ][^,.;:\n\ue000]{1,30}?)?[ ]is[ ]
    (?P<text>[A-Z][^,.;:\n\ue000]{1,60})
""")
_GENERIC = _WORDS.pattern(r"<generic>\b")
_ANY_GENERIC = _WORDS.pattern(r"<generic>\b", re.IGNORECASE)
_ABBREVIATION = _WORDS.pattern("<abbreviations>")
_STOP = re.compile(r"[,，.;\n]")

_ZH_CARRIER = _WORDS.pattern(r"<zh_carriers>|[,，:：]\s*$|^$")
_ZH_VERB = _WORDS.pattern(r"<zh_verbs><zh_after_verbs>?\s*[:：]?\s*")
_ZH_LOOSE = _WORDS.pattern("<zh_loose>")
_ZH_LETTERING, _ZH_DRAWN = _WORDS.pattern("<zh_lettering_verbs>"), _WORDS.pattern("<zh_drawn>")
_ZH_TEXT_BOARD = _WORDS.pattern("<zh_boards>[^，,。]*$")
_ZH_WRITING = _WORDS.pattern("的[^的]*?<zh_writing>$")
_ZH_LIT = _WORDS.pattern("<zh_lit>(?:上|中|里)?$")
_ZH_NOUN = _WORDS.pattern(r"""
    <zh_nouns>(?:内容)?(?:上)?(?:为|是|叫|：|:|写)\s* | (?:名字|姓名)[：:]\s*
""")
_ZH_AFTER = re.compile(  # 厚德载物四个大字
    rf"(?P<text>[{HAN}A-Za-z0-9]{{1,14}}?)(?:这)?"
    r"(?:(?:[一二两三四五六七八九几]个?|十个)(?:大|小|金|红)?字|字样)"
)
_WORDS["zh_generic"] = tuple(sorted(_WORDS["zh_generic"], key=len, reverse=True))
_ZH_GENERIC = _WORDS.pattern("<zh_generic>")
_ZH_RUN = re.compile(rf"[{HAN}A-Za-z0-9！!？?·&%\-]+(?:[ ][A-Za-z0-9]+)*")
_OPENING = "\"“”「」『』《》'‘’«»"
_UNCLOSED = {"“": "”", "「": "」", "『": "』", "《": "》"}


def _find(text: Text, target: Target) -> Iterator[Fault]:
    # The miniature takes what stands after a sign's colon for lettering, as its captions do.
    severity = "hint" if target.miniature and text.miniature_lettering else "warning"
    seen: list[tuple[int, int]] = []
    for start, end, sure in [*_english(text), *_chinese(text)]:
        if any(start < b and end > a for a, b in seen):
            continue
        seen.append((start, end))
        word = text.prompt[start:end]
        marks = '""' if word.isascii() else "“”"
        edits = (TextEdit(start, start, marks[0]), TextEdit(end, end, marks[1])) if sure else ()
        yield Fault(start, end, "unquoted", {"word": word}, edits, severity)  # type: ignore[arg-type]
    for opening, closing in _UNCLOSED.items():
        at = text.plain.rfind(opening)
        if at >= 0 and closing not in text.plain[at:]:
            yield Fault(at, at + 1, "unclosed", {"opening": opening, "closing": closing})


def _english(text: Text) -> Iterator[tuple[int, int, bool]]:
    plain = text.plain
    for pattern in (_VERB, _WITH, _HEADING):
        for found in pattern.finditer(plain if pattern is not _VERB else text.lower):
            at = found.end()
            rest = plain[at:]
            if not rest or rest[0] in _OPENING + HIDDEN or not rest[0].isalnum():
                continue
            colon = pattern is _HEADING or ":" in found[0] or "：" in found[0]
            near = _STOP.split(rest)[0]
            if HIDDEN in near.split(" in ")[0][:24]:  # the text "…", a bold title "…"
                continue
            capital = _CAPITAL_RUN.match(rest)
            generic = _ANY_GENERIC.match(rest)
            verb = found[0].strip().lower()
            sure = any(verb.removeprefix("it ").startswith(word) for word in _WORDS["sure"])
            if pattern is _VERB and not capital and not (sure and verb.endswith("ed")):
                continue  # in small letters: _READS
            if pattern is _WITH and not capital and not colon:
                continue
            if (
                generic
                and not colon
                and not (capital and len(capital[0]) > 3 and capital[0] != generic[0])
            ):
                continue
            if HIDDEN in near:
                continue
            if capital:
                end = at + capital.end()
                after = plain[end:].lstrip(" ")
                whole = not after or bool(
                    re.match(r"[,，.;\n]|(?:in|on|at|above|below|over|across)\b", after)
                )
                yield at, end, whole
            else:
                yield at, at + len(near.rstrip()), False
    for found in _PLAIN_TITLE.finditer(plain):
        near = _STOP.split(plain[found.end() :])[0].rstrip()
        generic = _GENERIC.match(near)
        if HIDDEN not in near and (not generic or re.match(r"(?:the|a|an) ", near)):
            yield found.end(), found.end() + len(near), False
    for pattern in (_READS, _THE_WORDS, _TITLE_IS):
        for found in pattern.finditer(plain):
            # Quoted text that follows at once is what the words announce.
            if HIDDEN not in plain[found.end() : found.end() + 3]:
                yield *found.span("text"), False
    for found in _NAMED.finditer(plain):
        yield *found.span("text"), False
    for found in _SHOWN.finditer(plain):
        name = "text" if found["text"] else "one"
        yield *found.span(name), True
    for found in _WRITTEN.finditer(plain):
        yield *found.span("text"), True
    for found in _CAPITALS.finditer(plain):
        word = found["text"]
        if not _ABBREVIATION.fullmatch(word) and not word.isdigit():
            yield *found.span("text"), True


def _chinese(text: Text) -> Iterator[tuple[int, int, bool]]:
    plain = text.plain
    for found in _ZH_AFTER.finditer(plain):
        start, end = found.span("text")
        verb = list(_ZH_VERB.finditer(plain, start, end))
        start = verb[-1].end() if verb else start
        word = plain[start:end]
        if (
            word
            and not _ZH_GENERIC.fullmatch(word)
            and not re.fullmatch(r"[的这那有]|.*(?:的|着)", word)
        ) and (verb or _ZH_CARRIER.search(plain[:start]) or word.isascii()):
            yield start, end, bool(verb)
    for pattern in (_ZH_VERB, _ZH_NOUN):
        for found in pattern.finditer(plain):
            run = _ZH_RUN.match(plain, found.end())
            # The segmenter reads 上刻 and 上题 as words.
            cut = text.cuts_word(found.start()) and plain[found.start() - 1] not in "上中里面"
            if not run or cut or text.cuts_word(found.end()):
                continue
            word, colon = run[0], found[0].rstrip().endswith(("：", ":"))
            loose = pattern is _ZH_VERB and bool(_ZH_LOOSE.match(found[0])) and not colon
            if loose and found[0].startswith("显示") and _ZH_LIT.search(plain[: found.start()]):
                loose = False
            drawn = not _ZH_LETTERING.match(found[0]) or _drawn(text, *run.span())
            if loose and drawn and not re.search(r"[个]字|字样|[A-Z]{2,}", word):
                continue
            generic = _ZH_GENERIC.match(word)
            if generic and len(generic[0]) == 1 < len(word) and not loose:
                generic = None  # 小心轻放 is no 小
            if not colon and generic and not re.search(r"[个]字", word):
                continue
            if HIDDEN in plain[run.end() : run.end() + 1] or (
                "的" in word[1:] and not colon and (loose or _ZH_WRITING.search(word))
            ):
                continue
            tail = re.search(
                r"(?:这)?(?:[一二两三四五六七八九几]个?|十个)(?:大|小|金|红)?字$|字样$", word
            )
            end = run.end() - (len(tail[0]) if tail else 0)
            if end > run.start():
                yield run.start(), end, end - run.start() <= 10


def _drawn(text: Text, start: int, end: int) -> bool:
    """Return whether what is carved or printed is a thing, as 龙纹 is, and no text."""
    words = [w for w in text.words if start <= w.start < end]
    if not words or end - start < 2:
        return True
    if any(w.tag in ("i", "l") and len(w.text) == 4 for w in words):
        return False  # 天下为公
    if _ZH_TEXT_BOARD.search(text.plain, max(0, start - 14), start):
        return bool(_ZH_DRAWN.match(text.plain[end - 1]))
    things = all(w.tag[:1] in "nabzmqxsfkcug" or w.tag == "vn" for w in words)
    return bool(_ZH_DRAWN.match(text.plain[end - 1])) or (things and words[-1].tag[:1] == "n")


RULE = Rule("lettering", "warning", _find)
