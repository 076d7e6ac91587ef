"""Words that are likely text for the picture, by what bears them: all are hints."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN, HIDDEN, Text

from .announced_kinds import Found
from .announced_zh_kinds import describes, kinds_of

_WORDS = load_words(__file__, "lettering_zh")
_WORDS.update(load_words(__file__))
_ENGLISH = load_words(__file__, "lettering")
_ENGLISH.update(load_words(__file__))
_STOP = r"(?=[，,。；;、\n]|$|和一|与一)"

# 包装正面印着云顶白茶, 旗上绣着镇远镖局
_NAMES = _WORDS.pattern(rf"""
    (?:<packages>)[^，,。；;的]{{0,8}}?[印写贴标烫刻](?:着|有|了|的是)
    (?P<ware>[{HAN}]{{3,9}}?(?:<wares>)){_STOP}
  | [绣印写刻漆喷](?:着|有|了|的是)(?P<house>[{HAN}]{{2,7}}?(?:<houses>)){_STOP}
  | [刻凿镌](?:着|有|了)(?P<cut>[{HAN}]{{4}}|[{HAN}]{{7,8}}){_STOP}
  | (?:标签|吊牌|腰封|唛头)(?:上)?(?:为|是)(?P<label>[{HAN}]{{3,12}}){_STOP}
  | (?:<titled>)[^。；;\n]{{0,12}}?(?:名为|名叫|题为|取名)
    (?P<title>[{HAN}A-Za-z0-9]{{2,14}}){_STOP}
  | [纹文刺](?:着|了|有|上)(?P<tattoo>[{HAN}]{{4}}){_STOP}
  | (?:<names>)(?P<name>[{HAN}A-Za-z0-9]{{2,12}}){_STOP}
  | (?:<pens>)(?:手写|写|书写|题写|写就|刷|描|涂|喷|勾|拼)(?:成|出来?|就)?的
    (?P<brushed>[{HAN}A-Za-z0-9！!]{{2,18}}){_STOP}
  | [纸牌碑匾签布条]，(?:上?[写题书]|上面[写题])(?![一了着过满字上下])
    (?P<after>[{HAN}]{{2,8}}){_STOP}
