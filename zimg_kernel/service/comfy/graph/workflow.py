"""Workflows as ComfyUI's page saves them, turned into graphs in API form."""

from __future__ import annotations

from typing import Any

from .node import Node
from .problems import Refusal
from .registry import NodeRegistry
from .validation import MAX_NODES
from .widgets import PRIMITIVE, REROUTE, VIRTUAL, as_list, is_widget, widget_values

_DEEPEST = 8  # subgraphs in one another
_LONGEST = 200  # reroutes, bypassed nodes and rims of subgraphs on one link
_MUTED, _BYPASSED = 2, 4  # modes of a node
_INSIDE, _OUTSIDE = -10, -20  # ids of a subgraph's own inputs and outputs


def is_workflow(value: Any) -> bool:
    """Return whether a value is a workflow of the page and no graph in API form."""
    return isinstance(value, dict) and isinstance(value.get("nodes"), list)


def graph_of_workflow(workflow: dict[str, Any], registry: NodeRegistry) -> dict[str, Any]:
    """Return the graph in API form that a workflow stands for.

    Muted nodes are left out, bypassed ones, reroutes and primitives hand on what they get,
    notes are passed over, and subgraphs are unfolded: their nodes have ids such as ``57:3``.

    Parameters
    ----------
    workflow : dict
        With ``nodes`` and ``links``, and subgraphs in ``definitions``.
    registry : NodeRegistry
        Says which values stand in which order in a node.

    Raises
    ------
    Refusal
        It is too large, or its subgraphs lie in one another too deeply.
    """
    definitions = workflow.get("definitions")
    listed = definitions.get("subgraphs") if isinstance(definitions, dict) else None
    subgraphs = {
        item["id"]: item
        for item in as_list(listed)
        if isinstance(item, dict) and isinstance(item.get("id"), str)
    }
    graph: dict[str, Any] = {}
    _Part(workflow, "", None, subgraphs, registry).add_to(graph)
    return graph


