"""Rule ``clause``: clauses and requests instead of noun phrases."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.finding import TextEdit
from zimg_kernel.prompts.linter.rule import Fault, Rule, Target
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

_WORDS = load_words(__file__)

_REQUEST = _WORDS.pattern(r"""
    (?:<greetings>[,!]?[ ])?
    (?:
        <asking>(?:[ ]please)?(?:[ ]me)?(?:[ ]to)?[ ]<making>     # could you please draw
      | (?:i|we)(?:'d|[ ]would|'m|[ ]am)?(?:[ ]really)?[ ]<wanting>(?:[ ]for)?
        (?:[ ](?:you|it|this))?(?:[ ]to[ ](?:<making>|be))?       # i'd like you to paint
      | <orders>(?=[ ](?:me|a|an|the|us|some)\b)
      | let(?:'s|[ ]us)[ ]<making>
    )
    (?:[ ](?:me|us))?
    (?:[ ](?:an?|the|some)(?:[ ]\w+)?[ ]<pictures>s?(?:[ ]of|[ ]with|[ ]showing|[ ]where)?)?
    (?![\w'])
""")
_SHOWS = _WORDS.pattern(r"""
    (?:the|this|an?|my)[ ](?:\w+[ ])?(?:<pictures>|composition|background|scene|it)[ ]
    <showing>\b(?:[ ]<shown>)?
""")
_THERE = re.compile(r"(?<!\w)there(?:'s| is| are| was| were| stands| will be| should be|'re)\b")
_RELATIVE = _WORDS.pattern(r"""
    (?<=\w)[, ]+
    (?:
        (?:that|which|who)(?![ ](?:reads?|says?|spells?)\b)       # these announce lettering
        (?:[ ](?:<relative_verbs>|\w+s|\w+ed)|'s)\b
      | whose[ ]\w+[ ](?:<be>|\w+s)\b
      | where[ ](?:the|a|an|it|they|he|she|people|there|\w+s)\b
    )
""")
_PRONOUN = _WORDS.pattern(r"""
    (?<![\w'])<pronouns>(?![ ](?:says|reads|spells)\b)
    (?:
        's|'re|'m|'ll|'d
      | [ ](?:<adverbs>[ ])?(?:<pronoun_verbs>|(?!as\b|us\b|\w+ss\b|this\b|his\b)\w+s|\w+ed)
    )
    (?![\w'])
""")
_CONJUNCTION = _WORDS.pattern(r"""
    (?<![\w-])
    (?:
        <conjunctions>
      | <weak_conjunctions>[ ]<subjects>[ ](?:\w+[ ]){0,3}?       # while the old man
        (?:is|are|was|were|has|have|had|<clause_verbs>s?|<clause_verbs_past>)
    )\b
""")
_OPENING = _WORDS.pattern(r"(?:^|(?<=[,.;\n][ ])|(?<=\n))<openings>[ ](?!\w+ing\b)\w+")
_COPULA = _WORDS.pattern(r"""
    (?<![\w'-])<determiners>\s(?:[\w'-]+\s){1,6}?
    (?:<copulas>|looks?(?=[ ]<after_looks>\b))\b
""")
_BARE_COPULA = _WORDS.pattern(r"""
    (?:^|(?<=[,.;\n][ ])|(?<=\n))(?:[\w'-]+[ ]){1,4}<be>(?=[ ]\w)
""")
_FINITE = _WORDS.pattern(r"""
    (?<![\w'-])(?:a|an|the|one|his|her|its|their|this)[ ]
    (?:[\w'-]+[ ]){1,5}?<finite_verbs>
    (?=[ ]<after_finite_verbs>\b|[,.;!\n]|$)
""")
_PARTICIPLE = re.compile(r" (?:that|which|who)(?:'s| is| are| was| were)(?= \w+ing\b)")

_ZH_PICTURE_OF = r"(?:一)?(?:张|幅|个|副)"
_ZH_REQUEST = _WORDS.pattern(rf"""
    (?:你好[,，]?)?<zh_asking>+<zh_asking_more>*                  # 请帮我
    <zh_making>?(?:出|一下|成)?                                   # 画一下
    (?:
        (?:{_ZH_PICTURE_OF}<zh_about>?<zh_pictures>               # 一张关于……的图
        (?:[,，]?(?:里面|上面|其中)(?:有|是|要)?)?)?
    )?
""")
_ZH_ORDER = _WORDS.pattern(rf"""
    (?:^|(?<=[,，。\n]))\s*<zh_orders>(?:出|一下)?(?=一|几|两|三|个|张|幅|只)
    (?:{_ZH_PICTURE_OF}<zh_ordered_pictures>[：:，,的]?)?
""")
_ZH_SHOWS = _WORDS.pattern(r"""
    <zh_these>?<zh_works><zh_within>?                             # 这幅画里
    <zh_should>?<zh_showing>(?:出|的是|了)?(?!着)                  # 应该有
""")
_ZH_THERE = _WORDS.pattern(r"(?:^|(?<=[。；;\n]))\s*有<zh_many>")
_ZH_CONJUNCTION = _WORDS.pattern(r"""
    <zh_conjunctions>
  | 当(?=[^,，。]{1,14}(?:时候?|的时|之时|后)(?:[,，]|$))           # 当雨停的时候，
  | 的时候 | (?<=[^\s,，。])时(?=[,，][他她它])
  | <zh_later_conjunctions>
""")
_ZH_PRONOUN = _WORDS.pattern(r"<zh_pronouns>(?!的|们|俩)(?=[^\s,，。;；\ue000])(?<!其)")
_ZH_NOT_ALONE = _WORDS.pattern(r"<zh_not_alone>$")
_ZH_IS = re.compile(
    r"(?<=[^\s,，。;；、：:\ue000])(?:都|就|也|全|已经)?是(?=[^\s,，。;；否\ue000])(?!非|以)"
)
_ZH_PASSIVE = re.compile(r"(?:被|给)[^\s,，。;；的]{1,8}了(?![^,，。]{0,8}的)")
_ZH_DONE = re.compile(r"(?<=[^\s,，。])了(?=$|[,，。;；！!\n]|一)(?!解|望)")
_ZH_NOW = re.compile(r"(?:正在|正(?=[坐站躺看吃喝跑走放把])|在不停地)(?![^,，。;；]{0,16}的)")

_PATTERNS = (
    (_REQUEST, "request"), (_ZH_REQUEST, "request"), (_ZH_ORDER, "request"),
    (_SHOWS, "shows"), (_ZH_SHOWS, "shows"), (_THERE, "shows"), (_ZH_THERE, "shows"),
    (_RELATIVE, "clause"), (_PRONOUN, "clause"), (_CONJUNCTION, "clause"), (_OPENING, "clause"),
    (_COPULA, "clause"), (_BARE_COPULA, "clause"), (_FINITE, "clause"),
    (_ZH_CONJUNCTION, "clause"), (_ZH_PRONOUN, "clause"), (_ZH_IS, "clause"),
    (_ZH_PASSIVE, "clause"), (_ZH_DONE, "clause"), (_ZH_NOW, "now"),
)  # fmt: skip
_WHOLE_WORDS = (_ZH_REQUEST, _ZH_CONJUNCTION, _ZH_PRONOUN, _ZH_NOW)


def _find(text: Text, target: Target) -> Iterator[Fault]:
    # The miniature's own captions say "there is" and "is left of": it loses nothing by them.
    severity = "hint" if target.miniature else "warning"
    hits: list[tuple[int, int, str, tuple[TextEdit, ...]]] = []
    for pattern, message in _PATTERNS:
        for found in pattern.finditer(text.lower):
            if not found[0].strip():
                continue
            start = found.start() + len(found[0]) - len(found[0].lstrip(" ,\n"))
            if pattern is _ZH_PRONOUN and _ZH_NOT_ALONE.search(text.plain[:start]):
                continue
            if pattern in (_ZH_IS, _ZH_DONE) and _within_word(text, start):
                continue
            if pattern in _WHOLE_WORDS and (text.cuts_word(start) or text.cuts_word(found.end())):
                continue
            edits: tuple[TextEdit, ...] = ()
            if message == "request":
                edits = _without_request(text, start, found.end())
            hits.append((start, found.end(), message, edits))
    for found in _PARTICIPLE.finditer(text.lower):
        edit = TextEdit(found.start(), found.end())
        hits = [hit for hit in hits if hit[1] <= found.start() or hit[0] >= found.end()]
        hits.append((found.start() + 1, found.end(), "participle", (edit,)))
    end_of_last = -1
    for start, end, message, edits in sorted(hits):
        if start < end_of_last:  # one finding for one place
            continue
        end_of_last = end
        word = text.prompt[start:end].strip()
        weak = "hint" if message == "now" else severity  # common in good captions as well
        message = "clause" if message == "now" else message
        yield Fault(start, end, message, {"word": word}, edits, weak)  # type: ignore[arg-type]


def _within_word(text: Text, position: int) -> bool:
    """Return whether a character stands in a longer word, as 是 in 于是 does."""
    return any(
        w.start <= position < w.end and w.end - w.start > 1 and w.tag not in ("v", "c")
        for w in text.words
    )


def _without_request(text: Text, start: int, end: int) -> tuple[TextEdit, ...]:
    """Leave out "please draw" where it begins the prompt and what it asks for follows."""
    rest = text.prompt[end:].lstrip(" ,，:：")
    begins = not text.prompt[:start].strip()
    if not begins or len(rest) < 2:
        return ()
    if rest[0].isascii() and re.match(r"(?:to|that|if|because|when|me)\b", rest):
        return ()
    return (TextEdit(start, len(text.prompt) - len(rest)),)


RULE = Rule("clause", "warning", _find)
