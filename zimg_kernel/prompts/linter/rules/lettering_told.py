"""All text for the picture that something announces, bears or places, the surest first."""

from __future__ import annotations

from zimg_kernel.prompts.text import Text

from .announced import announced
from .announced_kinds import Found
from .announced_zh import announced_zh
from .attached import attached
from .attached_pairs import attached_pairs
from .attached_zh import attached_zh
from .borne_zh import borne_zh
from .capital_words import capital_words
from .inscribed_zh import inscribed_zh
from .led_up_zh import led_up_zh
from .likely_lettering import likely_lettering
from .placed_words import placed_words
from .spoken_words import spoken_words
from .turns_zh import describes_lettering, surely_announced, turns_zh
from .written_words import written_words
from .written_words_zh import written_words_zh

_FINDERS = (
    borne_zh,
    announced,
    announced_zh,
    attached,
    attached_zh,
    attached_pairs,
    likely_lettering,
    written_words,
    placed_words,
    written_words_zh,
    turns_zh,
    capital_words,
    spoken_words,
    led_up_zh,
    inscribed_zh,
)


def told_lettering(text: Text) -> list[Found]:
    """Return start, end and level of each text for the picture, warnings first."""
    told = [
        surely_announced(text, part)
        for finder in _FINDERS
        for part in finder(text)
        if not describes_lettering(text, *part[:2])
        and " --" not in text.plain[part[0] : part[1]]  # a switch of other programs
    ]
    return sorted(told, key=lambda part: part[2] == "hint")
