"""Hosts and origins that requests name, parsed and compared with what is allowed."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_HOST = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::([0-9]{1,5}))?")


def parse_host(value: str) -> tuple[str, int | None] | None:
    """Return name and port of a Host header; None if it is none."""
    found = _HOST.fullmatch(value)
    if found is None:
        return None
    port = int(found[2]) if found[2] else None
    if port is not None and port > 65535:
        return None
    return found[1].strip("[]").rstrip(".").lower(), port


def parse_origin(value: str) -> tuple[str, str, int] | None:
    """Return scheme, name and port of an Origin header; None for ``null`` and other things."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or parts.path or parts.query or parts.fragment:
        return None
    host = parse_host(parts.netloc)
    if host is None:
        return None
    return parts.scheme, host[0], port or (443 if parts.scheme == "https" else 80)


def is_own_host(name: str, server: str | None, names: tuple[str, ...]) -> bool:
    """Whether a service may be asked for under this name.

    A page of somebody else may let its own name lead to this machine (DNS rebinding); it cannot
    do so with an address, nor with a name that it does not own.

    Parameters
    ----------
    name : str
        From :func:`parse_host`.
    server : str or None
        Address at which the connection arrived.
    names : tuple of str
        Names that the service was told.
    """
    if name == "localhost" or name in {known.lower() for known in names}:
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    if address.is_loopback:
        return True
    try:
        return server is not None and address == ipaddress.ip_address(server)
    except ValueError:
        return False
