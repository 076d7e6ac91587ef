"""English text for the picture that a way of lettering follows, or that one of two signs reads."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HIDDEN, Text

from .announced_kinds import Found

_WORDS = load_words(__file__, "announced")
_WORDS.update(load_words(__file__, "attached"))
_WORDS.update(load_words(__file__))

_PATTERNS = (
    # stencilled with this side up in large letters, glowing with open all night in pink script
    _WORDS.pattern(r"""
        \b(?:<lettered>|<marked>|glow(?:s|ing)|blink(?:s|ing)|flash(?:es|ing)|lit)[ ]with[ ]
        (?P<text>(?!(?:<unwritten>|<described>)\b)(?:(?!\b(?:<unwritten>|<described>)\b)[^,.;:\n\ue000]){3,60}?)
        (?:[ ](?:across|on|over|along|down|under|below|above|around|round)[ ][^,.;:\n]{2,25}?)?
        [ ]in[ ](?:[\w-]+[ ]){0,3}(?:letters|lettering|capitals|caps|script|type|font|serif|print)\b
    """),
    # stencilled with this side up
    _WORDS.pattern(r"""
        \b(?:<lettered>|<marked>)[ ](?:with[ ])?(?P<text>(?:<orders>)\b[^,.;:\n\ue000]{0,50})
    """),
)
# a signpost: the upper one reads Elm Street and the lower one Fifth Avenue
_ONE_OF = _WORDS.pattern(r"""
    \b(?:one|other|first|second|third|upper|lower|left|right|top|bottom|nearer|larger|smaller)
    (?:[ ](?:one|half|arm|blade|sign|side|board|plate|panel|line|row|arrow|door|of[ ]them))?[ ]
    (?:reads|says|reading|saying)[ ]
    (?P<text>[A-Z][^,.;:\n\ue000]{0,60}?)(?=[ ](?:and|while|but)[ ](?:the|its|another)\b|[,.;\n]|$)
""")
_SIGNS = _WORDS.pattern(r"\b(?:<signs>)\b")


def attached_pairs(text: Text) -> Iterator[Found]:
    """Yield the range of each text for the picture; all are hints."""
    if not text.latin:
        return
    plain = text.plain
    patterns = [*_PATTERNS, _ONE_OF] if _SIGNS.search(text.lower) else _PATTERNS
    for pattern in patterns:
        for found in pattern.finditer(plain):
            if HIDDEN not in plain[found.start() : found.end() + 12]:
                yield *found.span("text"), "hint"
