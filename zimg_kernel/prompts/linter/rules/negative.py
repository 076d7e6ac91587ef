"""Rule ``negative``: things not to be drawn, which naming them brings in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.finding import TextEdit
from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.rule import Fault, Rule, Target
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .left_out import left_out
from .negative_zh import EXCLUDED

_WORDS = load_words(__file__)

_PART = Pattern(r"[^,，;；\n.。、]+")
_BAD = "(?:<bad>[ ]<bad_things>|<extra>[ ]<body_parts>|<faults>)"
_BOILERPLATE = _WORDS.pattern(rf"(?:and[ ])?{_BAD}(?:(?:[ ]and|/|,)[ ]?{_BAD})*")
_HEADING = _WORDS.pattern(r"<headings>\s*[:：]", re.IGNORECASE)
_NO = _WORDS.pattern(r"""
    (?<![\w-])
    (?:
        (?:<before_no>[ ])?no(?![ ]one\b|\.)(?:[ ]\w[\w'-]*){1,4}         # with no people
      | without(?:[ ](?:any|a|an|the))?[ ]\w[\w'-]*(?:[ ]\w[\w'-]*)?
      | (?:(?:but|and|is|are|has|have|does|do|did|was|were|can|will|would|should)[ ])?
        not[ ](?:an?[ ]|the[ ]|any[ ]|too[ ])?\w+(?:[ ]\w+)?
      | <avoiding>\b(?:[ ]\w[\w'-]*){0,4}
      | --no\b[^,\n]*                                                    # as in other programs
    )
""")
_NO_EXCEPTION = _WORDS.pattern(r"(?:<before_no>[ ]|(?:is|are)[ ])?<no_exceptions>")
_ZH_BOILERPLATE = _WORDS.pattern("(?:有|和)?<zh_faults>(?:[和与/]<zh_faults>)*")
_ZH_NO = _WORDS.pattern(r"""
    (?:
        (?:请)?<zh_avoiding><zh_appearing>*                                     # 请不要出现
      | 没有(?:任何|其他|一个|半个) | 无(?:任何|其他|其它|多余)
      | (?:无|没有)(?=(?:任何)?<zh_absent>(?:$|[\ue000,，、;；。\n和或]))        # 无人，
      | 没有
    )
    [^,，、;；。\n]*
""")
_ZH_EXCEPTION = _WORDS.pattern("<zh_exceptions>")
_ZH_IDIOM = _WORDS.pattern("<zh_idioms>|<zh_before_other>别")


def _find(text: Text, target: Target) -> Iterator[Fault]:
    card = target.card
    suffix = "any" if card is None else "guided" if card.guided else "unguided"
    # Blur, noise and poor quality are words of the miniature's own captions.
    severity = "hint" if target.miniature else "warning"
    model = {"model": target.title}
    done = len(text.plain)
    for found in _HEADING.finditer(text.plain):
        done = found.start()
        # What the writer meant for another field is theirs to move.
        yield Fault(done, len(text.plain), f"head_{suffix}", model)
        break
    seen: list[tuple[int, int]] = []
    for part in _PART.finditer(text.lower[:done]):
        phrase = part[0].strip()
        start = part.start() + part[0].index(phrase)
        end = start + len(phrase)
        bare = phrase.strip("()[]{}（） ")
        if _BOILERPLATE.fullmatch(bare) or (text.chinese and _ZH_BOILERPLATE.fullmatch(bare)):
            edits = (TextEdit(start, end),)
            values = {"word": text.prompt[start:end], **model}
            yield Fault(start, end, f"bad_{suffix}", values, edits, severity)  # type: ignore[arg-type]
            continue
        told = False
        for pattern, exception in ((_NO, _NO_EXCEPTION), (_ZH_NO, _ZH_EXCEPTION)):
            if pattern is _ZH_NO and not text.chinese:
                continue
            for found in pattern.finditer(text.lower, start, end):
                if exception.match(text.lower, found.start()) or _inside_word(text, found.start()):
                    continue
                if _ZH_IDIOM.search(text.lower, max(0, found.start() - 3), found.start() + 2):
                    continue
                values = {"word": text.prompt[slice(*found.span())].strip(), **model}
                told = True
                seen.append(found.span())
                yield Fault(*found.span(), f"no_{suffix}", values, (), severity)  # type: ignore[arg-type]
        if text.chinese and not told and (ex := EXCLUDED.search(text.lower, start, end)):
            values = {"word": text.prompt[slice(*ex.span())].strip(), **model}
            yield Fault(*ex.span(), f"no_{suffix}", values, (), severity)  # type: ignore[arg-type]
    for start, end, sure in left_out(text):
        if end <= done and not any(start < b and a < end for a, b in seen):
            values = {"word": text.prompt[start:end], **model}
            level = severity if sure else "hint"
            yield Fault(start, end, f"no_{suffix}", values, (), level)  # type: ignore[arg-type]


def _inside_word(text: Text, position: int) -> bool:
    """Return whether a Chinese word is cut; the segmenter reads 里别 and 千万别 as words."""
    return (
        text.cuts_word(position)
        and text.lower[position - 1] not in "万里中上也都面请还且可并均皆尚亦"
    )


RULE = Rule("negative", "warning", _find)
