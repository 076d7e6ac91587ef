"""English text for the picture that is told by where it stands or what tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HIDDEN, Text

from .announced_kinds import Found, graded

_WORDS = load_words(__file__, "announced")
_WORDS.update(load_words(__file__, "attached"))
_WORDS.update(load_words(__file__, "written_words"))
_WORDS.update(load_words(__file__))

_CARRIER = _WORDS.pattern(
    r"(?<![\w-])(?:<labels>|<surfaces>|<carriers>|program|playbill|entrance|doorway)(?![\w'-])"
)
# ho ho ho across the chest, for Grandpa on the lid, Apotheke over the entrance
_SPOT = _WORDS.pattern(r"""
    [ ](?:on|across|along|over|around|round|down|above|below|beneath|under|
      underneath|inside|at|in)[ ]
    (?:(?:the|its|his|her|their|a|an|one|each)[ ](?:[\w'-]+[ ]){0,2}?(?:<spots>)\b|
      it\b|them\b|top\b)
""")
_BELOW = _WORDS.pattern(r"""
    [ ](?:below|underneath|above|beneath|at[ ](?:the[ ])?(?:bottom|top)|in[ ]
      the[ ](?:middle|cent(?:re|er)))(?=[,.;\n]|$)
""")
_OPENER = re.compile(
    r".*(?:^|[ ])(?:with|bearing|bears|has|and|reading|saying|titled|slogan|motto|caption|words) "
)
_ON = re.compile(" (?:on|across|around) ")
_WORN = _WORDS.pattern(r"(?<![\w-])(?:<labels>|<surfaces>|<carriers>)[ ]with[ ]$")
_SIGN = _WORDS.pattern(r".*[ ](?:<paper_signs>)$")
_NOT_PLACED = _WORDS.pattern(r"(?:<generic>|<not_placed>)(?![\w'-])")
_GIVEN = re.compile(r"(?:for|to|from) (?:my|our|your|[A-Z])[\w'’]*(?: [\w'’]+){0,5}$")
_ORDER = _WORDS.pattern(r"(?:<orders>)[ ](?:<after_orders>)\b")
_DONE_BY = re.compile(r"[a-z]+ed (?:by|with|for|in) [\w ]+$")
_DRAWN = _WORDS.pattern(r"(?:^|.*[ -])(?:<drawn>|<unwritten>|[a-z]+(?<![su'])s|[a-z]+ing|[a-z]+y)$")
_STARTS_DRAWN = _WORDS.pattern(r"(?:<drawn>|<unwritten>)(?![\w'-])")
_NAMES = re.compile(r"[A-Z][\w'’&.-]*(?: (?:[a-z&]{1,4} )?[A-Z0-9][\w'’&.-]*)*$")

_TOLD = _WORDS.pattern(r"""
    (?<![\w-])(?:<sayers>)(?:[ ][^,.;:\n\ue000]{0,40}?)?[ ](?:that[ ]|which[ ])?(?:<tells>)[ ]
    (?P<said>(?!(?:<not_told>)(?![\w'-]))[^,.;:\n\ue000]{2,60})
  | \b(?:<figures_of>)(?:[ ]is)?[ ](?P<figure>[A-Z0-9€£$][^,.;:\n\ue000]{1,30})
  | \b(?:<documents>)\b[^.;:\n\ue000]{0,40}?[ ,](?P<seat>(?:row|seat|gate|
    platform|table|bay)[ ][A-Z0-9]{1,3}\b[^,.;:\n\ue000]{0,20})
  | \b(?:sign|signpost|arrow|board|fingerpost|blade)\b[^.;:\n\ue000]{0,40}?[ ]
    (?:to|towards?|for)[ ](?P<way>[A-Z][\w'’-]+(?:[ ][A-Z][\w'’-]+)*)
  | \b(?:words?|sentence|phrase|motto|slogan|lyric|verse|proverb|inscription|epitaph|legend)[ ]
    (?P<sentence>(?:the|an?|all|every|one|some|drink|eat|live|his|her|our|my|
      your|we|i|who|what|he|she|they)[ ][^,.;:\n\ue000]{3,60})
  | (?:^|[.;][ ])(?:[A-Z][a-z]+ed|Written|Cut|Sewn|Woven|Burnt)[ ]
    (?:in|on|across|along|around|over|into|above|below|inside|under)[ ][^,.;:\n\ue000]{3,60}?[ ]
    (?:is|are|was|runs?|reads?)[ ](?P<inverted>(?!(?:<generic>)\b)[^,.;:\n\ue000]{2,60})
  | (?:^|[.;,][ ])(?:[Aa]long|[Aa]cross|[Aa]round|[Oo]ver|[Aa]bove|[Bb]elow|[Bb]
    eneath|[Uu]nder|[Oo]n|[Aa]t)[ ]
    [^.;:\n\ue000]{4,60}?[ ](?:runs?|curves?|arcs?|marches|glows?|stretches|is)[ ]
    (?P<running>(?:[A-Z]|\d+(?:st|nd|rd|th)\b)[\w'’&]*(?:[ ](?:<small_words>[ ]
      )?[A-Z0-9&][\w'’&]*)+)
  | (?<=,[ ])(?P<work>(?:(?:The|An?|My|Le|La|Les|El|Il|Das|Der|Die)[ ][A-Z]
    [\w'’]*(?:[ ](?:<small_words>[ ])?[A-Z0-9&][\w'’]*)*
      |[A-Z][\w'’]+[ ](?:du|de|des|della|&|of[ ]the|and[ ]the)[ ][A-Z]
        [\w'’]+(?:[ ]\d{4})?))(?=[,.;\n]|$)
  | \b(?:menu|list|label|tag|plaque|sign|note|chalkboard|blackboard|placard|card|slip|notice
    |scrap|tape|sticker|cardboard|banner|taped|pinned|pencilled|penned|scribbled|scrawled|chalked
    |jotted|scratched|daubed)s?\b[^.,;:\n\ue000]{0,40}:[ ]
    (?P<items>(?!(?:<drawn>|<generic>|<unwritten>)\b)[a-z][^.,;:\n\ue000]{2,40})
  | \b(?:date|caption|signature|inscription|dedication)\b[^.,;:\n\ue000]{0,30},[ ]
    (?P<dated>(?:\d{1,2}[ ](?:<months>)|(?:<months>)|\d{4})[^.,;:\n\ue000]{0,20})
  | (?<=\w)[ ](?:reading|says)[ ](?P<square>(?:<said_first>)[ ][^,.;:\n\ue000]{3,50})
  | \b(?:<wares>)(?:[ ](?:is|brand))?[ ](?:called|named)[ ](?P<ware>[A-Z]
    [\w'’&]*(?:[ ](?:<small_words>[ ])?[A-Z0-9&][\w'’&]*)*)
  | \b(?:<labels>|plate|flag|pillow|cushion|mat|stone|rock)\b[^.,;:\n\ue000]{0,15},[ ]
    (?P<ordered>(?:<orders>)[ ](?:<after_orders>)\b[^.,;:\n\ue000]{0,30})(?=[,.;\n]|$)
  | \b(?:has|have|had|he|she|they|someone)[ ](?:jotted|noted|typed|penned|
    written[ ]down|jotted[ ]down)[ ]
    (?P<jotted>(?!(?:<drawn>|<generic>|<unwritten>|notes|down)\b)[^.,;:\n\ue000]{3,50})
  | \b(?:board|screen|display|meter|timer|sign)[ ](?:showing|shows)[ ]
    (?P<shown>(?:plus|minus|extra|added|over|under|only)[ ][^.,;:\n\ue000]{2,30})
  | \b(?:called|named)[ ](?P<named>[A-Z][\w'’&]*(?:[ ][A-Z0-9&][\w'’&]*)*),[ ]
    (?:the|its|her|his)[ ]name[ ]
  | \bname,[ ](?P<name>[A-Z][\w'’&]*(?:[ ][A-Z0-9&][\w'’&]*)*),[ ](?:is|in|<written>)[ ]
  | \b(?:type|letters|lettering|script|capitals)[ ][^.,;:\n\ue000]{3,40}[ ]
    with[ ](?P<filled>[A-Z][^.,;:\n\ue000]{3,40})
  | \b(?:screen|display|sign|board|billboard|monitor|marquee)\b[^.,;:\n\ue000]{0,20}[ ]
    (?:flickers|flickering|glows|glowing|blinks|blinking|flashes|flashing|lit|
      scrolls|scrolling)[ ](?:up[ ])?with[ ]
    (?P<lit>(?!(?:<drawn>|<unwritten>|<generic>)\b)[^.,;:\n\ue000]*[a-z]+(?<!s)
      (?<!ing))(?=[,.;:\n]|$)
  | \b(?:labels?|tags?|stickers?|places|signs)\b[^.;:\n\ue000]{0,40}?,[ ]
    (?:one[ ](?:from|for|of|reading)[ ])?(?P<listed>[A-Z][\w'’]*[ ][A-Z]
      \w+(?:,[ ][A-Z]\w+(?:[ ][A-Z]\w+)*)*)(?=,|[ ]and[ ])
  | \bin[ ](?:[\w-]+[ ]){0,3}(?:letters|script|lettering|capitals|type|
    handwriting|cursive|engraving|calligraphy),[ ]
    (?P<after>(?!(?:<drawn>|<generic>|<unwritten>)\b)[a-z][\w'’]*(?:[ ][\w'’]+){1,5})(?=[,.;\n]|$)
  | \b(?:[A-Za-z]*boards?|screens?|signs?|displays?|trams?|bus(?:es)?|trains?|
    stub|tickets?)\b[^.;:\n\ue000]{0,40}?(?:,|[ ]with|[ ]showing)[ ]
    (?P<coded>(?!(?:a|an|the|one|two|three|at|in|on|with|f|iso|shot|lens|aged?)\b)
      [a-z]+[ ](?:[A-Z]{1,3}[ ]?)?\d{1,4}(?![\d.]*(?:mm|k|th|s|x|:))(?:[ ]
      [\w-]+){0,4})(?=[,.;\n]|$|[ ](?:on|above|in|across)[ ])
  | \b(?:tag|card|label|note|sticker)\b[^.;:\n\ue000]{0,40}?,[ ]
    (?P<given>(?:to|for)[ ][\w ]{2,25}[ ](?:from|with)[ ][\w ]{2,25})(?=[,.;\n]|$)
  | (?<![\w-])(?:<tattooed>)[ ](?:with[ ])?(?P<order>(?:<orders>)[ ]
    (?:<after_orders>)\b[^.,;:\n\ue000]{0,40})
  | \b(?:star|badge|plate|medal|ring|knuckles|collar|tag|bracelet|helmet|cap|
    vest|jacket)[ ](?:engraved|tattooed|stamped|lettered|embroidered|stencilled)[ ]
    (?P<stamped>(?!(?:<drawn>|<generic>|<unwritten>|all|deep|deeply|with)\b)
      [a-z]+(?<!s)(?<!ly))(?=[,.;\n]|$)
  | \b(?:<labels>|<carriers>)\b[^.,;:\n\ue000]{0,60}:[ ]
    (?P<colon>(?:I|We|You|Please|No|Do|Don't|Not|My|It's|There|This|Never|Always|
      Best|Be|Keep)[ ][^.,;:\n\ue000]{2,50})
""")
_THOUGHT = _WORDS.pattern(r"""
    \b(?:<thinks>)[ ](?:that[ ])?
    (?P<text>(?:i|i'm|this|that|these|what|where|why|who|how|oh|oops|wow|hmm|not|
      no|yes|we|it's|it|you|my|never|always|please|help|finally|again)
      \b[^,.;:\n\ue000]{2,60})
""")
_STRIP = _WORDS.pattern(r"(?<![\w-])(?:<strips>)\b")
# miso ramen 900 yen on the nearest one, 3 for 2 euros, five hundred dollars reward
_PRICE = _WORDS.pattern(r"""
    (?:(?<=,[ ])|(?<=:[ ])|(?<=[ ]with[ ]))
    (?P<text>(?:(?!a[ ]|the[ ]|an[ ]|two[ ]|three[ ])[a-z]+[ ]
      ){0,3}?(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|fifty|
      hundred)(?:[ ](?:hundred|thousand))?[ ]?
      (?:for[ ](?:\d+|[a-z]+)[ ])?(?:yen|euros?|dollars|pounds|pence|cents|quid|
        €|kr|rupees|pesos|baht|percent[ ]off|%[ ]off|degrees)
        \b[^,.;:\n\ue000]{0,30})
""")


def placed_words(text: Text) -> Iterator[Found]:
    """Yield the range of each text for the picture; all are hints."""
    if not text.latin:
        return
    plain, lower = text.plain, text.lower
    for pattern in (_SPOT, _BELOW):
        for spot in pattern.finditer(lower):
            yield from _before(text, spot)
    for pattern in (_TOLD, _PRICE):
        for found in pattern.finditer(plain):
            name = next(name for name, part in found.groupdict().items() if part)
            near = found.start() - 80 * (name in ("after", "coded"))
            if HIDDEN in plain[max(0, near) : found.end() + 12]:
                continue
            if name in ("text", "work") and not _carried(text, found.start()):
                continue
            yield *found.span(name), "hint"
    if _STRIP.search(lower):
        for found in _THOUGHT.finditer(lower):
            if HIDDEN not in plain[found.start() : found.end() + 12]:
                yield *found.span("text"), "hint"


def _before(text: Text, spot: re.Match[str]) -> Iterator[Found]:
    at = spot.start()
    begin = max(text.plain.rfind(mark, 0, at) for mark in ",.;:\n") + 1
    segment = text.plain[begin:at]
    if HIDDEN in segment or HIDDEN in text.plain[at : spot.end() + 12]:
        return
    opener = _OPENER.match(segment)
    start = begin + (opener.end() if opener else len(segment) - len(segment.lstrip()))
    words = text.plain[start:at]
    first = not opener and text.plain[begin - 1 : begin] != ","
    if first or not words or words.count(" ") > 7 or not _carried(text, spot.start()):
        return
    small = words.lower()
    if _GIVEN.match(words) or _ORDER.match(small) or (opener and _DONE_BY.match(small)):
        yield start, at, "hint"
    elif _STARTS_DRAWN.match(small):
        return
    elif not _NOT_PLACED.match(text.lower, start, at):
        names = "talk first opening phrase code caps"
        if _NAMES.match(words):
            names += " title exact single"
        elif opener and opener[0].endswith("with ") and _ON.match(spot[0]) and "be " in small[:3]:
            names += " weak"
        elif not _DRAWN.match(small) and (
            _SIGN.match(spot[0])
            or (opener and _WORN.search(text.lower, begin, start) and _ON.match(spot[0]))
        ):
            names += " plain bare"
        yield from graded(text, start, sure="", maybe=names)


def _carried(text: Text, at: int) -> bool:
    """Return whether what may carry text is named in the sentence around a position."""
    plain = text.plain
    start = max(plain.rfind(mark, 0, at) for mark in (". ", "\n", "; ")) + 1
    ends = [end for mark in (". ", "\n", "; ") if (end := plain.find(mark, at)) >= 0]
    return _CARRIER.search(text.lower, start, min(ends, default=len(plain))) is not None
