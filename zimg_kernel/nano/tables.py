"""Tables of words and colours, kept in YAML files beside the modules that use them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

Phrases = tuple[str, ...]
Words = dict[str, Phrases]


def read_tables(module: str, name: str) -> dict[str, Any]:
    """Read a YAML file in which ``a, b`` is short for ``[a, b]``.

    Parameters
    ----------
    module : str
        ``__file__`` of the module that the file lies beside.
    name : str

    Returns
    -------
    dict
        Lists as tuples.
    """
    import yaml

    text = Path(module).with_name(name).read_text(encoding="utf-8")
    # The loader in C takes 5 ms for all files together, the one in Python 150 ms.
    tables = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (safe)
    return {key: _as_tuples(value) for key, value in tables.items()}


def _as_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _as_tuples(item) for key, item in value.items()}
    return tuple(value.split(", ") if isinstance(value, str) else value)


def words(tables: dict[str, Any], name: str) -> tuple[Words, Words]:
    """Chinese and English words of a table, by what they mean."""
    return tables[name]["zh"], tables[name]["en"]


def phrases(tables: dict[str, Any], name: str) -> tuple[Phrases, Phrases]:
    """Chinese and English phrases of a list."""
    return tables[name]["zh"], tables[name]["en"]
