"""Languages of the package's sentences, and the choice of one."""

from __future__ import annotations

import locale
import os

from .errors import BadInput

LANGUAGES = ("en", "zh")


def chosen_language(wanted: str | None = None) -> str:
    """Return the language to use: the one wanted, else ``ZIMG_LANGUAGE``, else the locale's.

    Raises
    ------
    BadInput
        A language was asked for that there is not.
    """
    named = wanted or _set()
    if named:
        short = named.lower().replace("_", "-").split("-")[0]
        if short not in LANGUAGES:
            raise BadInput(
                f"There is no language {named!r}: choose en or zh.",
                code="unknown-language",
                field="language",
            )
        return short
    names = (os.environ.get("LC_ALL"), os.environ.get("LC_MESSAGES"), os.environ.get("LANG"))
    name = next((n for n in names if n), None) or locale.getlocale()[0] or ""
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"


def _set() -> str | None:
    from .settings import settings  # with Pydantic, which takes a tenth of a second to import

    return settings().language
