"""Progress of a prompt's nodes, as the message ``progress_state`` tells it."""

from __future__ import annotations

from typing import Any


class Progress:
    """States of the nodes that have begun, in their order."""

    def __init__(self, prompt_id: str) -> None:
        self.prompt_id = prompt_id
        self._nodes: dict[str, dict[str, Any]] = {}

    def begin(self, node_id: str) -> dict[str, Any]:
        """Note that a node runs; return the message."""
        return self._set(node_id, 0.0, 1.0, "running")

    def update(self, node_id: str, value: float, most: float) -> dict[str, Any]:
        """Note how far a node is; return the message."""
        return self._set(node_id, value, most, "running")

    def finish(self, node_id: str) -> dict[str, Any]:
        """Note that a node has ended; return the message."""
        most = self._nodes.get(node_id, {}).get("max", 1.0)
        return self._set(node_id, most, most, "finished")

    def fail(self, node_id: str) -> dict[str, Any]:
        """Note that a node has failed; return the message."""
        known = self._nodes.get(node_id, {"value": 0.0, "max": 1.0})
        return self._set(node_id, known["value"], known["max"], "error")

    def _set(self, node_id: str, value: float, most: float, state: str) -> dict[str, Any]:
        self._nodes[node_id] = {
            "value": value,
            "max": most,
            "state": state,
            "node_id": node_id,
            "prompt_id": self.prompt_id,
            "display_node_id": node_id,
            "parent_node_id": None,
            "real_node_id": node_id,
        }
        nodes = {name: dict(node) for name, node in self._nodes.items()}
        return {"prompt_id": self.prompt_id, "nodes": nodes}
