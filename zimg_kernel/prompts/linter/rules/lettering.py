"""Rule ``lettering``: text for the picture that is not in quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.finding import TextEdit
from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.rule import Fault, Rule, Target
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HIDDEN, Text

from .lettering_told import told_lettering
from .lettering_zh import chinese_lettering
from .negative_zh import UNWRITTEN
from .turns_zh import describes_lettering

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
    \b(?:display(?:s|ing)|flash(?:es|ing)|show(?:s|ing)|bear(?:s|ing)|lettered|with)[ ]
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
    (?:(?<!be[ ])reads?|says?|reading|saying|spells?(?:[ ]out)?|spelling(?:[ ]out)?|declaring
      |proclaiming|announcing|announces|declares|proclaims|list(?:s|ing)(?=[^,.;]*\d))[ ]
    (?P<text>(?!(?!<starters>\b|<first_words>\b)<generic>\b|<not_read>\b)[^,.;:\n\ue000]{2,60})
""",
    re.IGNORECASE,
)
_THE_WORDS = _WORDS.pattern(
    r"""
    (?<![\w-])(?:the|a)[ ](?:[\w-]+[ ])?(?:words?|text|phrase|slogan|motto|inscription|sentence
      |message|caption|headline|greeting|proverb|catchphrase|hashtag)[ ]
    (?P<text>(?!(?!<starters>\b)<generic>\b
        |[a-z]{3,}s[ ](?:up|off|over|out|along|the)\b
        |appears?\b|stands?\b|runs?\b|sits?\b|hangs?\b|glows?\b|reads?\b
      |says?\b|spells?\b|has\b|was\b|curves?\b|arcs?\b|fills?\b|search\b|wall\b|bubble\b
        |bottle\b)[^,.;:\n\ue000]{2,60})
""",
    re.IGNORECASE,
)
_END = r"(?=[,.;:\n]|$|[ ](?:in|on|at|across|above|below|beneath|under|next|over|along|with)[ ])"
# Ways of telling what is written: a child wrote ..., a cake with ... piped on top.
_OTHERS = tuple(
    _WORDS.pattern(pattern)
    for pattern in (
        rf"""
        (?<![\w-])<writing>[ ]
        (?P<text>(?!(?:Saint|St|Christ|Mary|Buddha)\b)
          (?![A-Z]\w+(?:[ ]\w+)?[ ](?:red|blue|green|white|black|grey|gray|yellow)\b)
          (?!<generic>\b)
          (?:[A-Z][^,.;:\n\ue000]{{1,60}}?|<first_words>\b[^,.;:\n\ue000]{{2,60}}?)){_END}
        """,
        r"""
        \b(?:chalk|black|white|letter|menu[ ]|departure[ ])?
        (?:boards?|menus?|cards?|signs?|lists?|receipts?|labels?|notes?)
        (?:[ ](?:above|over|behind|beside|on|at|by)[ ](?:the|a)[ ][\w-]+)?(?:[ ](?:that|which))?[ ]
        (?:lists|listing|announces|announcing|offers|offering|advertises|advertising)[ ]
        (?P<text>(?!<generic>\b|<listed>\b)\w[^.;:\n\ue000]{2,60}(?:,[ ][^,.;:\n]{2,40})+)
        """,
        r"""
        \bwith[ ](?P<text>(?![A-Z]\w+(?:ese|ian|ish|ic|ean|man)\b)(?!<generic>\b)
          (?:[A-Z]|<first_words>\b)[^,.;:\n\ue000]{1,50}?)[ ]
        <ways_of_writing>[ ](?:on|across|in|over|above|below|around|along|underneath|into)\b
        """,
        rf"""
        (?<!magic[ ])(?<!casting[ ])\b(?:spells|spelling|spelled)(?:[ ]out)?[ ]
        (?P<text>(?!(?!<starters>\b|<first_words>\b)<generic>\b|bee\b|book\b|mistake)
          [^,.;:\n\ue000]{{2,50}}?){_END}
        """,
        rf"""
        \b(?:carved|engraved|inscribed|embroidered|stitched|stamped|tattooed|monogrammed|etched|iced
          |printed|painted|lettered|chalked|sprayed|decorated)[ ]with[ ]
        (?P<text><first_words>\b[^,.;:\n\ue000]{{3,50}}?){_END}
        """,
        r"""
        (?<![\w-])<reading_things>(?:[ ][^,.;:\n\ue000]{0,40}?)?[ ](?:says|saying)[ ]
        (?P<text>(?:the|an?|your|our|his|her)[ ][^,.;:\n\ue000]{2,60})
        """,
        r"""
        \bin[ ](?:[\w-]+[ ]){1,3}(?:letters|capitals|type|script|lettering)[ ]
        (?P<text><first_words>\b[^,.;:\n\ue000]{2,50})
        """,
        r"""
        (?<![\w-])<reading_things>(?:[ ][^,.;:\n\ue000]{0,30})?,[ ]
        (?P<text><slogans>\b[^,.;:\n\ue000]{0,50})
        """,
        r"""
        \bwith[ ](?P<text>(?!<generic>\b|text\b|words?\b|something\b|names?\b|letters\b|numbers?\b)
          [^,.;:\n\ue000]{2,50}?)[ ]
        (?:written|scrawled|spelled[ ]out)[ ](?:on|across|in|over|above|below)\b
        """,
        r"""
        \b(?:addressed|pointing)[ ]to[ ](?P<text>[A-Z][\w'’.&-]*(?:[ ][A-Z0-9][\w'’.&-]*)*)
        """,
        r"""
        \b(?:[Bb]ook|[Aa]lbum|[Mm]agazine|[Rr]ecord)[ ]cover:[ ]
        (?P<text>[A-Z][\w'’&-]*(?:[ ](?:<small_words>[ ])?[A-Z][\w'’&-]*)+)
        """,
        r"""
        (?i:\b<brands>)[ ](?P<text>[A-Z][\w'’&-]*(?:[ ][A-Z0-9][\w'’&-]*){0,5})
          (?=[,.;\n]|$|[ ]<brand_ends>\b)
        """,
        r"""
        \b(?:labels?|tags?|captions?|words?|headings?|names?)\s*:\s*
        (?P<text>[A-Z][\w'’& -]{1,40}(?:,[ ](?:and[ ])?[A-Z][\w'’& -]{1,40})*)
        """,
    )
)
_IN_LETTERS = _WORDS.pattern(r"""
    \b(?:letters|capitals|caps|lettering|script|serif|type|font)[ ]
    (?P<text>[A-Z][A-Z0-9'’&!-]+(?:[ ][A-Z0-9][A-Z0-9'’&!-]*)+)(?!\w)
  | (?:^|[,.;:][ ]|\b(?:with|and)[ ])
    (?P<painted>[A-Z][\w'’&-]*(?:[ ][A-Z0-9][\w'’&-]*)*)[ ]<ways_of_writing>[ ][^,.;:\n]{0,30}?
    [ ]in[ ](?:[\w-]+[ ]){0,3}(?:letters|lettering|capitals|type|script|font)\b
  | \b(?i:headline|title|caption|tagline|slogan|subtitle|wordmark|motto)[ ]
    (?P<titled>(?!<generic>\b|<not_titles>\b)[^,.;:\n\ue000]{2,40}?)[ ]in[ ](?:[\w-]+[ ]){0,3}
    (?:serif|sans(?:-serif)?|script|letters|lettering|type|font|caps|capitals)\b
  | \b(?:printed|embroidered|painted|stitched|lettered|stencilled|emblazoned)[ ]with[ ]
    (?P<worn>(?!<generic>\b)[^,.;:\n\ue000]{2,50}?)[ ](?:across|on|over|along|down)[ ]
    [^,.;:\n]{1,25}[ ]in[ ](?:[\w-]+[ ]){0,3}(?:letters|lettering|capitals|type|script|font)\b
  | \b(?:scoreboard|departure[ ]board|departures[ ]board|ticker|timetable|jumbotron|meter)\b
    [^,.;:\n\ue000]{0,30}?[ ](?:shows?|showing|flash(?:es|ing))[ ]
    (?P<shown>[A-Z][\w'’-]*(?:[ ](?:[A-Z]\w*|\d[\d:.]*))+)
  | ,[ ](?P<gilt>[A-Z](?!(?:he|n|s|is|er)?[ ])[^,.;:\n\ue000]{2,40}?)[ ]in[ ](?:[\w-]+[ ]){0,3}
    (?:letters|lettering|capitals)\b
  | \b(?:label|nameplate|plaque|placard),[ ]
    (?P<label>[A-Z][\w'’&]*(?:[ ](?:(?:and|of|the|&)[ ])?[A-Z0-9]\w*)+)(?=[,.;]|$)
  | \b(?:ticket|coupon|token|pass|stub)[ ](?:printed|stamped|marked)[ ](?:with[ ])?
    (?P<ticket>(?!<generic>\b|with\b|in\b|on\b)[a-z]+[ ][a-z]+(?:[ ][a-z]+)?)(?=[,.;]|$)
  | \bpress[ ]start\b(?=[ ](?:blink|flash|glow|below|in))
""")
_TITLE_IS = _WORDS.pattern(r"""
    (?<![\w-])(?:title|headline|slogan|caption|inscription|motto|text|name|tagline|message)
      (?:[ ](?:of|on|at|above|below)[ ][^,.;:\n\ue000]{1,30}?)?[ ]is[ ]
    (?P<text>(?:[A-Z]|<first_words>\b)[^,.;:\n\ue000]{1,60})
""")
_READER = _WORDS.pattern(r"\b<readers>\b", re.IGNORECASE)
_READS_BOOK = _WORDS.pattern(
    r"\b<readers>\b(?:(?!\b<reading_things>\b)[^,.;]|window|bench|bed|train|bus|wall)*$"
)
_GENERIC = _WORDS.pattern(r"<generic>\b")
_ANY_GENERIC = _WORDS.pattern(r"<generic>\b", re.IGNORECASE)
_ABBREVIATION = _WORDS.pattern("<abbreviations>")
_ATTRIBUTE = Pattern(r"\b(?:with|an?|the|of|and|its|each|some|neatly|clearly|all)\s*$")
_STOP = Pattern(r"[,，.;\n]")
_TALK = _WORDS.pattern("<talk>(?![\\w-])")

