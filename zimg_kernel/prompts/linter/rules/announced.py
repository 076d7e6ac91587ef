"""English text for the picture, by what announces it: a surface, a verb or a word for text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .announced_kinds import Found, graded

_WORDS = load_words(__file__)

_KEY = _WORDS.pattern(r"""
    (?<![\w-])(?:(?P<noun><text_nouns>)|(?P<figure><figures>)|(?P<manner><manners>)|(?P<entitled><entitled>)
      |(?P<shout><shouting>)|(?P<written><written>)|(?P<label><labels>)|(?P<surface><surfaces>))
    (?![\w'-])
""")
# Words between a surface and its verb, not across a comma.
_FAR = r"(?:[ ](?!<saying>[ ])[\w'’-]+){0,7}?,?[ ](?:that[ ]|which[ ]|it[ ])?"
_SAYS = _WORDS.pattern(rf"{_FAR}(?<!be[ ])(?P<verb><saying>)(?:[ ]that)?[ ]")
_SHOWS = _WORDS.pattern(r"(?:[ ](?!<showing>[ ])[\w'’-]+){0,5}?,?[ ](?P<verb><showing>)[ ]")
_COLON = _WORDS.pattern(r"(?:[ ][^,.;:\n\ue000]{0,30})?\s*:\s+")
_IS = _WORDS.pattern(
    r"(?:[ ](?:of|on|for)[ ](?:the|a|his|her|its)[ ][\w-]+|[ ]<places>|[ ]<written>)?"
    r"[ ](?:is|are|was)[ ](?!(?:you|we|they)\b)"
)
_WHERE = _WORDS.pattern(r"(?:[ ]<places>){1,2}(?:[ ](?:is|are|reads?|says?))?[ ]")
_SENDER = _WORDS.pattern(r"[ ](?:from|to)[ ](?:(?:his|her|my|your|the|a)[ ])?\w+[ ]")

_PRICED = _WORDS.pattern(r"[^.;\n]*?(?:\d|\b<amounts>\b)")
_LETTERING_VERB = _WORDS.pattern("<lettering_verbs>$")
_VAGUE_VERB = _WORDS.pattern("<vague_verbs>$")
_IN = _WORDS.pattern(r"""
    (?:(?:,[ ]|[ ](?:and|with)[ ])(?P<text>[A-Z][^,.;:\n\ue000]{3,40}?)[ ])?
    \bin[ ](?:[\w-]+[ ]){0,3}$
""")
_SEAT = _WORDS.pattern("<seats>$")
_COMMA = _WORDS.pattern(r"(?:[ ][^,.;:\n\ue000]{1,25})?,[ ](?!(?:<wishes>|<joining>)\b)")
_LETTERED = _WORDS.pattern(
    r"\b(?:logo|poster|cover|label|packaging|sign|banner|emblem|wordmark|flyer|invitation|title|headline|heading)\b"
)
_BELOW = _WORDS.pattern(r"(?:,[ ]|[ ]and[ ])<places>[ ]")
_INTO = _WORDS.pattern(
    r"(?:[ ][\w'’-]+){0,6}?[ ](?:form(?:s|ing)?|(?:arranged|laid[ ]out|set[ ]out|placed|put)[ ]"
    r"(?:into|as|to[ ](?:form|spell|read|say|make)))[ ]"
)
_BY_HAND = re.compile(
    r"(?:written|scrawled|chalked|sprayed|spray-painted|scribbled|typed|daubed|scratched|traced"
    r"|stencill?ed)$"
)
_WHO = _WORDS.pattern(r"\b(?:has|have|had|somebody|someone|he|she|they)[ ]$")
_AFTER_COLON = re.compile(r"(?:[ ][^,.;:\n\ue000]{1,25})?:[ ]")
_FEW = _WORDS.pattern("<few_words>$")
_LABEL = _WORDS.pattern("<labels>")
_LOUD_VERB = _WORDS.pattern("(?:<loud_verbs>)$")
_PICTURING = _WORDS.pattern("<picturing>$")
_LISTING = re.compile("list(?:s|ing)?$")
_READER = _WORDS.pattern(r"(?<![\w-])<readers>(?![\w-])")
_BUBBLE = _WORDS.pattern(r"\b(?:bubble|balloon|comic|cartoon|manga|meme|panel|webtoon)s?\b")
_MESSAGE = re.compile(r"(?:message|notification|note|letter|alert|pop-?up|card|tag|text)")
_PICTURED = re.compile(r"(?:poster|tattoo|stamp|plate|pin|patch|menu|seal|credit|badge|graffiti)")
_LOWER_SIGN = re.compile(
    r"(?:label|tag|sign|plaque|sticker|notice|caption|bubble|slip|nameplate|placard)"
)


def announced(text: Text) -> Iterator[Found]:
    """Yield the range of each text for the picture, and how sure it is."""
    if not text.latin:
        return
    for key in _KEY.finditer(text.lower):
        kind = key.lastgroup or ""
        yield from _BY_KIND[kind](text, key)
    if lettered := _LETTERED.search(text.lower):
        for below in _BELOW.finditer(text.lower, lettered.end()):
            yield from graded(text, below.end(), sure="caps title")


def _noun(text: Text, key: re.Match[str]) -> Iterator[Found]:
    """Text after "the words", "headline:", "the caption underneath is"."""
    end = key.end()
    name = key[0].endswith(" name") or key[0].endswith(" line")
    if colon := _COLON.match(text.lower, end):
        yield from graded(
            text, colon.end(), sure="caps title single sentence talk code clause plain"
        )
    elif says := _SAYS.match(text.lower, end):
        yield from graded(
            text, says.end(), sure="caps title single sentence talk code clause plain"
        )
    elif is_ := _IS.match(text.plain, end):
        yield from graded(
            text,
            is_.end(),
            sure="caps title talk code",
            maybe="sentence single clause long first weak",
        )
    elif comma := _COMMA.match(text.plain, end):
        yield from graded(text, comma.end(), sure="", maybe="talk opening first")
    if where := _WHERE.match(text.lower, end):
        yield from graded(
            text, where.end(), sure="caps title talk sentence", maybe="code clause first"
        )
    if _MESSAGE.match(key[0]) and (sender := _SENDER.match(text.lower, end)):
        yield from graded(text, sender.end(), sure="caps talk clause", maybe="sentence")
    if text.plain[end : end + 1] == " ":
        determined = re.search(
            r"\b(?:the|an?|its|their|this)(?: \w+)?$", text.lower[: key.start()].rstrip()
        )
        yield from graded(
            text,
            end + 1,
            sure="caps title single sentence talk" + (" code" if not name else ""),
            maybe="clause"
            + (" plain" if " " in key[0] or not determined else "")
            + (" bare" if key[0].endswith(("list", "ingredients")) else ""),
        )


def _label(text: Text, key: re.Match[str]) -> Iterator[Found]:
    """Text on what carries little else: a sign, a plaque, a speech bubble."""
    end, pictured = key.end(), bool(_PICTURED.match(key[0]))
    if colon := _COLON.match(text.lower, end):
        plain = " plain clause" if _LOWER_SIGN.search(key[0]) else ""
        yield from graded(
            text, colon.end(), sure="caps title talk code" + plain, maybe="single sentence"
        )
    yield from _verbs(text, key, label=True)
    if is_ := _IS.match(text.plain, end):
        yield from graded(text, is_.end(), sure="caps code talk", maybe="title")
    if where := _WHERE.match(text.lower, end):
        yield from graded(text, where.end(), sure="caps title talk", maybe="sentence")
    if _MESSAGE.match(key[0]) and (sender := _SENDER.match(text.lower, end)):
        yield from graded(text, sender.end(), sure="caps talk clause")
    if comma := _COMMA.match(text.plain, end):
        yield from graded(
            text, comma.end(), sure="talk opening", maybe="title" if _FEW.match(key[0]) else ""
        )
    if text.plain[end : end + 1] == " ":
        title = "" if pictured else " title"
        yield from graded(
            text, end + 1, sure="caps talk first" + title, maybe="title sentence single"
        )


def _surface(text: Text, key: re.Match[str]) -> Iterator[Found]:
    """Text on what carries other things, too: a shirt, a screen, a wall."""
    yield from _verbs(text, key, label=False)
    if is_ := _IS.match(text.plain, key.end()):
        yield from graded(text, is_.end(), sure="caps")
    if _FEW.match(key[0]) and (comma := _COMMA.match(text.plain, key.end())):
        yield from graded(text, comma.end(), sure="talk opening", maybe="exact")
    if colon := _COLON.match(text.lower, key.end()):
        yield from graded(text, colon.end(), sure="caps talk code", maybe="title")


def _manner(text: Text, key: re.Match[str]) -> Iterator[Found]:
    """Text after "in gold letters"."""
    end = key.end()
    if colon := _COLON.match(text.lower, end):
        yield from graded(text, colon.end(), sure="caps title talk sentence", maybe="single plain")
    elif before := _IN.search(text.plain, max(0, key.start() - 60), key.start()):
        if before["text"]:
            yield from graded(text, before.start("text"), sure="caps title")
        elif text.plain[end : end + 1] == " ":
            yield from graded(text, end + 1, sure="caps title", maybe="talk")
    elif _LABEL.fullmatch(key[0]):
        yield from _label(text, key)


def _verbs(text: Text, key: re.Match[str], *, label: bool) -> Iterator[Found]:
    lower = text.lower
    if says := _SAYS.match(lower, key.end()):
        begin = text.phrase_of(key.start())[0]
        if (
            says["verb"] in ("reads", "read", "reading")
            and not label
            and _SEAT.match(key[0])
            and _READER.search(lower, begin, says.start("verb"))
        ):
            return
        if _VAGUE_VERB.match(says["verb"]):
            yield from graded(text, says.end(), sure="caps talk code", maybe="title")
        else:
            told = label and not _LOUD_VERB.match(says["verb"])
            yield from graded(
                text,
                says.end(),
                sure="caps title single sentence talk code" + (" clause plain" if told else ""),
                maybe="clause plain",
            )
    elif into := _INTO.match(lower, key.end()):
        yield from graded(text, into.end(), sure="caps talk first title", maybe="weak plain")
    elif shows := _SHOWS.match(lower, key.end()):
        verb = shows["verb"]
        sure = "caps code talk lettered phrase placed" + (" first" if label else "")
        if _LETTERING_VERB.match(verb):
            sure += " title"
        maybe = "" if _PICTURING.match(verb) else "title"
        if _LISTING.match(verb):
            maybe = "plain"
            if _PRICED.match(lower, shows.end()):
                sure += " plain"
        yield from graded(text, shows.end(), sure=sure, maybe=maybe)


def _entitled(text: Text, key: re.Match[str]) -> Iterator[Found]:
    """Text after "titled", "captioned", "signed"."""
    if text.plain[key.end() : key.end() + 1] != " ":
        return
    if key[0] in ("titled", "entitled", "captioned", "subtitled"):
        if not re.search(r"\b(?:an?|the|with|of|and|its|each) $", text.lower[: key.start()]):
            yield from graded(
                text, key.end() + 1, sure="caps title single sentence talk clause plain article"
            )
    else:
        yield from graded(
            text, key.end() + 1, sure="caps title talk", maybe="single sentence figure"
        )


def _written(text: Text, key: re.Match[str]) -> Iterator[Found]:
    """Text after "engraved on it is", "painted across the hull"."""
    if where := _WHERE.match(text.lower, key.end()):
        yield from graded(text, where.end(), sure="caps title talk sentence")
    elif colon := _AFTER_COLON.match(text.lower, key.end()):
        yield from graded(
            text, colon.end(), sure="caps title talk code first weak", maybe="single sentence plain"
        )
    elif _BY_HAND.match(key[0]) and _WHO.search(text.lower, 0, key.start()):
        yield from graded(text, key.end() + 1, sure="caps title talk", maybe="first weak long")


def _shout(text: Text, key: re.Match[str]) -> Iterator[Found]:
    """What a figure of a comic says."""
    if text.plain[key.end() : key.end() + 1] == " " and _BUBBLE.search(text.lower):
        yield from graded(text, key.end() + 1, sure="caps talk", maybe="first clause")


def _figure(text: Text, key: re.Match[str]) -> Iterator[Found]:
    """Text after "the price", "the year", "the initials"."""
    if text.plain[key.end() : key.end() + 1] == " ":
        level = "maybe" if key[0] == "number" else "sure"
        yield from graded(text, key.end() + 1, **{"sure": "", level: "caps code figure"})


_BY_KIND = {
    "figure": _figure,
    "noun": _noun,
    "label": _label,
    "surface": _surface,
    "manner": _manner,
    "entitled": _entitled,
    "written": _written,
    "shout": _shout,
}