""")
# 挂着今日盘点暂停营业的小牌
_HUNG = _WORDS.pattern(
    rf"[挂立贴竖举摆插钉](?:着|有|了)(?P<text>[{HAN}]{{4,14}})的[{HAN}]{{0,2}}?"
    r"(?:牌子?|告示|标语|条幅|横幅|纸条|字条)"
)
_DRAWN_END = _WORDS.pattern("(?:<zh_drawn>)$")
_OPENS = Pattern(
    r"[一两二三四五六七八九十几数各多]|[^，]{0,2}色|.*的$|(?:复杂|精[美细致]|细密|古老|神秘|华丽)"
)
# graffiti of the words nothing lasts, a caption at the bottom monday again
_SAID = _ENGLISH.pattern(r"""
    \bof[ ]the[ ](?:words?|phrase|slogan)[ ](?P<words>(?!<prepositions>)[^,.;:\n\ue000]{2,40})
  | \b(?:[Cc]aption|[Hh]eadline|subtitle|slogan|tagline)[ ]
    (?:at|along|across|on|under|below|above|over)[ ]
    (?:the|it|its|his|her)(?:[ ](?:very[ ])?(?:bottom|top|foot|picture|photo|image|head))?[ ]
    (?P<caption>(?!<prepositions>)[^,.;:\n\ue000]{3,50})
  | \b(?:screens?|display|phone|laptop|monitor|meter|dashboard)[ ]
    (?:shows|showing|flashing|displaying)[ ]
    (?P<shown>(?:<notices>)\b[^,.;:\n\ue000]{0,40})
  | \bon[ ]which[ ](?P<chalked>[A-Z][^,.;:\n\ue000]{2,60}?)[ ]
    (?:is|are|was|has[ ]been|had[ ]been)[ ]
    (?:chalked|written|painted|carved|engraved|printed|stencill?ed
      |lettered|stamped|embroidered|scrawled)\b
  | \b(?:[Ss]tamp|[Ss]eal|[Ww]atermark)(?:[ ](?:mark|impression|imprint|print|saying))?[ ]
    (?P<stamped>[A-Z]{3,}(?:[ ][A-Z]{2,})*)(?![\w-])
  | \b(?:[Bb]eneath|[Bb]elow|[Uu]nder|[Aa]bove|[Aa]long|[Aa]cross|[Aa]round|[Ii]n|[Oo]ver)\b
    [^.;:\n\ue000]{0,30}\b(?:type|letters|lettering|capitals|script|italics?|font|caps|print)[ ]
    (?:runs|goes|sits|stands|comes|appears)[ ]
    (?P<set>[A-Z][^,.;:\n\ue000]{2,60})
  | \b(?:shows?|gives?|carr(?:y|ies)|bears?|displays?|announces?|showing|bearing|displaying)[ ]
    (?P<coloured>[A-Z0-9][\w'’&!-]*(?:[ ][\w'’&!-]+){0,8}?)[ ]in[ ](?:[\w-]+[ ]){0,3}?
    (?:letters|lettering|capitals|type|paint|chalk|script|handwriting|LEDs?|bulbs
      |(?:white|amber|red|yellow|gold|green|blue|black|orange|silver)(?=[,.;\n]|$))
  | \b(?:has|have|had|have[ ]been|has[ ]been)[ ](?:<drawing>)[ ]
    (?P<drawn>[A-Z][\w'’&!-]*(?:[ ][\w'’&!-]+){1,7})(?=[,.;\n]|$|[ ](?:on|in|across|over|into)\b)
  | \b[Oo]n[ ](?:his|her|its|the|their|a|an|each|one)[ ](?:[a-z][\w-]*[ ]){1,5}?
    (?P<worn>[A-Z][\w'’&!-]*(?:[ ][\w'’&!-]+){1,6}?)[ ](?:is|are|was|has[ ]been)[ ]
    (?:<drawing>|embroidered|stitched|sewn|printed|engraved|carved|burned|etched|stamped|sprayed)\b
  | [,;][ ](?P<carved>[A-Z0-9][\w'’&.!-]*(?:[ ][\w'’&.!-]+){1,6}?)[ ]
    (?:carved|painted|engraved|chisell?ed|etched|stamped|burned|burnt|printed|embroidered|stitched
      |sprayed|scratched|chalked|stencill?ed|written|lettered)[ ]
    (?:in|into|on|across|along|over|round|around)[ ](?:it|them|its|the)\b
  | \bin[ ]an?[ ](?:arc|curve|circle|semicircle|arch|banner|ribbon|scroll)(?:[ ]above)?,[ ]
    (?P<arc>[A-Z][\w'’&!-]*(?:[ ][\w'’&!-]+){1,6})(?=[.,;\n]|$)
  | \b(?:row|line|board|display|sign|page|menu|plate|label|ticker|placard|chalkboard|It)\b
    (?:[ ][a-z]\w*){0,4}?[ ](?:shows?|gives?|has|lists?|carries|announces|spells|promises)[ ]
    (?P<listed>(?![^,.;\n]*[ ](?:at|by|under|from|on)[ ](?:a[ ])?[a-z])
      [A-Z][\w'’&-]*(?:[ ][\w'’&.:-]+){1,8}?)(?=[.,;\n]|$|[ ]in[ ]|[ ]and[ ])
  | \b(?:with|and)[ ](?P<pair>[A-Z]\w+[ ](?:loves?|and|plus|was|[+&])[ ][\w!]+(?:[ ]\w+)?)[ ]
    (?:inside|within|under|beneath|on|across|in)[ ]it\b
  | \b(?:plaque|bench|stone|headstone|monument|memorial)\b[^.;:\n\ue000]{0,60}?[ ]
    (?P<memory>in[ ](?:loving[ ])?memory[ ]of[ ][A-Z][^,.;:\n\ue000]{2,40})
""")


def likely_lettering(text: Text) -> Iterator[Found]:
    """Yield the range of each likely text for the picture; all are hints."""
    plain = text.plain
    for found in _SAID.finditer(plain):
        if HIDDEN not in plain[found.start() : found.end() + 12]:
            yield *found.span(found.lastgroup or 0), "hint"
    if not text.chinese:
        return
    for found in _NAMES.finditer(plain):
        start, end = found.span(found.lastgroup or 0)
        if not (
            _OPENS.match(found[found.lastgroup or 0])
            or (found.lastgroup != "name" and describes(text, start, end))
            or (
                found.lastgroup in ("cut", "tattoo", "brushed")
                and ("的" in plain[start:end] or _DRAWN_END.search(plain[start:end]))
            )
        ):
            yield start, end, "hint"
    for found in _HUNG.finditer(plain):
        if kinds_of(text, *found.span("text")) & {"talk", "like"}:
            yield *found.span("text"), "hint"
