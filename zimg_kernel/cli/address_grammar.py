"""Import of papermill without the grammar of addresses that it never uses."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

_GRAMMAR = "rfc3987_syntax"


@contextlib.contextmanager
def without_address_grammar() -> Iterator[None]:
    """Keep jsonschema from building a grammar of addresses, which papermill never uses.

    Importing papermill imports nbformat, that jsonschema, and that every optional checker of
    formats it finds; the one for internationalised addresses (``rfc3987_syntax``, a part of
    JupyterLab's installation) builds a parser for one to three seconds. Within this context it
    counts as not installed, which jsonschema provides for. For a process that only runs a
    notebook: whatever imports jsonschema first decides for the whole process.
    """
    if _GRAMMAR in sys.modules or "jsonschema" in sys.modules:
        yield
        return
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.modules.pop(_GRAMMAR, None)