_OPENING = "\"“”「」『』《》'‘’«»"
_UNCLOSED = {"“": "”", "「": "」", "『": "』", "《": "》"}


def _find(text: Text, target: Target) -> Iterator[Fault]:
    # The miniature takes what stands after a sign's colon for lettering, as its captions do.
    severity = "hint" if target.miniature and text.miniature_lettering else "warning"
    seen = [found.span() for found in UNWRITTEN.finditer(text.plain)] if text.chinese else []
    told = told_lettering(text)
    longer = [(start, end) for start, end, level in told if level == "warning"]
    for start, end, sure in [*_english(text), *chinese_lettering(text)]:
        if not sure and any(a <= start and end <= b and (a, b) != (start, end) for a, b in longer):
            continue
        if any(start < b and end > a for a, b in seen) or describes_lettering(text, start, end):
            continue
        seen.append((start, end))
        word = text.prompt[start:end]
        marks = '""' if word.isascii() else "“”"
        edits = (TextEdit(start, start, marks[0]), TextEdit(end, end, marks[1])) if sure else ()
        yield Fault(start, end, "unquoted", {"word": word}, edits, severity)  # type: ignore[arg-type]
    for start, end, level in told:
        if (level == "hint" or text.lower[start] in "nd") and _TALK.match(text.lower, start):
            continue  # "a marquee at night, surprise me with the rest"
        if not any(start < b and end > a for a, b in seen):
            seen.append((start, end))
            level = "hint" if severity == "hint" else level
            message = "maybe" if level == "hint" else "unquoted"
            yield Fault(start, end, message, {"word": text.prompt[start:end]}, (), level)
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
            stop = _STOP.search(plain, at)
            near = plain[at : stop.start()] if stop else rest
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
            begin = text.phrase_of(found.start())[0]
            if verb in ("reads", "reading") and _READS_BOOK.search(plain, begin, found.end()):
                continue
            if sure and not capital and _ATTRIBUTE.search(text.lower, 0, found.start()):
                continue  # with labelled axes
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
        stop = _STOP.search(plain, found.end())
        near = plain[found.end() : stop.start() if stop else None].rstrip()
        generic = _GENERIC.match(near)
        if HIDDEN not in near and (not generic or re.match(r"(?:the|a|an) ", near)):
            yield found.end(), found.end() + len(near), False
    for pattern in (_READS, _THE_WORDS, _TITLE_IS):
        for found in pattern.finditer(plain):
            # Quoted text that follows at once is what the words announce.
            if HIDDEN in plain[found.end() : found.end() + 3]:
                continue
            phrase = plain[text.phrase_of(found.start())[0] : found.start("text")]
            if (
                pattern is _READS
                and re.search(r"read(?:s|ing) $", phrase)
                and _READER.search(phrase)
            ):
                continue  # a woman on a train reading old letters
            yield *found.span("text"), False
    for pattern in _OTHERS:
        for found in pattern.finditer(plain):
            if HIDDEN not in plain[found.start() : found.end() + 16]:
                yield *found.span("text"), False
    for found in _IN_LETTERS.finditer(plain):
        if HIDDEN not in plain[found.start() : found.end() + 16]:
            name = next((n for n, part in found.groupdict().items() if part), 0)
            yield *found.span(name), False
    yield from ((*found.span("text"), False) for found in _NAMED.finditer(plain))
    for found in _SHOWN.finditer(plain):
        name = "text" if found["text"] else "one"
        yield *found.span(name), True
    for found in _WRITTEN.finditer(plain):
        yield *found.span("text"), True
    for found in _CAPITALS.finditer(plain):
        word = found["text"]
        if not _ABBREVIATION.fullmatch(word) and not word.isdigit():
            yield *found.span("text"), True


RULE = Rule("lettering", "warning", _find)
