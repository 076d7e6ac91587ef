"""English statements of how good a picture is: quality, prizes, fame, comparisons, effects."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

_WORDS = load_words(__file__)
_BOAST = _WORDS.pattern(
    r"""
    (?<![\w'-])
    (?:
        <grand>[ -](?:[\w-]+[ ]){0,2}?<crafts>(?![ ](?:of[ ](?:his|her|the|a)|plate|shops?|beer))
      | (?:<graded>)(?:'s)?[ -](?:[\w-]+[ ])?<grades>
      | <prizes>-<prized>(?:[ ]<crafts>|[ ]<works>)?
      | (?:^|(?<=[,;.][ ]))<prizes>[ ]<prized>(?=[.,;!]|$|[ ]material)
      | (?:first|1st|grand|top)[ -]prize(?![ ]<shown>)
      | <fame>
      | <deserving>[ ](?:<articles>[ ])?(?:[\w'-]+[ ]){0,4}?<places>
      | <beats>[ ](?:[\w-]+[ ])?<beaten>
      | (?:as|like|than|by|of|only|what|worthy|rival)(?:[ ](?:if|though))?[ ](?:only[ ])?
        (?:<articles>[ ])?(?:(?:true|real|great|old|very|few|other)[ ]){0,2}<masters>[ ]<able>
      | <masters>[ ](?:could(?:n't)?|would|can|cannot)[ ](?:(?:not|never|hardly)[ ])?<done>
      | (?:better|finer|sharper|more[ ]\w+)[ ]than[ ]<others>(?:[ ]<makers>)*
      | <made>[ ]by[ ]<articles>[ ](?:[\w-]+[ ]){0,2}?<masters>
      | <surely>
    )(?![\w-])
    """
)
_PERHAPS = _WORDS.pattern(r"(?<![\w'-])<perhaps>(?![\w-])")


def boasts(text: Text) -> Iterator[tuple[int, int, bool]]:
    """Yield the ranges of such statements, and whether descriptions have none of them."""
    if not text.latin or text.chinese:
        return
    for pattern, sure in ((_BOAST, True), (_PERHAPS, False)):
        for found in pattern.finditer(text.lower):
            yield *found.span(), sure
