"""Answers to pages of other servers that may call the service: headers of CORS."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import Message, Scope, Send

_METHODS = "GET, POST, DELETE"
_NAMES = re.compile(r"[A-Za-z0-9-]{1,60}(?:, ?[A-Za-z0-9-]{1,60}){0,39}")
_TOLD = "Content-Location, Location, Retry-After, X-Zimg-Job, X-Zimg-Parameters, X-Zimg-Seed, " \
        "X-Zimg-Warnings"  # fmt: skip
_SECONDS = 600  # for which a browser need not ask again


def is_preflight(scope: Scope, headers: Headers) -> bool:
    """Whether a browser asks if a page may send a request; it sends no token with that."""
    asks = "access-control-request-method" in headers
    return scope["type"] == "http" and scope["method"] == "OPTIONS" and asks


def preflight_headers(page: str, headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return the headers that let a page send what it asks for.

    Parameters
    ----------
    page : str
        Its origin, one of those that may call.
    headers : Headers
        Of the question.
    """
    names = headers.get("access-control-request-headers", "")
    told = {
        "access-control-allow-methods": _METHODS,
        "access-control-allow-headers": names if _NAMES.fullmatch(names) else "",
        "access-control-max-age": str(_SECONDS),
        "content-length": "0",
    }
    return [*_of(page), *((name.encode(), value.encode()) for name, value in told.items() if value)]


def with_page(send: Send, page: str) -> Send:
    """Return a sender whose answers a page may read; credentials of the browser are not sent."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            shown = (b"access-control-expose-headers", _TOLD.encode())
            message = {**message, "headers": [*message.get("headers", ()), *_of(page), shown]}
        await send(message)

    return sending


def _of(page: str) -> list[tuple[bytes, bytes]]:
    return [(b"access-control-allow-origin", page.encode("ascii")), (b"vary", b"Origin")]
