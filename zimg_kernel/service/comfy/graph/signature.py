"""Signatures of nodes: equal where the same result comes out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from .registry import NodeRegistry


def signatures(
    graph: Mapping[str, Any], outputs: Iterable[str], registry: NodeRegistry
) -> dict[str, str]:
    """Return the signatures of the nodes that outputs need, 64 hex digits by id.

    They cover the class, the inputs, the state of files that these name, and all nodes before;
    not the ids.
    """
    found: dict[str, str] = {}
    for node_id in outputs:
        _sign(node_id, graph, registry, found, set())
    return {node_id: digest for node_id, digest in found.items() if digest}


def _sign(
    node_id: str,
    graph: Mapping[str, Any],
    registry: NodeRegistry,
    found: dict[str, str],
    above: set[str],
) -> str:
    if node_id in found:
        return found[node_id]
    if node_id not in graph or node_id in above:
        return ""
    above.add(node_id)
    node = registry[graph[node_id]["class_type"]]
    parts: list[Any] = [node.name]
    typed = {}
    whole = True
    for name in node.inputs:
        if name not in graph[node_id]["inputs"]:
            continue
        value = graph[node_id]["inputs"][name]
        if isinstance(value, list):
            before = ""
            if len(value) == 2 and isinstance(value[0], str):
                before = _sign(value[0], graph, registry, found, above)
            whole = whole and bool(before)
            parts.append([name, "link", before, value[-1:]])
        else:
            typed[name] = value
            parts.append([name, value])
    above.discard(node_id)
    if whole:
        parts.append(node.state(registry.services, typed))
        text = json.dumps(parts, sort_keys=True, default=str)
        found[node_id] = hashlib.sha256(text.encode()).hexdigest()
    else:
        found[node_id] = ""
    return found[node_id]
