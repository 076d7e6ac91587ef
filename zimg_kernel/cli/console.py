"""Sentences on the console, also on one that cannot show every character."""

from __future__ import annotations

import codecs
import json
import sys
import warnings
from collections.abc import Iterable
from typing import Any

import click

from zimg_kernel.errors import ZimgWarning, plain

JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

_HANDLER = "zimg-escape"
_plain_warning = warnings.showwarning


def echo(text: object, *, err: bool = False, nl: bool = True) -> None:
    """Print; in a terminal without what would steer it, to a file or a pipe as it is.

    Prompts, titles and names of files come from others.
    """
    stream = sys.stderr if err else sys.stdout
    shown = str(text)
    click.echo(plain(shown) if stream.isatty() else shown, err=err, nl=nl)


def say(sentences: Iterable[str]) -> None:
    """Print sentences on stderr, where they are not taken for the result."""
    for sentence in sentences:
        echo(f"zimg: {sentence}", err=True)


def say_warnings() -> None:
    """Have the package's warnings printed as sentences, without a line of code."""
    warnings.showwarning = _show_warning


def _show_warning(message: Any, category: Any, *where: Any, **more: Any) -> None:
    if issubclass(category, ZimgWarning):
        say([str(message)])
    else:
        _plain_warning(message, category, *where, **more)


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
