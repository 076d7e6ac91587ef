"""Messages about prompts that the miniature does not know, or knows in part."""

from __future__ import annotations

from zimg_kernel.nano.draw.glyphs import CHINESE
from zimg_kernel.nano.tables import Words
from zimg_kernel.nano.world.signs import MOST_GLYPHS

from . import words as w
from .beside_signs import spoils_sign
from .known_words import Use, in_known_words, mixes_counts
from .landscape_captions import EN_ELEMENTS, ZH_ELEMENTS
from .vocabulary import PromptReading, is_chinese, lettering, names_subject

DRAWS = "The miniature draws shapes, simple landscapes and short signs"


def _named(reading: PromptReading) -> str:
    return ", ".join(
        f"{w} (the nearest it can do: {reading.nearest[w]})" if w in reading.nearest else w
        for w in reading.unknown
    )


def refusal(reading: PromptReading) -> str:
    """Return why a prompt cannot be drawn, and what to do; empty if it can."""
    if not reading.unknown or reading.has_subject:
        return ""
    chinese = any(is_chinese(w) for w in reading.unknown)
    like = (
        "左边一个红色的圆，水墨画：山和湖" if chinese else "a red cat on the grass, a lake at dusk"
    )
    # Another style or colour in its place would still name nothing to draw.
    things = (near for near in reading.nearest.values() if names_subject(near.split()[-1], []))
    near = next(things, "")
    first = f"Put {near} instead" if near else f"Write something like: {like}"
    return (
        f"{DRAWS}; it does not know {_named(reading)}, and nothing else that it could draw is "
        f"named. It knows {_things(chinese)}. {first}, or choose a full-size model."
    )


def _things(chinese: bool) -> str:
    """Return what it draws, the first name of each thing."""
    if chinese:
        return "、".join(dict.fromkeys(names[0] for names in _listed(w.ZH_SHAPES, ZH_ELEMENTS)))
    found: dict[str, None] = {}
    for names in _listed(w.EN_SHAPES, EN_ELEMENTS):
        name = names[0].removeprefix("a ").removeprefix("the ")
        if name.removesuffix("s") not in found:
            found[name] = None
    return ", ".join(found)


def _listed(*tables: Words) -> list[tuple[str, ...]]:
    return [tuple(names) for table in tables for names in table.values()]


def notes(reading: PromptReading, use: Use = "prompt") -> list[str]:
    """Return notes on a prompt that is understood in part.

    Parameters
    ----------
    reading : PromptReading
    use : {"prompt", "instruction"}
        Whether the text describes a picture or a change of one.
    """
    messages = []
    reads = in_known_words(reading.prompt, use)
    if reading.unknown:
        messages.append(f"{DRAWS}; it does not know {_named(reading)} and reads “{reads}”.")
    elif reads != reading.prompt and not lettering(reading.prompt):
        messages.append(
            f"Of several things the miniature needs to know each one's colour; it reads “{reads}”."
        )
    if use == "prompt" and not lettering(reading.prompt) and mixes_counts(reading.prompt):
        messages.append(
            "The miniature counts one kind of thing in a picture, as in “three red stars”; with "
            "several kinds the numbers come out wrong."
        )
    if use == "prompt" and spoils_sign(reading.prompt):
        messages.append(
            "Beside lettering the miniature draws at most one thing, above it, as in “a red circle "
            'above a sign that says "HELLO"”; told otherwise, one of the two goes missing or is '
            "spoilt."
        )
    if reading.unprintable:
        capitals = reading.unprintable.isascii() and reading.unprintable.isalpha()
        hint = "write them in capitals" if capitals else "they come out as something else"
        messages.append(
            f"Its signs have capitals, digits and {len(CHINESE)} Chinese characters, but not "
            f"{' '.join(reading.unprintable)}: {hint}."
        )
    if reading.only_style:
        messages.append(
            "No thing is named, only a style or a landscape, so the picture stays nearly empty: "
            "say what it shows, as in "
            "“水墨画：群山和湖” or “neon art of mountains and a lake”."
        )
    messages += [
        f"Its signs have room for {MOST_GLYPHS} characters, and “{text}” has "
        f"{len(text.replace(' ', ''))}: not all of them will be right."
        for text in reading.long_signs
    ]
    return messages
