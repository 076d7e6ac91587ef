"""Labels of controls in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from zimg_kernel.settings import LANGUAGES, chosen_language

Labels = Mapping[str, tuple[str, str]]
"""English and Chinese text by name."""

CAPTION: Labels = {
    "step": ("{} step", "{} 步"),
    "steps": ("{} steps", "{} 步"),
    "guidance": ("guidance {}", "引导 {}"),
    "seed": ("seed {}", "种子 {}"),
}
"""Parts of a picture's caption."""

language = chosen_language


def in_language(labels: Labels, wanted: str | None = None) -> dict[str, str]:
    """Return the labels in one language, by name."""
    column = LANGUAGES.index(language(wanted))
    return {name: pair[column] for name, pair in labels.items()}
