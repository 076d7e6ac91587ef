"""Colours that a sentence states of a thing: "her dress is red"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .colours import EN_ALIAS, EN_NAMES, ZH_COLOUR, ZH_NAMES, Mention, singular
from .mentioned_zh import zh_head

_WORDS = load_words(__file__, "colours")
_COLOUR = "|".join(sorted(map(re.escape, EN_NAMES), key=len, reverse=True))
_IS = _WORDS.pattern(rf"""
    (?<![\w'-])(?P<det>the|his|her|its|their|[a-z]+'s)[ ](?:[\w-]+[ ]){{0,2}}?
      (?P<noun>[a-z][\w-]*)(?:,?[ ]which)?[ ]
    (?:is|are|looks?|appears?|remains?|shines?|glows?)[ ]
    (?:(?:an?|all|entirely|completely|painted|dyed|coloured|colored|very|rich|deep
      |<shades>)[ ]){{0,3}}
    (?:(?:(?<=\ba[ ])|(?<=\bdeep[ ])|(?<=\bbright[ ]))[a-z-]+[ ])?  # a bright traffic-cone orange
    (?P<colour>{_COLOUR})
    (?=(?:[ ](?:velvet|leather|silk|wool|cotton|linen|lace|satin|denim|wood|metal|glass|
      marble|brick|paint|fur))?(?:[,.;:!?\n]|$)
      |[ ](?:and|with|in|on|at|but|as|against|from|while|like|under|all|colou?r
      |too)\b)
""")
_ZH_BETWEEN = frozenset(["的", "颜色", "都", "全", "则", "也", "完全", "全部", "整体"])
_ZH_IS = frozenset(["是", "为", "呈", "呈现", "呈现出", "染成", "涂成", "漆成", "刷成"])
_ZH_BEFORE_COLOUR = frozenset(
    ["纯", "很", "鲜艳", "的", "一种", "全", "完全", "纯粹", "亮", "淡淡", "深"]
)


def english_predicates(text: Text) -> Iterator[Mention]:
    """Yield the things of which an English sentence says a colour."""
    for found in _IS.finditer(text.lower):
        head = singular(found["noun"])
        yield Mention(
            EN_ALIAS.get(head, head), EN_NAMES[found["colour"]], found.start("noun"),
            found.end("colour"), found["det"],
        )  # fmt: skip


def chinese_predicates(text: Text) -> Iterator[Mention]:
    """Yield the things of which a Chinese sentence says a colour."""
    words = text.words
    for i, verb in enumerate(words):
        if verb.text not in _ZH_IS:
            continue
        before = i - 1
        while before >= 0 and words[before].text in _ZH_BETWEEN:
            before -= 1
        after = i + 1
        while after < len(words) and words[after].text in _ZH_BEFORE_COLOUR:
            after += 1
        if before < 0 or after >= len(words) or words[after].end - verb.start > 12:
            continue
        noun, colour = words[before], words[after]
        found = ZH_COLOUR.fullmatch(colour.text)
        ends = re.match(r"的?(?:$|[，,。；;、！\n])", text.plain[colour.end :])
        if found and ends and noun.tag.startswith(("n", "vn", "x", "l", "i", "g", "N")):
            yield Mention(
                zh_head(noun.text) or noun.text, ZH_NAMES[found[1]], noun.start, colour.end
            )