class _Part:
    """The workflow itself, or a subgraph at one of its places."""

    def __init__(
        self,
        part: dict[str, Any],
        prefix: str,
        place: tuple[_Part, dict[str, Any]] | None,
        subgraphs: dict[str, Any],
        registry: NodeRegistry,
        depth: int = 0,
    ) -> None:
        if depth > _DEEPEST:
            raise Refusal("invalid_prompt", f"More than {_DEEPEST} subgraphs lie in one another.")
        self.part, self.prefix, self.place = part, prefix, place
        self.subgraphs, self.registry, self.depth = subgraphs, registry, depth
        nodes = [node for node in as_list(part.get("nodes")) if isinstance(node, dict)]
        self.nodes = {node.get("id"): node for node in nodes if _is_id(node.get("id"))}
        self.links = _links(part)
        self._inner: dict[Any, _Part] = {}

    def add_to(self, graph: dict[str, Any]) -> None:
        """Add the nodes to a graph."""
        for node_id, node in self.nodes.items():
            if node.get("mode") in (_MUTED, _BYPASSED) or node.get("type") in VIRTUAL:
                continue
            inner = self.inner(node)
            if inner is not None:
                inner.add_to(graph)
                continue
            if len(graph) >= MAX_NODES:
                raise Refusal("invalid_prompt", f"The workflow has more than {MAX_NODES} nodes.")
            kind = node.get("type")
            known = self.registry.get(kind)
            graph[f"{self.prefix}{node_id}"] = {
                "inputs": self._inputs(node, known),
                "class_type": kind,
                "_meta": {"title": _title(node, known)},
            }

    def inner(self, node: dict[str, Any]) -> _Part | None:
        """Return the subgraph at a node, or None if it is a node like others."""
        kind, node_id = node.get("type"), node.get("id")
        if not isinstance(kind, str) or kind not in self.subgraphs:
            return None
        if node_id not in self._inner:
            self._inner[node_id] = _Part(
                self.subgraphs[kind], f"{self.prefix}{node_id}:", (self, node),
                self.subgraphs, self.registry, self.depth + 1,
            )  # fmt: skip
        return self._inner[node_id]

    def _inputs(self, node: dict[str, Any], known: Node | None) -> dict[str, Any]:
        found = widget_values(node, known)
        for slot in _slots(node):
            source = self.source(slot.get("link"), 0)
            if source is not None:
                found[str(slot.get("name"))] = source[0]
        return found

    def source(self, link: Any, steps: int) -> tuple[Any] | None:
        """Return what a link carries, a link in API form or a value, or None for nothing."""
        if steps > _LONGEST or not _is_id(link) or link not in self.links:
            return None
        origin, slot = self.links[link][:2]
        if origin == _INSIDE:
            return self._from_outside(slot, steps)
        node = self.nodes.get(origin)
        if node is None or node.get("mode") == _MUTED:
            return None
        kind = node.get("type")
        if node.get("mode") == _BYPASSED:
            return self._through(node, slot, steps)
        if kind == REROUTE:
            slots = _slots(node)
            return self.source(slots[0].get("link"), steps + 1) if slots else None
        if kind == PRIMITIVE:
            values = as_list(node.get("widgets_values"))
            return (values[0],) if values else None
        inner = self.inner(node)
        if inner is not None:
            for number, (_, _, target, target_slot) in inner.links.items():
                if target == _OUTSIDE and target_slot == slot:
                    return inner.source(number, steps + 1)
            return None
        return None if kind in VIRTUAL else ([f"{self.prefix}{origin}", slot],)

    def _through(self, node: dict[str, Any], slot: int, steps: int) -> tuple[Any] | None:
        """Return what a bypassed node hands on: the input of its output's type."""
        outputs = as_list(node.get("outputs"))
        given = outputs[slot] if 0 <= slot < len(outputs) else None
        kind = given.get("type") if isinstance(given, dict) else None
        slots = _slots(node)
        same = slots[slot : slot + 1] + slots
        for each in same:
            if each.get("type") == kind:
                return self.source(each.get("link"), steps + 1)
        return None

    def _from_outside(self, slot: int, steps: int) -> tuple[Any] | None:
        """Return what comes into a subgraph: by a link, or typed at its node."""
        if self.place is None:
            return None
        outer, node = self.place
        declared = as_list(self.part.get("inputs"))
        one = declared[slot] if 0 <= slot < len(declared) else None
        name = one.get("name") if isinstance(one, dict) else None
        slots = _slots(node)
        typed = [each for each in slots if is_widget(each)]
        for number, each in enumerate(slots):
            if each.get("name") == name if name is not None else number == slot:
                source = outer.source(each.get("link"), steps + 1)
                if source is not None or not is_widget(each):
                    return source
                values = as_list(node.get("widgets_values"))
                at = next(place for place, other in enumerate(typed) if other is each)
                return (values[at],) if len(values) == len(typed) else None
        return None


def _title(node: dict[str, Any], known: Node | None) -> str:
    title = node.get("title")
    if isinstance(title, str) and title:
        return title
    return (known.title or known.name) if known else str(node.get("type"))


def _slots(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [slot for slot in as_list(node.get("inputs")) if isinstance(slot, dict)]


def _links(part: dict[str, Any]) -> dict[Any, tuple[Any, int, Any, Any]]:
    """Return origin, its output, target and its input of each link by the link's id."""
    found: dict[Any, tuple[Any, int, Any, Any]] = {}
    keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
    for link in as_list(part.get("links")):
        if isinstance(link, dict):
            values = [link.get(key) for key in keys]
        elif isinstance(link, list) and len(link) >= 5:
            values = link[:5]
        else:
            continue
        number, origin, slot, target, target_slot = values
        if _is_id(number) and _is_id(origin) and isinstance(slot, int):
            found[number] = (origin, slot, target, target_slot)
    return found


def _is_id(value: Any) -> bool:
    return isinstance(value, int | str)
