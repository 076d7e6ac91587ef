"""English text for the picture, by what announces it: a surface, a verb or a word for text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.finding import Severity
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HIDDEN, Text

_WORDS = load_words(__file__)

_KEY = _WORDS.pattern(r"""
    (?<![\w-])(?:(?P<noun><text_nouns>)|(?P<manner><manners>)|(?P<entitled><entitled>)
      |(?P<shout><shouting>)|(?P<written><written>)|(?P<label><labels>)|(?P<surface><surfaces>))
    (?![\w'-])
""")
# Words between a surface and its verb, not across a comma.
_FAR = r"(?:[ ](?!<saying>[ ])[\w'’-]+){0,7}?,?[ ](?:that[ ]|which[ ]|it[ ])?"
_SAYS = _WORDS.pattern(rf"{_FAR}(?P<verb><saying>)(?:[ ]that)?[ ]")
_SHOWS = _WORDS.pattern(r"(?:[ ](?!<showing>[ ])[\w'’-]+){0,5}?,?[ ](?P<verb><showing>)[ ]")
_COLON = _WORDS.pattern(r"(?:[ ][^,.;:\n\ue000]{0,30})?\s*:\s+")
_IS = _WORDS.pattern(
    r"(?:[ ](?:of|on|for)[ ](?:the|a|his|her|its)[ ][\w-]+|[ ]<places>)?[ ](?:is|are|was)[ ]"
)
_WHERE = _WORDS.pattern(r"(?:[ ]<places>){1,2}(?:[ ](?:is|are|reads?|says?))?[ ]")
_SENDER = _WORDS.pattern(r"[ ](?:from|to)[ ](?:(?:his|her|my|your|the|a)[ ])?\w+[ ]")

_NEAR = _WORDS.pattern(r"(?:[^,.;:\n\ue000]|:(?=\d)|\.(?=\w)|(?<=\b[A-Z])\.)+")
_TAIL = _WORDS.pattern(r"""
    [ ](?:in|with)[ ](?:[\w-]+[ ]){0,3}<manners>\b.*$
  | [ ]<written>[ ](?:on|in|across|over|around|round|along|above|below|into|down|with|by)\b.*$
  | [ ](?:on|across|above|below|along|over|around|round|at|under|down|underneath|beneath)[ ]
    (?:the|its|his|her|their|an?)\b(?![ ][A-Z]).*$
""")
_IN_LETTERS = _WORDS.pattern(r".*[ ]in[ ](?:[\w-]+[ ]){0,3}<manners>\b")
_GENERIC = _WORDS.pattern(r"(?:<generic>)s?(?![\w'’])")
_NO_TEXT = _WORDS.pattern(r"(?:<no_text>)(?![\w'’])")
_FIRST = _WORDS.pattern(r"<first_words>(?![\w-])")
_WEAK = _WORDS.pattern(r"<weak_words>(?![\w-])")
_TALK = _WORDS.pattern(
    r"(?<![\w'])(?:i|i'm|you|your|you're|we|our|us|me|my|please|\w+n't)(?![\w-])|[?!]"
)
_CLAUSE = _WORDS.pattern(r"[ ](?:is|are|was|were|will|has|have|can|cannot)[ ]\w")
_TITLE = _WORDS.pattern(r"""
    [A-Z0-9][\w'’&.-]*(?:[ ](?:<small_words>[ ]){0,3}?[A-Z0-9&][\w'’&.-]*)+[!?]?
""")
_CAPS = _WORDS.pattern(
    r"[A-Z][A-Z0-9'’&!-]{3,}(?![a-z])|[A-Z][A-Z0-9'’&!-]*(?:[ ][A-Z0-9][A-Z0-9'’&!-]*)+(?![a-z])"
)
_CODE = _WORDS.pattern(r"""
    .*(?:\b\d{1,2}[:.]\d\d\b|[€£$]\ ?\d|\d[ ]?%|\b<amounts>\b|\b<months>\b[ ]\d|\d[ ]<months>\b
      |\b[A-Z]{1,4}[ -]?\d{2,}|\b[a-z]+[ ]\d{2,}\b)
""")
_PRICED = _WORDS.pattern(r"[^.;\n]*?(?:\d|\b<amounts>\b)")
_LETTERING_VERB = _WORDS.pattern("<lettering_verbs>$")
_VAGUE_VERB = _WORDS.pattern("<vague_verbs>$")
_IN = _WORDS.pattern(r"""
    (?:(?:,[ ]|[ ](?:and|with)[ ])(?P<text>[A-Z][^,.;:\n\ue000]{3,40}?)[ ])?
    \bin[ ](?:[\w-]+[ ]){0,3}$
""")
_LABEL = _WORDS.pattern("<labels>")
_LOUD_VERB = _WORDS.pattern("(?:<loud_verbs>)$")
_PICTURING = _WORDS.pattern("<picturing>$")
_LISTING = re.compile("list(?:s|ing)?$")
_STYLE = re.compile(r"[\w'’& .-]*?[ -](?:style|inspired|pattern|design|print|fabric)\b")
_READER = _WORDS.pattern(r"(?<![\w-])<readers>(?![\w-])")
_BUBBLE = _WORDS.pattern(r"\b(?:bubble|balloon|comic|cartoon|manga|meme|panel|webtoon)s?\b")
_MESSAGE = re.compile(r"(?:message|notification|note|letter|alert|pop-?up|card|tag|text)")
_PICTURED = re.compile(r"(?:poster|tattoo|stamp|plate|pin|patch|menu|seal|credit|badge|graffiti)")
_LOWER_SIGN = re.compile(
    r"(?:label|tag|sign|plaque|sticker|notice|caption|bubble|slip|nameplate|placard)"
)

Found = tuple[int, int, Severity]


def announced(text: Text) -> Iterator[Found]:
    """Yield the range of each text for the picture, and how sure it is."""
    for key in _KEY.finditer(text.lower):
        kind = key.lastgroup or ""
        yield from _BY_KIND[kind](text, key)


def _noun(text: Text, key: re.Match[str]) -> Iterator[Found]:
    """Text after "the words", "headline:", "the caption underneath is"."""
    end = key.end()
    name = key[0].endswith(" name") or key[0].endswith(" line")
    if colon := _COLON.match(text.lower, end):
        yield from _graded(
            text, colon.end(), sure="caps title single sentence talk code clause plain"
        )
    elif says := _SAYS.match(text.lower, end):
        yield from _graded(
            text, says.end(), sure="caps title single sentence talk code clause plain"
        )
    elif is_ := _IS.match(text.plain, end):
        yield from _graded(
            text, is_.end(), sure="caps title talk code", maybe="sentence single clause long"
        )
    if where := _WHERE.match(text.lower, end):
        yield from _graded(text, where.end(), sure="caps title talk sentence", maybe="code clause")
    if _MESSAGE.match(key[0]) and (sender := _SENDER.match(text.lower, end)):
        yield from _graded(text, sender.end(), sure="caps talk clause", maybe="sentence")
    if text.plain[end : end + 1] == " ":
        determined = re.search(
            r"\b(?:the|an?|its|their|this)(?: \w+)?$", text.lower[: key.start()].rstrip()
        )
        yield from _graded(
            text,
            end + 1,
            sure="caps title single sentence talk" + (" code" if not name else ""),
            maybe="clause" if determined else "clause plain",
        )


def _label(text: Text, key: re.Match[str]) -> Iterator[Found]:
    """Text on what carries little else: a sign, a plaque, a speech bubble."""
    end, pictured = key.end(), bool(_PICTURED.match(key[0]))
    if colon := _COLON.match(text.lower, end):
        plain = " plain clause" if _LOWER_SIGN.search(key[0]) else ""
        yield from _graded(
            text, colon.end(), sure="caps title talk code" + plain, maybe="single sentence"
        )
    yield from _verbs(text, key, label=True)
    if is_ := _IS.match(text.plain, end):
        yield from _graded(text, is_.end(), sure="caps code talk", maybe="title")
    if where := _WHERE.match(text.lower, end):
        yield from _graded(text, where.end(), sure="caps title talk", maybe="sentence")
    if _MESSAGE.match(key[0]) and (sender := _SENDER.match(text.lower, end)):
        yield from _graded(text, sender.end(), sure="caps talk clause")
    if text.plain[end : end + 1] == " ":
        title = "" if pictured else " title"
        yield from _graded(
            text, end + 1, sure="caps talk first" + title, maybe="title sentence single"
        )


def _surface(text: Text, key: re.Match[str]) -> Iterator[Found]:
    """Text on what carries other things, too: a shirt, a screen, a wall."""
    yield from _verbs(text, key, label=False)
    if is_ := _IS.match(text.plain, key.end()):
        yield from _graded(text, is_.end(), sure="caps")


def _manner(text: Text, key: re.Match[str]) -> Iterator[Found]:
    """Text after "in gold letters"."""
    end = key.end()
    if colon := _COLON.match(text.lower, end):
        yield from _graded(text, colon.end(), sure="caps title talk sentence", maybe="single plain")
    elif before := _IN.search(text.plain, max(0, key.start() - 60), key.start()):
        if before["text"]:
            yield from _graded(text, before.start("text"), sure="caps title")
        elif text.plain[end : end + 1] == " ":
            yield from _graded(text, end + 1, sure="caps title", maybe="talk")
    elif _LABEL.fullmatch(key[0]):
        yield from _label(text, key)


def _verbs(text: Text, key: re.Match[str], *, label: bool) -> Iterator[Found]:
    lower = text.lower
    if says := _SAYS.match(lower, key.end()):
        begin = text.phrase_of(key.start())[0]
        if (
            says["verb"] in ("reads", "read", "reading")
            and _READER.search(lower, begin, says.start("verb"))
            and not label
        ):
            return
        if _VAGUE_VERB.match(says["verb"]):
            yield from _graded(text, says.end(), sure="caps talk code", maybe="title")
        else:
            told = label and not _LOUD_VERB.match(says["verb"])
            yield from _graded(
                text,
                says.end(),
                sure="caps title single sentence talk code" + (" clause plain" if told else ""),
                maybe="clause plain",
            )
    elif shows := _SHOWS.match(lower, key.end()):
        verb = shows["verb"]
        sure = "caps code talk lettered phrase" + (" first" if label else "")
        if _LETTERING_VERB.match(verb):
            sure += " title"
        maybe = "" if _PICTURING.match(verb) else "title"
        if _LISTING.match(verb):
            maybe = "plain"
            if _PRICED.match(lower, shows.end()):
                sure += " plain"
        yield from _graded(text, shows.end(), sure=sure, maybe=maybe)


def _entitled(text: Text, key: re.Match[str]) -> Iterator[Found]:
    """Text after "titled", "captioned", "signed"."""
    if text.plain[key.end() : key.end() + 1] != " ":
        return
    if key[0] in ("titled", "entitled", "captioned", "subtitled"):
        if not re.search(r"\b(?:an?|the|with|of|and|its|each) $", text.lower[: key.start()]):
            yield from _graded(
                text, key.end() + 1, sure="caps title single sentence talk clause plain article"
            )
    else:
        yield from _graded(text, key.end() + 1, sure="caps title talk", maybe="single sentence")


def _written(text: Text, key: re.Match[str]) -> Iterator[Found]:
    """Text after "engraved on it is", "painted across the hull"."""
    if where := _WHERE.match(text.lower, key.end()):
        yield from _graded(text, where.end(), sure="caps title talk sentence")


def _shout(text: Text, key: re.Match[str]) -> Iterator[Found]:
    """What a figure of a comic says."""
    if text.plain[key.end() : key.end() + 1] == " " and _BUBBLE.search(text.lower):
        yield from _graded(text, key.end() + 1, sure="caps talk", maybe="first clause")


_BY_KIND = {
    "noun": _noun,
    "label": _label,
    "surface": _surface,
    "manner": _manner,
    "entitled": _entitled,
    "written": _written,
    "shout": _shout,
}


def _graded(text: Text, at: int, *, sure: str, maybe: str = "") -> Iterator[Found]:
    """Yield the text that begins at a position, if its kind is among those given."""
    if text.plain[at : at + 1] == " ":
        at += 1
    near = _NEAR.match(text.plain, at)
    if not near or text.plain[near.end() : near.end() + 2].strip()[:1] == HIDDEN:
        return
    whole = near[0].rstrip()
    tail = _TAIL.search(whole)
    kept = (whole[: tail.start()] if tail else whole).rstrip()
    kinds = _kinds(whole, kept)
    level: Severity | None = (
        "warning" if kinds & set(sure.split()) else "hint" if kinds & set(maybe.split()) else None
    )
    if level:
        yield at, at + len(kept), level


def _kinds(whole: str, kept: str) -> set[str]:
    """Return what words look like: a title, a saying, a code."""
    if not kept or not (kept[0].isalnum() or kept[0] in "#@"):
        return set()
    lower, count = kept.lower().replace("’", "'"), kept.count(" ") + 1
    generic = _GENERIC.match(kept)
    if _NO_TEXT.match(kept) or _STYLE.match(kept):
        return set()
    found = set()
    if _CAPS.match(kept) and len(kept) > 1:
        found.add("caps")
    title = _TITLE.match(kept)
    if title and (count < 7 or title.end() == len(kept) or title[0].count(" ") > 1):
        found |= {"title", "lettered"} if _IN_LETTERS.match(whole) else {"title"}
        if _FIRST.match(lower) or re.search(r"\d|&|'s\b| (?:for|to|is|your|my|we|be) ", lower):
            found.add("phrase")
    elif kept[0].isupper():
        found.add("single" if count == 1 else "sentence")
    first = _FIRST.match(lower)
    if count > 1 and not found:
        if _TALK.search(lower):
            found.add("talk")
        elif first and not _WEAK.match(lower):
            found.add("first")
        elif first:
            found.add("weak")
    elif count > 1 and _TALK.search(lower):
        found.add("talk")
    if generic and found <= {"first", "weak"} and not (first and " " in first[0]):
        found.clear()
    if _CODE.match(kept) and not generic:
        found.add("code")
    if not found and generic:
        return {"article"} if re.match(r"(?:the|an?) \w", kept) else set()
    if not found or found <= {"weak", "first"}:
        if _CLAUSE.search(kept):
            found.add("clause")
        if count > 1 or found:
            found |= {"plain", "long"} if count > 2 else {"plain"}
    return found
