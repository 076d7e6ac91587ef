"""Endpoint that rewrites prompts: address, model and key."""

from __future__ import annotations

import ipaddress
import re
import warnings
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from zimg_kernel import settings
from zimg_kernel.errors import BadInput, ZimgWarning

_SHORT = 200  # characters of an address in a message


@dataclass(frozen=True)
class Endpoint:
    """Endpoint with OpenAI's chat protocol.

    Attributes
    ----------
    url : str
        Base address such as ``http://localhost:11434/v1``, with or without
        ``/chat/completions``.
    model : str
        The model's name there.
    key : str
        A secret that is sent as a bearer token; never shown.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        parts = _split(self.url)
        if parts is None:
            raise BadInput(
                f"{shown(self.url)} is no address of an endpoint: it looks like "
                "http://localhost:11434/v1.",
                code="invalid-address",
                field="endpoint",
            )
        if parts.username or parts.password:
            raise BadInput(
                "The endpoint's address holds a password: put it into ZIMG_ENHANCER_KEY instead.",
                code="password-in-address",
                field="endpoint",
            )
        if not self.model:
            raise BadInput(
                f"Say which model of {shown(self.url)} shall write: set ZIMG_ENHANCER_MODEL.",
                code="endpoint-model-missing",
                field="ZIMG_ENHANCER_MODEL",
            )
        if not self.key.isascii() or not self.key.isprintable():
            raise BadInput(
                "ZIMG_ENHANCER_KEY holds characters that no key has: copy it anew.",
                code="invalid-key",
                field="ZIMG_ENHANCER_KEY",
            )
        if self.key and parts.scheme == "http" and not _is_near(parts.hostname):
            warnings.warn(
                ZimgWarning(
                    f"The key is sent to {shown(self.url)} without encryption, where everybody on "
                    "the way can read it: use https://.",
                    code="key-not-encrypted",
                    field="ZIMG_ENHANCER_KEY",
                ),
                stacklevel=3,
            )

    @property
    def address(self) -> str:
        """URL of the requests."""
        base = self.url.rstrip("/")
        if base.endswith("/chat/completions"):
            return base
        bare = urlsplit(base).path in ("", "/")
        return f"{base}/v1/chat/completions" if bare else f"{base}/chat/completions"


def find_endpoint(given: str | Endpoint | None) -> Endpoint | None:
    """Return the endpoint to ask: the one given, else that of the settings, else None.

    An empty text means none, whatever the settings say. The key of the settings goes to the
    host of the settings only, or to one that is given where they name none.
    """
    if isinstance(given, Endpoint):
        return given
    if given is not None and not isinstance(given, str):
        raise BadInput(
            f"An endpoint is an address, not {type(given).__name__}.",
            code="wrong-type",
            field="endpoint",
        )
    usual = settings.settings().enhancer_url
    url = usual if given is None else given.strip()
    if not url:
        return None
    there, here = _split(url), _split(usual) if usual else None
    same = here is None or (there is not None and there[:2] == here[:2])
    key = settings.settings().enhancer_key if same else None
    return Endpoint(url, settings.settings().enhancer_model or "", key or "")


def shown(url: str) -> str:
    """Return an address to show: without user, password and query, which may be secret."""
    parts = _split(url)
    if parts is None:
        return repr(re.sub(r"//[^/]*@", "//", url)[:_SHORT])
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _is_near(host: str) -> bool:
    """Return whether a host is this machine, or one of a private network by its address or name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith((".local", ".lan"))
    return address.is_loopback or address.is_private or address.is_link_local


def _split(url: str) -> Any:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError:
        return None
    return parts if good else None
