"""The words on controls, in English and Chinese."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping

LANGUAGES = ("en", "zh")
Words = Mapping[str, tuple[str, str]]
"""The English and the Chinese word for each name."""


def language(wanted: str | None = None) -> str:
    """The language to use: the one wanted, else ``ZIMG_LANGUAGE``, else that of the locale.

    Raises
    ------
    ValueError
        A language was asked for that there is not.
    """
    said = wanted or os.environ.get("ZIMG_LANGUAGE") or ""
    if said:
        short = said.lower().replace("_", "-").split("-")[0]
        if short not in LANGUAGES:
            raise ValueError(f"There is no language {said!r}: choose en or zh.")
        return short
    names = (os.environ.get("LC_ALL"), os.environ.get("LC_MESSAGES"), os.environ.get("LANG"))
    name = next((n for n in names if n), None) or locale.getlocale()[0] or ""
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"


def say(words: Words, wanted: str | None = None) -> dict[str, str]:
    """The words in one language, by name."""
    column = LANGUAGES.index(language(wanted))
    return {name: pair[column] for name, pair in words.items()}
