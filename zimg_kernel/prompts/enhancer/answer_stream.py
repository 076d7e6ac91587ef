"""Reading of an endpoint's answer: limited in bytes and time, cancelled between any two pieces."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

MAX_BYTES = 1_000_000
"""Longest answer; a rewritten prompt with its thoughts has some ten thousand bytes."""
MAX_SECONDS = 600.0
"""Longest time from the first byte to the last."""
_PIECE = 65_536


class TooLongError(Exception):
    """The answer exceeds a limit."""


def pieces(response: Any, stop: Callable[[], bool]) -> Iterator[bytes]:
    """Yield an answer's bytes as they come; ends early where ``stop`` says so.

    Parameters
    ----------
    response : requests.Response
        Of a request with ``stream=True``.
    stop : callable
        Asked before each piece is handed on.

    Raises
    ------
    TooLongError
        The answer exceeds :data:`MAX_BYTES` or :data:`MAX_SECONDS`.
    requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError
        The server breaks off, or falls silent.
    """
    import requests
    from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

    size, end = 0, time.monotonic() + MAX_SECONDS
    while True:
        try:
            # iter_lines would cost the square of a line's length, and iter_content wait for
            # whole pieces.
            piece: bytes = response.raw.read1(_PIECE, decode_content=True)
        except ReadTimeoutError as error:
            raise requests.exceptions.ConnectionError(f"Read timed out ({error})") from error
        except ProtocolError as error:
            raise requests.exceptions.ChunkedEncodingError(error) from error
        except (HTTPError, OSError, AttributeError) as error:  # closed while it waited
            raise requests.exceptions.ConnectionError(error) from error
        if not piece or stop():
            return
        size += len(piece)
        if size > MAX_BYTES or time.monotonic() > end:
            raise TooLongError
        yield piece


def lines(response: Any, stop: Callable[[], bool]) -> Iterator[bytes]:
    """Yield an answer's lines without their ends; see :func:`pieces`."""
    rest: list[bytes] = []
    for piece in pieces(response, stop):
        first, *more = piece.replace(b"\r\n", b"\n").split(b"\n")
        rest.append(first)
        for line in more:
            yield b"".join(rest).rstrip(b"\r")
            rest = [line]
    if rest:
        yield b"".join(rest)
