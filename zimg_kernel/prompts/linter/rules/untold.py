"""English stories, plans, sounds, smells and aches that a picture hardly shows."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

_WORDS = load_words(__file__)
_UNTOLD = _WORDS.pattern(
    r"""
    (?<![\w'-])
    (?:
        <tellers>[ ](?:<adverbs>[ ]){1,2}(?:<pasts>|<both>)
      | (?:<tellers>|[a-z]+)[ ](?:<adverbs>[ ])?<pasts>(?=[ ])
      | (?:^|(?<=[.;:]\ ))(?:it|he|she|they|we)[ ](?:<adverbs>[ ])?(?:[a-z]{3,}ed|<pasts>)
      | whose[ ](?:(?!is[ ]|are[ ])[\w-]+[ ]){1,3}(?:<pasts>|<both>|had|was|were)
      | (?:once|recently|twice|unjustly|wrongly|falsely|secretly|long)[ ]<fates>
      | <fates>(?:[ ](?:away|alone|once))?[ ]by
        [ ](?:his|her|their|its|the|an?|wolves)[ ](?:own[ ])?[a-z]+
      | (?:^|(?<=,[ ])|(?<=and[ ]))<fates>[ ]<links>
      | <former>
      | (?:the|this|that|whose|their|his|her|its)[ ](?:[\w-]+[ ])?<works>[ ]<origins>
      | (?:the|a|his|her|their|its|an|every|some)[ ](?:[\w-]+[ ])?(?!<coats>)[a-z]+(?<!e)ed
        [ ](?:its|his|her|their|the|an?|him|them|every|all)(?=[ ][a-z])
      | had(?![ ](?:on|better)) | would[ ]<willed>
      | for[ ](?:[\w-]+[ ]){0,2}<spans>
      | (?:nobody|no[ ]one)[ ](?:can|dares?|could|knows?|speaks?|talks?|remembers?|wants?
          |believes?|cares?|mentions?|asks?|tells?|ever)
      | <disputes> | <minds> | <plans>
      | <sounders>[ ](?:that[ ]|which[ ])?<sounding> | <sounds>
      | <airs>[ ]<carries>[ ]<notes> | <smells>
      | (?:(?:his|her|their|its|the|whose|every)[ ](?:[\w-]+[ ])?)<limbs>[ ]<aching> | <aches>
    )(?![\w-])
    """
)


def untold(text: Text) -> Iterator[tuple[int, int]]:
    """Yield the ranges of such words."""
    for found in _UNTOLD.finditer(text.lower) if text.latin and not text.chinese else ():
        yield found.span()
