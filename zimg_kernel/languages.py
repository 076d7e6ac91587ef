"""Languages of the package's sentences, apart from the settings that choose one."""

from __future__ import annotations

LANGUAGES = ("en", "zh")
