"""Caller of the service: who has sent a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SCOPE_KEY = "zimg.caller"


@dataclass(frozen=True)
class Caller:
    """Who has sent a request.

    Attributes
    ----------
    name : str
        Of the token; ``local`` where the service has none.
    token_id : str
        Stable id of the token, for what is counted; empty without one.
    address : str
        Of the client.
    admin : bool
        Whether it may see what everybody has used.
    """

    name: str = "local"
    token_id: str = ""
    address: str = ""
    admin: bool = False


def caller(connection: Any) -> Caller:
    """Return the caller of a request or WebSocket, whom the guard has let in."""
    found = connection.scope.get(SCOPE_KEY)
    assert isinstance(found, Caller), "the guard stands before all routes"
    return found
