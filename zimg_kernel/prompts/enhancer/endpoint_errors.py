"""Errors of an endpoint as sentences: its own words shortened, without the key."""

from __future__ import annotations

import json
import re
from typing import Any

from zimg_kernel.errors import ZimgError

from .endpoint import Endpoint, shown
from .unknown_fields import sentences

FILTERED = "content_filter"  # the reason to finish with which an answer is withheld
_SHORT = 200  # characters of a server's own words in a message


def error_message(response: Any, endpoint: Endpoint) -> tuple[str, Any]:
    """Return a server's own message of an error, without the key, and all that it says."""
    try:
        raw = response.raw.read(20_000, decode_content=True).decode("utf-8", "replace")
    except Exception:  # the status alone must do
        return "", None
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return "", None  # a page of HTML
    return short(message_of(found), endpoint), found


def message_of(event: Any) -> str:
    """Return the first sentence in an error as servers write them, or nothing."""
    return next(filter(None, sentences(event)), "")


def short(message: str, endpoint: Endpoint) -> str:
    """Return a server's words on one line, cut, and with an ellipsis for keys."""
    text = " ".join(message.split())
    if endpoint.key:
        text = text.replace(endpoint.key, "…")
    # Servers repeat a part of a wrong key.
    text = re.sub(r"\b(?:sk|key|api)-[\w*.-]+", "…", text)
    return text[:_SHORT].rstrip(". ")


def refusal(response: Any, detail: str, endpoint: Endpoint) -> ZimgError:
    """Return what to raise for an answer whose status is not 200."""
    where, code = shown(endpoint.url), response.status_code
    detail = f" ({detail})" if detail else ""
    if code in (401, 403):
        missing = "wants a key" if not endpoint.key else "refuses the key"
        return ZimgError(
            f"{where} {missing}: set ZIMG_ENHANCER_KEY to a valid one.", code="endpoint-key-refused"
        )
    if code == 404:
        return ZimgError(
            f"{where} has no model {endpoint.model!r}, or no chat endpoint{detail}: check "
            "ZIMG_ENHANCER_MODEL and ZIMG_ENHANCER_URL.",
            code="endpoint-model-missing",
        )
    if code == 429:
        wait = response.headers.get("Retry-After", "")
        after = f" in {wait} s" if wait.isdigit() else " later"
        return ZimgError(
            f"{where} has had too many requests{detail}: try again{after}.", code="endpoint-busy"
        )
    if code >= 500:
        return ZimgError(
            f"{where} has a fault of its own (HTTP {code}){detail}: try again, or look at its log.",
            code="endpoint-failed",
        )
    if 300 <= code < 400:
        return ZimgError(
            f"{where} has moved: set ZIMG_ENHANCER_URL to where it is now.", code="endpoint-moved"
        )
    return ZimgError(f"{where} refuses the request (HTTP {code}){detail}.", code="endpoint-refused")


def declined(where: str, said: str, endpoint: Endpoint) -> ZimgError:
    """Return what to raise for an answer that a model or a filter of contents withholds."""
    words = short(said, endpoint)
    why = f"the model declined: {words}" if words else "a filter of contents withheld its answer"
    return ZimgError(
        f"{where} wrote no prompt ({why}): word the prompt otherwise, or take another model.",
        code="endpoint-declined",
    )


def broken(where: str) -> ZimgError:
    """Return what to raise for an answer that ends before its end."""
    return ZimgError(
        f"{where} broke off in the middle of its answer: try again.", code="endpoint-broke-off"
    )
