"""Which of the two languages to speak to the user: English or Chinese."""

from __future__ import annotations

import locale
import os

from .params import BadInput

LANGUAGES = ("en", "zh")


def chosen_language(wanted: str | None = None) -> str:
    """The language to use: the one wanted, else ``ZIMG_LANGUAGE``, else that of the locale.

    Raises
    ------
    BadInput
        A language was asked for that there is not.
    """
    said = wanted or os.environ.get("ZIMG_LANGUAGE") or ""
    if said:
        short = said.lower().replace("_", "-").split("-")[0]
        if short not in LANGUAGES:
            raise BadInput(f"There is no language {said!r}: choose en or zh.")
        return short
    names = (os.environ.get("LC_ALL"), os.environ.get("LC_MESSAGES"), os.environ.get("LANG"))
    name = next((n for n in names if n), None) or locale.getlocale()[0] or ""
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"
