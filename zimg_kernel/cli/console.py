"""Output to consoles that cannot show every character."""

from __future__ import annotations

import codecs
import json
import sys

_HANDLER = "zimg-escape"


def escape_unprintable() -> None:
    """Let stdout and stderr write ``\\\\uXXXX`` for what their encoding does not have.

    A console of GBK has no emoji, and a file name of other bytes is in no encoding. JSON reads
    these escapes as the characters that they stand for.
    """
    codecs.register_error(_HANDLER, _escape)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and getattr(stream, "errors", None) == "strict":
            reconfigure(errors=_HANDLER)


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end
