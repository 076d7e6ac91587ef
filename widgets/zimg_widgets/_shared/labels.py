"""The words on controls, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from zimg_kernel.settings import LANGUAGES, chosen_language

Words = Mapping[str, tuple[str, str]]
"""The English and the Chinese word for each name."""

language = chosen_language


def say(words: Words, wanted: str | None = None) -> dict[str, str]:
    """The words in one language, by name."""
    column = LANGUAGES.index(language(wanted))
    return {name: pair[column] for name, pair in words.items()}
