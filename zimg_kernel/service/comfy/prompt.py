"""Prompt: a graph that a client has posted, and what has become of it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

SECRETS = ("api_key_comfy_org", "auth_token_comfy_org")
"""Keys of ``extra_data`` that are never kept."""
PENDING, RUNNING = "pending", "running"
OPEN = (PENDING, RUNNING)


def milliseconds() -> int:
    """Return the time since 1970, ms."""
    return time.time_ns() // 1_000_000


@dataclass
class Prompt:
    """One prompt.

    Attributes
    ----------
    id : str
        A UUID, the client's own where it gave one.
    number : float
        Place in the queue: lower ones first.
    graph : dict
        Valid nodes, with numbers converted.
    extra : dict
        ``extra_data`` without secrets, with ``client_id`` and ``create_time``.
    outputs : list of str
        Output nodes to run.
    token : str
        Id of the caller's token; empty without one.
    caller : str
        The caller's name.
    state : {"pending", "running", "success", "error", "interrupted"}
    created, started, ended : int or None
        Times, ms since 1970.
    shown, meta : dict
        What output nodes show, and of which nodes it is.
    messages : list
        The story of its execution: pairs of event and data.
    error : dict or None
        The message ``execution_error``.
    notes : list of str
        What the user should know.
    metadata : dict
        A client's own words, of API v2.
    key : str
        A client's own id of the request, of API v2.
    """

    id: str
    number: float
    graph: dict[str, Any]
    extra: dict[str, Any]
    outputs: list[str]
    token: str = ""
    caller: str = "local"
    state: str = PENDING
    created: int = field(default_factory=milliseconds)
    started: int | None = None
    ended: int | None = None
    shown: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    messages: list[Any] = field(default_factory=list)
    error: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    key: str = ""

    @property
    def client(self) -> str:
        """Id of the client whose socket hears of it; may be empty."""
        found = self.extra.get("client_id")
        return found if isinstance(found, str) else ""

    @property
    def open(self) -> bool:
        """True as long as it waits or runs."""
        return self.state in OPEN

    def item(self) -> list[Any]:
        """Return the prompt as queue and history have it."""
        number = int(self.number) if float(self.number).is_integer() else self.number
        return [number, self.id, self.graph, self.extra, self.outputs]

    def history(self) -> dict[str, Any]:
        """Return the entry of the history."""
        done = self.state == "success"
        entry = {
            "prompt": self.item(),
            "outputs": self.shown,
            "status": {
                "status_str": "success" if done else "error",
                "completed": done,
                "messages": self.messages,
            },
            "meta": self.meta,
        }
        return entry | ({"notes": self.notes} if self.notes else {})

    def to_json(self) -> str:
        """Return the JSON text from which :meth:`from_json` makes an equal value."""
        return json.dumps(self.__dict__)

    @classmethod
    def from_json(cls, text: str) -> Prompt:
        """Read what :meth:`to_json` wrote."""
        return cls(**json.loads(text))


def without_secrets(extra: Any) -> dict[str, Any]:
    """Return ``extra_data`` without keys and tokens."""
    given = extra if isinstance(extra, dict) else {}
    return {name: value for name, value in given.items() if name not in SECRETS}
