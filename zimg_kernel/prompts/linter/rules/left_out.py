"""English statements that leave a thing out of the picture, in other words than "no"."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

_WORDS = load_words(__file__)
_BE = "(?:<being>[ ]){0,4}"
_END = "(?=[.,;:!?]|$|[ ](?:here|please|and|from)(?![\\w-]))"
_OUT = _WORDS.pattern(
    rf"""
    (?<![\w'-])
    (?:
        <taken_out>[ ](?:completely[ ]|entirely[ ])?(?:from|of|out[ ]of)[ ]
        (?:(?:the|this|my|every)[ ])?(?:[\w-]+[ ])?<pictures>            # removed from the frame
      | (?:all|any|every|each|both)[ ](?:of[ ](?:the|his|her|its)[ ])?   # every car taken out
        (?:[\w-]+[ ]){{1,4}}?{_BE}<taken_out>{_END}
      | (?:any|every)(?:thing|one|body)[ ](?:[\w-]+[ ]){{0,2}}?{_BE}<taken_out>{_END}
      | <unwanted>(?:(?:[ ]and|[ ]or|,)[ ][\w-]+){{0,3}}[ ]{_BE}<taken_out>{_END}
      | (?:is|are|be|being|been)[ ](?:(?:strictly|absolutely|completely|all|also)[ ])?<surely_out>
      | <staying>[ ](?:(?:well|strictly|all|completely|entirely)[ ])?
        (?:out[ ]of|outside(?:[ ]of)?|off)[ ](?:(?:the|my|this)[ ])?<seen_in>
      | to[ ]be[ ]<gone>
      | zero[ ](?!<zero_of>\b)[a-z]{{3,}}(?:[ ][a-z-]+)? | 0[ ]<none_of>
      | <turns>
      | (?:^|(?<=[.;,!:][ ])|(?<=please[ ])|(?<=just[ ]))
        <orders>[ ]<all_of>\b(?:[ ][\w-]+){{0,3}}
    )(?![\w-])
    """
)
_PERHAPS = _WORDS.pattern(
    r"""
    (?<![\w'-])
    (?:
        <perhaps> | (?!<free_things>\b)[a-z]{3,}-free
      | [a-z]+[ ](?:[a-z]+ly[ ]|all[ ])?<at_end>(?=[.,;!]|$)      # with its wig omitted
      | (?:but|and|also|then|now|so)[ ]<orders>[ ]<all_of>[ ][\w-]+
      | (?:get|take|keep|leave|throw|chase|send|wipe|move|wash|crop|cut|edit|photoshop)
        [ ]<all_of>[ ](?:[\w-]+[ ]){1,3}(?:out|off|away)(?=[ ]?[.,;!]|$|[ ](?:of|from)[ ])
    )(?![\w-])
    """
)


def left_out(text: Text) -> Iterator[tuple[int, int, bool]]:
    """Yield the ranges of such statements, and whether they are sure."""
    if not text.latin or text.chinese:
        return
    for pattern, sure in ((_OUT, True), (_PERHAPS, False)):
        for found in pattern.finditer(text.lower):
            yield *found.span(), sure
