"""Rule ``clause``: talk to the model, and what no picture shows: thoughts, sounds, stories."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from zimg_kernel.prompts.linter.finding import TextEdit
from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.rule import Fault, Rule, Target
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .clause_levels import (
    alone_enough,
    has_panels,
    is_weak,
    perhaps_request,
    perhaps_unseen,
)
from .unshown import unshown
from .untold import untold

_WORDS = load_words(__file__)
_WORDS.update(load_words(__file__, "clause_zh"))
_BEGIN = r"(?:^\s*|(?<=[.!?:;\n。！？；：])\s*)"

_PICTURE = r"""
    (?:[ ](?:an?|the|some|this)(?:[ ][\w-]+){0,2}?[ ]<pictures>s?\b(?:[ ](?:of|with
  |showing|where)\b)?)
"""
_REQUEST = _WORDS.pattern(
    rf"""
    (?:{_BEGIN}<greetings>(?:[ ]there)?\b[,!]?[ ]*)?
    (?:
        (?<![\w-])please\b(?!-)(?:[ ](?:me|help|just|also))*(?:[ ]<orders>\b)?
      | (?<![\w-])<modals>[ ]you\b(?:[ ]please)?(?:[ ](?:help[ ]me|me|just|try|to))*
        (?:[ ]<orders>\b)?
      | (?<![\w'-])(?:i|we)(?:[ ](?:just|really|also|kind[ ]of|actually|still))?
        (?:[ ]|(?='))<wishes>\b(?:[ ](?:you|it|this))?(?:[ ]to)?(?:[ ](?:<orders>|see|have|get
          |be)\b)?
      | let(?:'s|[ ]us)[ ]<orders>\b
    )
    (?:[ ](?:me|us)\b)?{_PICTURE}?
  | {_BEGIN}<greetings>(?:[ ]there|[ ]ai|[ ]model)?(?=[,!.])
  | {_BEGIN}(?:and[ ]|also[ ]|then[ ]|just[ ]|now[ ])?<orders>(?=[ ]<ordered>\b)
    (?:[ ](?:me|us)\b)?{_PICTURE}?
  | {_BEGIN}<starts>[ ](?:an?|some|to|this|it|the|something|of|about|more)\b
  | {_BEGIN}(?:can|could|would|should)[ ](?:this|it|that|the|there|we|i)\b
  | {_BEGIN}think[ ](?!tank|bubble)(?=\w)
  | {_BEGIN}<orders_of_pictures>(?:[ ][\w-]+){{0,2}}[ ]<pictures>s?\b(?:[ ]of\b)
  | (?:\b(?:the|this|my|your
    |an?)[ ](?:[\w-]+[ ]){{0,2}})?\b<pictures>s?[ ]<obliged>\b(?:[ ](?:show|have|be|depict
      |contain|include|look|feel)\b)?
  | (?<=\w[ ])(?:should|must|ought[ ]to|needs?[ ]to|has[ ]to(?![ ]hold))[ ](?:be|have|look|feel|show
    |stand|sit|hold|wear|not|also|appear|say|read|come|include)\b
  | (?<![\w'-])you(?:[ ]|(?='))<after_you>\b | (?<![\w'-])your[ ]<your>\b
  | (?<![\w'-])<ending_talk>(?![\w'-])
  | (?:{_BEGIN}|(?<=[,;][ ]))<asking>\b[^.?!\n\ue000]{{0,120}}\?
  | (?:{_BEGIN}|(?<=[,;][ ])|(?<=\b(?:and|but)[ ]))i[ ](?!ching\b)[a-z']+
    """,
    re.MULTILINE,
)
_UNSEEN = _WORDS.pattern(r"""
    (?<![\w'-])
    (?:
        <mind> | <senses> | <story>
      | <people>(?:[ ](?:is|are|was|still|suddenly|deeply))*[ ]<feeling>(?![ ](?:the[ ])?
        (?:texture|fabric|edge|surface|its|pulse|around))
      | (?:he|she|they|we|i|who)[ ](?:\w+ly[ ])?<pasts>
    )(?![\w'-])
""")
_SEEN = _WORDS.pattern(r"<seen>\b")
# "because the room lies below the street", "built a hundred years ago" are of what is seen.
_BECAUSE = _WORDS.pattern(
    r"^because\b|(?<![\w'-])because(?=[^,.;:\n]{0,60}?(?<![\w'-])<tellers>(?![\w'-]))"
)
_AGO = _WORDS.pattern(
    r"(?:(?<![\w'-])<tellers>(?![\w'-])[^.;:\n]{0,80}?|^[^,.;:\n]{0,30}|[.;]\s[^,.;:\n]{0,30})(?P<ago>\bago)\b"
)

_ZH_BEGIN = r"(?:^\s*|(?<=[，,。！？；：:;!?\n])\s*)"
_ZH_PICTURE = r"""
    (?:一?[张幅个副](?:[^，。,]{0,8}?的)?(?:关于|有关|描绘|表现|展示)?(?:图片|图像|图|画面|画|照片|插画|海报)
  (?:[，,：:]?(?:里面|上面|其中|内容)(?:有|是|要)?|[：:，,])?)
"""
_ZH_REQUEST = _WORDS.pattern(
    rf"""
    (?:你好[,，!！]?[ ]?)? (?:<zh_asking>|<zh_wanting>)+
    (?:你|您|请|帮我?|帮忙|给我|能够?|为我)* (?:<zh_orders>(?:出|一下|成|个)?)? {_ZH_PICTURE}?
  | {_ZH_BEGIN}(?:再|先|就|只)?<zh_orders>(?:出|一下|成)?(?=<zh_ordered>){_ZH_PICTURE}?
  | {_ZH_BEGIN}<zh_more_orders>
  | <zh_pictures>(?:里|中|上|部分)?(?:也|都|还)?<zh_obliged>
  | <zh_closing>
    """,
    re.MULTILINE,
)
_ZH_UNSEEN = _WORDS.pattern("<zh_mind>|<zh_senses>|<zh_story>")
_ZH_MIND = _WORDS.pattern("<zh_mind>")
_ZH_VISIBLE = _WORDS.pattern("<zh_visible_feeling>[^，,。；;]{0,12}$")
_ZH_VISIBLE_AFTER = _WORDS.pattern("[^，,。；;的地]{0,4}[的地][^，,。；;]{0,4}<zh_visible_feeling>")
_ZH_SEEN = _WORDS.pattern("<zh_seen>")

_SHOWS = Pattern(
    r"(?:the|this) (?:image|picture|photo|photograph|illustration) "
    r"(?:shows|depicts|features|contains|captures|illustrates|portrays)\b"
    r"|(?:这|这张|这幅|该)(?:图片|图像|图|画面|照片|画)(?:中|里|上)?(?:展示|展现|描绘|呈现|表现)了?"
)
_SENTENCE = Pattern(r"[.!?](?=\s|$)|[。！？；;\n]")


class _Find(NamedTuple):
    """Range that speaks for a fault; ``evidence`` is 2 if alone enough, 1 if beside another."""

    start: int
    end: int
    message: str
    evidence: int

    def touches(self, others: Iterable[_Find]) -> bool:
        return any(self.start < other.end and other.start < self.end for other in others)


def _find(text: Text, target: Target) -> Iterator[Fault]:
    ends = [found.start() for found in _SENTENCE.finditer(text.plain)]
    told: dict[tuple[str, int], list[_Find]] = {}  # by kind and sentence
    for find in sorted(_finds(text)):
        told.setdefault((find.message, bisect_right(ends, find.start)), []).append(find)
    for (message, _), finds in told.items():
        first = max(finds, key=lambda find: find.evidence)
        weak = {text.lower[find.start : find.end] for find in finds if find.evidence == 1}
        # Two words that descriptions have too seldom stand together in one sentence of them.
        sure = first.evidence == 2 or (len(weak) > 1 and not has_panels(text))
        start, end = first.start, first.end
        # Short descriptions seldom have words that long ones do.
        warned = sure or (first.evidence == 1 and alone_enough(text, start))
        yield Fault(
            start,
            end,
            message if sure else f"{message}_perhaps",
            {"word": text.prompt[start:end]},
            _without_request(text, start, end) if message == "request" and sure else (),
            # The miniature's own captions are of a fixed kind; other words are skipped there.
            "warning" if warned and not target.miniature else "hint",
        )
    if found := _SHOWS.match(text.lower):
        yield Fault(*found.span(), "shows", {"word": text.prompt[slice(*found.span())]}, (), "hint")


def _finds(text: Text) -> list[_Find]:
    finds = [
        _Find(start, end, message, 1 if is_weak(text, start, end) else 2)
        for start, end, message in _requests(text)
    ]
    for start, end in perhaps_request(text):
        find = _Find(start, end, "request", 0)
        if not find.touches(finds):
            finds.append(find)
    for start, end in _unseen(text):
        find = _Find(start, end, "unseen", 1 if is_weak(text, start, end) else 2)
        if not find.touches(finds):
            finds.append(find)
    for start, end in (*perhaps_unseen(text), *untold(text), *unshown(text)):
        find = _Find(start, end, "unseen", 0)
        if not find.touches(finds) and not _is_seen(text, start, end):
            finds.append(find)
    return finds


def _requests(text: Text) -> Iterator[tuple[int, int, str]]:
    for pattern in (_REQUEST, _ZH_REQUEST):
        if not (text.chinese if pattern is _ZH_REQUEST else text.latin):
            continue
        for found in pattern.finditer(text.lower):
            words = found[0].strip()
            if not words:
                continue
            start = found.start() + found[0].index(words)
            if pattern is _REQUEST or not text.cuts_word(start):
                yield start, start + len(words), "request"


def _unseen(text: Text) -> Iterator[tuple[int, int]]:
    for found in _UNSEEN.finditer(text.lower) if text.latin else ():
        if not _SEEN.match(text.lower, found.start()):
            yield found.span()
    if "because" in text.lower:
        yield from (found.span() for found in _BECAUSE.finditer(text.lower))
    if " ago" in text.lower:
        yield from (found.span("ago") for found in _AGO.finditer(text.lower))
    if not text.chinese:
        return
    for found in _ZH_UNSEEN.finditer(text.plain):
        start, end = found.span()
        # The segmenter reads 里闻 of 空气里闻得到 as a word.
        cut = text.cuts_word(start) and text.plain[start - 1] not in "里中"
        if cut or _is_seen(text, start, end):
            continue
        if _ZH_MIND.fullmatch(found[0]) and (
            _ZH_VISIBLE.search(text.plain, 0, start) or _ZH_VISIBLE_AFTER.match(text.plain, end)
        ):
            continue
        yield start, end


def _is_seen(text: Text, start: int, end: int) -> bool:
    """Return whether a find of Chinese is part of a description that looks like it."""
    return text.chinese and bool(_ZH_SEEN.search(text.plain, max(0, start - 2), end + 2))


def _without_request(text: Text, start: int, end: int) -> tuple[TextEdit, ...]:
    """Leave out "please draw" where it begins the prompt and what it asks for follows."""
    rest = text.prompt[end:].lstrip(" ,，:：")
    begins = not text.prompt[:start].strip()
    if not begins or len(rest) < 2:
        return ()
    if rest[0].isascii() and re.match(r"(?:to|that|if|because|when|me|you|for)\b", rest):
        return ()
    return (TextEdit(start, len(text.prompt) - len(rest)),)


RULE = Rule("clause", "warning", _find)
