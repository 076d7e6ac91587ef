"""English articles and plurals."""

from __future__ import annotations

IRREGULAR = {"fish": "fish", "snowman": "snowmen", "kitty": "kitties"}
"""Plurals that do not follow the rule."""


def article(noun: str) -> str:
    """Put "a" or "an" before a noun phrase."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def plural_of(noun: str) -> str:
    """Return the plural of a noun phrase."""
    if noun in IRREGULAR:
        return IRREGULAR[noun]
    return noun + ("es" if noun.endswith(("s", "x", "sh")) else "s")
