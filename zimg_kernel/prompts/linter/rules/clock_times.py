"""Times of day that an English prompt gives by the clock: ten in the morning, 23:40, 2 am."""

from __future__ import annotations

import re
from collections.abc import Iterator

_HOURS = {
    word: n
    for n, word in enumerate(
        (
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ),
        1,
    )
}
_PART = re.compile(
    r"(?<![\w:.-])(?P<h>\d{1,2}|" + "|".join(_HOURS) + r")(?:[:.](?P<m>\d\d))?"
    r"(?:[ -](?:thirty|fifteen|forty-five|o'clock|sharp))*,? "
    r"(?:(?P<part>(?:in the|at|of a [a-z]+|on an? [a-z]+|each) ?(?:early |late )?"
    r"(?P<name>morning|afternoon|evening|night))|(?P<half>[ap])\.?m\b)"
    r"|(?<![\w:.-])(?P<hh>\d{1,2})(?:[:.](?P<mm>\d\d))?(?P<short>[ap])\.?m\b"
    r"|(?<![\w:./-])(?P<long>(?:[01]\d|2[0-3])):[0-5]\d(?![\w:.]| (?:aspect|ratio|format|frame))"
)


def clock_times(lower: str) -> Iterator[tuple[int, int, str]]:
    """Yield where a time stands, with "day", "night", "dawn" or "dusk"."""
    for found in _PART.finditer(lower):
        if found["long"]:
            hour = int(found["long"])
            if (
                5 <= hour < 13 or found[0] == "16:10"
            ):  # 06:30 of an evening by a clock of twelve hours
                continue
        else:
            word = found["h"] or found["hh"]
            hour = _HOURS.get(word) or int(word)
            late = found["half"] or found["short"]
            name = found["name"]
            if hour > 12:
                continue
            hour %= 12
            if late == "p" or name in ("afternoon", "evening") or (name == "night" and hour > 5):
                hour += 12
        if 9 <= hour < 17:
            yield *found.span(), "day"
        elif hour >= 21 or hour < 4:
            yield *found.span(), "night"
