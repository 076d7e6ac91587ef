"""English text for the picture that only stands beside its carrier: after a comma, for, stamped."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HIDDEN, Text

from .announced_kinds import Found, graded

_WORDS = load_words(__file__, "announced")
_WORDS.update(load_words(__file__))

_SEGMENT = re.compile(r"(?:[^,;.\n]|[.,](?=\w)|(?<=\b[A-Z])\.)+")
_LONGEST = 70
_CARRIER = _WORDS.pattern(r"(?<![\w-])(?:<labels>|<surfaces>|<carriers>)(?![\w'-])")
_NEAR_CARRIER = _WORDS.pattern(r"(?<![\w-])(?:<labels>|<carriers>)(?:[ ][\w'’-]+){0,5}$")
_LAST_CARRIER = _WORDS.pattern(r"(?<![\w-])(?:<labels>|<carriers>)$")
_NO_TALK = _WORDS.pattern(r"(?:<generic>|<scene_starts>)(?![\w'])|[a-z]+s[ ](?:him|her|us|me|my)\b")
_SCENE = _WORDS.pattern(r".*\b(?:<scene_ends>)$|(?:<scene_starts>)\b", re.IGNORECASE)
_GIVEN = re.compile(
    r"to [A-Z]\w+(?: and [A-Z]\w+)?(?: with love)?,? (?:with love|from|love|\d{4}).*$"
)
_NUMBERED = re.compile(r"[a-z]+(?: [a-z]+){0,2} (?:1[5-9]|20)\d\d$")
_CLAUSE = re.compile(r"[a-z]+(?: [a-z]+){0,4} (?:is|are|will|never|always|comes?|makes?) [a-z]")
_OF_WORD = re.compile(r"(?:the|its|his|her|their|an?|some|each|every|one|it|there|this|these)\b")

_PAPERS = _WORDS.pattern(
    r"(?<![\w-])<papers>(?:[ ][^,.;:\n\ue000]{0,30}?)?[ ](?:for|from|by)[ ]"
    r"(?:(?:the|a)[ ](?:band|play|film|movie|show|musical|festival|brand|restaurant|bar|gig)[ ])?"
)
_FOR_THE = re.compile(r"(?:the|a) (?=[A-Z])")
_MARKED = _WORDS.pattern(r"(?<=[\w)])[ ]<marked>[ ](?:with[ ](?:the[ ]words?[ ])?|as[ ])?")
_ATTRIBUTE = _WORDS.pattern(
    r"(?:^|[ ])(?:an?|the|of|and|with|its|each|some|in|on|is|are|clearly|neatly|his|her|un)$"
)
_BARE = _WORDS.pattern(r"""
    (?!(?:<generic>|<unwritten>)(?![\w']))[a-z][\w'’-]*(?:[ ](?!<written>\b)[\w'’-]+){0,6}
""")
_LETTERED = _WORDS.pattern(r"""
    (?<![\w-])<lettered>[ ](?:with[ ])?
    (?=(?!look\b)(?:<first_words>|<more_first>)[ ](?!(?:by|in|from|with)\b)[\w'])
""")
_SIGN_OF = _WORDS.pattern(r"""
    (?<![\w-])(?:signs?|signboards?|plaques?|labels?|tags?|banners?|stickers?|pub[ ]signs?)
    (?:[ ](?:is|was|hand))?[ -]<lettered>[ ]with[ ]
    (?P<text>the[ ](?!(?:words?|names?|text|same|outline|image|figure|head|face|shape|number)\b)
      [a-z]+[ ](?:and[ ](?:the[ ])?)?[a-z]+)(?=[,.;]|$)
""")
_BOAT = _WORDS.pattern(r"""
    \b(?:named|called|christened|name)[ ]
    (?P<text>[A-Z][\w'’&-]*(?:[ ](?:<small_words>[ ])?[A-Z][\w'’&-]*)*)[ ]<lettered>\b
""")
_ACROSS = _WORDS.pattern(r"""
    (?:^|,[ ]|[ ]and[ ]|[ ]with[ ]|:[ ])
    (?P<text>[A-Z][\w'’&.-]*(?:[ ](?:<small_words>[ ])?[A-Z0-9&][\w'’&.-]*)+)[ ]
    (?:across|on|along|down|over|around|above|below|underneath|in)[ ](?:the|its|his|her|their)[ ]
    (?:[\w-]+[ ])?(?:<text_places>)\b
  | \bwith[ ](?P<small>(?:<first_words>|<more_first>)[ ][^,.;:\n\ue000]{2,40}?)[ ]
    (?:across|on|along|down|over|around)[ ](?:the|its|his|her|their)[ ](?:<text_places>)\b
  | \b(?:on|in|across|over|under|above|below)[ ]which[ ](?:is|are|was|someone[ ]has)[ ]<lettered>[ ]
    (?P<which>(?!<generic>\b)[^,.;:\n\ue000]{2,60})
  | (?:^|,[ ]|[ ]and[ ])(?:on|across|along|down|around|inside|above|below)[ ]
    (?:the|its|his|her|their)[ ]
    (?:[\w-]+[ ])?(?:<text_places>)(?:[ ]of[ ](?:the|his|her)[ ][\w-]+)?,?[ ]
    (?P<after>[A-Z][\w'’&.-]*(?:[ ](?:<small_words>[ ])?[A-Z0-9&][\w'’&.-]*)+)(?=[,.;]|$)
""")
_RIM = _WORDS.pattern(r"""
    (?:^|[,.;][ ]|[ ])<lettered>[ ](?:around|round|along|across|inside|on|over|under)[ ]
    (?:the|its|his|her|their|one|each)[ ][\w -]{2,30},[ ]
    (?=(?:<first_words>|<more_first>)[ ][\w'])
""")
_WITH = _WORDS.pattern(r"""
    \bwith[ ](?P<text>(?:(?:<first_words>|<more_first>)[ ]|[A-Z])[^,.;:\n\ue000]{2,60}?)[ ]
    (?:<lettered>|in[ ](?:[\w-]+[ ]){1,2}(?:icing|chalk|frosting|thread|vinyl|marker|lipstick))\b
""")
_SENDER = _WORDS.pattern(r"""
    \b(?:message|text|note|notification|card|letter|alert|reminder|email)[ ](?:from|to)[ ]
    (?:(?:his|her|my|the|a)[ ])?[\w'’]+(?:[ ][A-Z]\w+)?,[ ]
""")
_TIME = _WORDS.pattern(r"""
    (?<![\w-])<timers>(?:[ ][^,.;:\n\ue000]{0,30}?)?[ ]
    (?:show(?:s|ing)|display(?:s|ing)|read(?:s|ing)|blink(?:s|ing)|flash(?:es|ing)|at|with)[ ]
    (?P<text>\d[\d:.,]*\d(?:[ ]?(?:am|pm|km/h|mph|%))?(?:[ ](?:<days>|\d+)\b)*)
""")


_SLOGAN = _WORDS.pattern(r"""
    [a-z]+[ ](?:not|before|never|now|without)[ ][a-z]+(?:[ ][a-z]+)?
      (?=$|[ ]<lettered>|[ ](?:on|across|over|in)[ ])
  | no[ ]\w+[ ](?:after|before|allowed|beyond|today|without|past|on)\b[^,.;]*
  | (?:access|connection|login|signal|order|mission|level|game|system|battery|payment|call|file
      |update|loading|card|entry|memory|disk|service)[ ](?:denied|lost|failed|completed?|over|low
      |ended|found|granted|declined|error|required|only|not[ ]found|full|unavailable|paused)\b
  | .*\b(?<!at[ ])(?<!to[ ])(?<!towards[ ])(?<!facing[ ])(?:you|your)\b[^,.;]*
""")
_I = re.compile(r"(?!I (?:want|need|would|like)).*\bI(?:'m|'ll|'ve|'d)?\b ")
_FOR_WHOM = re.compile(r"(?:for|to|from) (?:my )?[A-Z]\w+(?: \w+)+$")
_SAYS = _WORDS.pattern(r"""
    \b(?:(?:that|which)[ ](?:just[ ]|simply[ ]|only[ ])?(?:says|reads)|saying)[ ]
    (?P<text>(?!(?:something|nothing|anything|it|so|goodbye|hello|hi|grace|prayers?|things?|how|what)\b)
      [^,.;:\n\ue000]{2,60})
  | \bwritten[ ](?:underneath|below|above|beneath|inside|beside[ ]it|on[ ]it|on[ ]the[ ]back)[ ]
    (?P<below>(?!<generic>\b)[^,.;:\n\ue000]{2,50})
  | \b(?:screens?|phones?|displays?|watch|laptop|tablet|monitor)[ ](?:show(?:s|ing)|with)[ ]
    (?P<count>\d+[ ](?:missed|new|unread|messages?|notifications?|percent|minutes|likes|days)\b
      [^,.;:\n\ue000]{0,30})
  | \bwith[ ](?P<held>(?:(?:Mr|Mrs|Ms|Dr|St)\.[ ])?[A-Z][\w'’&]*(?:[ ][A-Z0-9&][\w'’&]*)*)[ ]
    on[ ](?:it|them)\b
  | \b<lettered>[ ]with[ ]
    (?P<names>(?:[A-Z]\.[ ])?[A-Z][\w'’&]*(?:[ ](?:<small_words>[ ])?[A-Z0-9&][\w'’&]*)+)
    (?=[,.;]|$|[ ](?:on|across|over|in)[ ])
  | \b(?:ads?|adverts?|advertisement|billboard|commercial|poster)[ ]for[ ]
    (?P<brand>[A-Z][\w'’&]*[ ][a-z]+)(?=[,.;]|$|[ ](?:on|above|behind|over)[ ])
""")


_SET_PHRASE = _WORDS.pattern(r"""
    (?<=[,.;:][ ])
    (?P<text><set_phrases>
    (?![ ](?:party|scene|mood|card|banner|cake|feel|theme|sign)\b)[^,.;:\n\ue000]{0,30})
  | \b(?:signs?|neon|lights?|light[ ]?box|marquee|boards?|letters)[ ][^,.;:\n\ue000]{0,20}?
    (?:glowing|flashing|blinking|lit|showing|displaying|buzzing)[ ]
    (?P<state><sign_words>)(?=[,.;]|$|[ ]in[ ])
  | \bwith[ ](?P<scratched>(?!(?:<generic>|<unwritten>)(?![\w']))
    [a-z][\w'’]*(?:[ ](?!<unwritten>\b)[\w'’]+){1,5})[ ]
    (?:scratched|scrawled|daubed|scribbled|chalked|spelled|worked)[ ](?:on|in|into|across|over)\b
  | (?<=,[ ])on[ ](?:it|them),?[ ]
    (?P<on>[A-Z][\w'’&]*(?:[ ][A-Z0-9&][\w'’&]*)+)(?=[,.;]|$)
""")


def attached(text: Text) -> Iterator[Found]:
    """Yield the range of each text for the picture; all are hints."""
    if not text.latin:
        return
    plain = text.plain
    yield from _segments(text)
    for found in _PAPERS.finditer(text.lower):
        at = found.end()
        if the := _FOR_THE.match(plain, at):
            at = the.end()
        yield from _exact(text, at, names="exact phrase title")
    for found in _MARKED.finditer(text.lower):
        before = plain[text.phrase_of(found.start())[0] : found.start()].strip()
        if (
            before
            and not _ATTRIBUTE.search(before.lower())
            and (not found[0].startswith(" marked") or _CARRIER.search(before.lower()))
        ):
            bare = _BARE.match(text.lower, found.end())
            if bare and plain[bare.end() : bare.end() + 2].strip()[:1] != HIDDEN:
                yield found.end(), bare.end(), "hint"
    for pattern in (_LETTERED, _RIM):
        for found in pattern.finditer(text.lower):
            yield from graded(
                text, found.end(), sure="", maybe="talk first weak plain clause exact"
            )
    for found in _SENDER.finditer(text.lower):
        yield from graded(text, found.end(), sure="", maybe="talk first opening clause")
    for pattern in (_SAYS, _SET_PHRASE, _SIGN_OF, _BOAT, _WITH, _TIME, _ACROSS):
        for found in pattern.finditer(text.lower if pattern is _TIME else plain):
            if HIDDEN in plain[found.start() : found.end() + 12]:
                continue
            name = next(name for name, part in found.groupdict().items() if part)
            if pattern is not _ACROSS or _CARRIER.search(text.lower, 0, found.start(name)):
                yield *found.span(name), "hint"


def _segments(text: Text) -> Iterator[Found]:
    """Text set off by commas after what carries it: "a marquee, The Paper Tigers, rain"."""
    before, quoted = (0, 0), False
    carriers = [found.start() for found in _CARRIER.finditer(text.lower)]
    for found in _SEGMENT.finditer(text.plain):
        whole = found[0]
        start = found.start() + len(whole) - len(whole.lstrip())
        segment = whole.strip()
        joined = text.plain[found.start() - 1 : found.start()] == ","
        (a, b), before = before, found.span()
        if quoted or HIDDEN in whole or not joined or not segment:
            quoted = HIDDEN in whole
            continue
        near = bisect_left(carriers, a) < bisect_left(carriers, b)
        if near and len(segment) <= _LONGEST and not _SCENE.match(segment):
            yield from _beside(text, start, segment, text.lower[a:b].strip())


def _beside(text: Text, start: int, segment: str, head: str) -> Iterator[Found]:
    near = bool(_NEAR_CARRIER.search(head))
    if segment[0].isupper() or segment[0].isdigit():
        names = "opening phrase code" + (" exact" if near else "")
        if _LAST_CARRIER.search(head):
            names += " single" if head.count(" ") < 6 else ""
        yield from _exact(text, start, names)
    elif (_SLOGAN.match(segment) or _I.match(segment)) or (near and _FOR_WHOM.match(segment)):
        yield start, start + len(segment), "hint"
    elif not _NO_TALK.match(segment):
        yield from graded(text, start, sure="", maybe="talk first")
        told = _NUMBERED.match(segment) or _CLAUSE.match(segment)
        if near and told and not _OF_WORD.match(segment):
            yield start, start + len(segment), "hint"
    elif _GIVEN.match(segment):
        yield start, start + len(segment), "hint"


def _exact(text: Text, at: int, names: str) -> Iterator[Found]:
    if text.plain[at : at + 1].isalnum():
        yield from graded(text, at, sure="", maybe=names)
