"""Validation of graphs, with the errors that ComfyUI gives for them."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import problems
from .node import Node
from .problems import Refusal
from .registry import NodeRegistry

MAX_NODES = 2_000
MAX_DEPTH = 250  # nodes in a chain; each takes two frames of Python's stack


@dataclass
class ValidGraph:
    """A graph that can be run.

    Attributes
    ----------
    graph : dict
        Nodes by id, with numbers converted.
    outputs : list of str
        Output nodes to run.
    node_errors : dict
        Of the outputs that are left out.
    """

    graph: dict[str, Any]
    outputs: list[str]
    node_errors: dict[str, Any] = field(default_factory=dict)


def validate(graph: Any, registry: NodeRegistry, wanted: Sequence[str] | None = None) -> ValidGraph:
    """Check a graph in API form.

    Parameters
    ----------
    graph : dict
        It is left as it is.
    registry : NodeRegistry
    wanted : sequence of str, optional
        The only output nodes to run.

    Raises
    ------
    Refusal
        None of its outputs can be made.
    """
    nodes = _shape(graph)
    outputs = []
    for node_id, node in nodes.items():
        found = _class_of(node_id, node, registry)
        if found.is_output and (wanted is None or node_id in wanted):
            outputs.append(node_id)
    if not outputs:
        raise Refusal("prompt_no_outputs", "Prompt has no outputs")
    return _Validation(nodes, registry).run(outputs)


def _shape(graph: Any) -> dict[str, Any]:
    """Return a copy of what is a graph; anything else is refused."""
    if not isinstance(graph, dict) or not all(isinstance(node, dict) for node in graph.values()):
        raise Refusal(
            "invalid_prompt",
            "The prompt is no graph in API form: nodes by id, each with class_type and inputs.",
        )
    if len(graph) > MAX_NODES:
        raise Refusal("invalid_prompt", f"The graph has {len(graph)} nodes: at most {MAX_NODES}.")
    for node_id, node in graph.items():
        if not isinstance(node.get("inputs", {}), dict):
            raise Refusal("invalid_prompt", f"The inputs of node {node_id} are no JSON object.")
    nodes = copy.deepcopy(graph)
    for node in nodes.values():
        node.setdefault("inputs", {})
    return nodes


def _class_of(node_id: str, node: Mapping[str, Any], registry: NodeRegistry) -> Node:
    meta = node.get("_meta")
    titled = meta.get("title") if isinstance(meta, dict) else None
    kind = node.get("class_type")
    found = registry.get(kind)
    if found is not None:
        return found
    if "class_type" not in node:
        title = titled or f"ID #{node_id}"
        message = (
            f"Node '{title}' has no class_type. The workflow may be corrupted or a custom node "
            "is missing."
        )
    else:
        title = titled or kind
        message = f"Node '{title}' not found. The custom node may not be installed."
    known = {"node_id": node_id, "class_type": kind, "node_title": title}
    raise Refusal("missing_node_type", message, f"Node ID '#{node_id}'", known)


class _Validation:
    """One validation: every node is looked at once."""

    def __init__(self, nodes: dict[str, Any], registry: NodeRegistry) -> None:
        self.nodes = nodes
        self.registry = registry
        self.seen: dict[str, tuple[bool, list[dict[str, Any]]]] = {}
        self.path: list[str] = []

    def run(self, outputs: list[str]) -> ValidGraph:
        good: list[str] = []
        node_errors: dict[str, Any] = {}
        details: list[str] = []
        for output in outputs:
            try:
                valid, reasons = self.check(output)
            except (KeyError, IndexError, TypeError) as error:
                self.path.clear()
                valid, reasons = False, [problems.exception_at_output(error)]
                self.seen[output] = (valid, reasons)
            if valid:
                good.append(output)
                continue
            details += [f"{reason['message']}: {reason['details']}" for reason in reasons]
            for node_id, (fine, errors) in self.seen.items():
                if fine or not errors:
                    continue
                entry = {
                    "errors": errors,
                    "dependent_outputs": [],
                    "class_type": self.nodes[node_id]["class_type"],
                }
                node_errors.setdefault(node_id, entry)["dependent_outputs"].append(output)
        if not good:
            raise Refusal(
                "prompt_outputs_failed_validation",
                "Prompt outputs failed validation",
                "\n".join(details),
                node_errors=node_errors,
            )
        return ValidGraph(self.nodes, good, node_errors)

    def check(self, node_id: str) -> tuple[bool, list[dict[str, Any]]]:
        """Return whether a node and all before it are right, and its own errors."""
        if node_id in self.path:
            return self._circle(self.path[self.path.index(node_id) :])
        if node_id in self.seen:
            return self.seen[node_id]
        if len(self.path) > MAX_DEPTH:
            raise Refusal(
                "invalid_prompt", f"More than {MAX_DEPTH} nodes stand in a row: shorten the graph."
            )
        self.path.append(node_id)
        try:
            valid, errors = self._inputs(node_id)
        finally:
            if self.path and self.path[-1] == node_id:
                self.path.pop()
        known = self.seen.get(node_id)
        if known is not None and not known[0]:  # found in a circle meanwhile
            return known
        self.seen[node_id] = (valid and not errors, errors)
        return self.seen[node_id]

    def _circle(self, nodes: list[str]) -> tuple[bool, list[dict[str, Any]]]:
        for at, node_id in enumerate(nodes):
            path = [*nodes[at:], *nodes[:at], node_id]
            classes = [self.nodes[each]["class_type"] for each in path]
            self.seen[node_id] = (False, [problems.cycle(path, classes)])
        return self.seen[nodes[0]]

    def _inputs(self, node_id: str) -> tuple[bool, list[dict[str, Any]]]:
        node = self.registry[self.nodes[node_id]["class_type"]]
        given = self.nodes[node_id]["inputs"]
        errors: list[dict[str, Any]] = []
        valid = True
        for name, declared in node.inputs.items():
            if name not in given:
                if declared.required:
                    errors.append(problems.missing_input(name))
                continue
            value = given[name]
            if not isinstance(value, list):
                error = self._value(name, declared, given)
                errors += [error] if error else []
                continue
            if len(value) != 2:
                errors.append(problems.bad_link(name, declared, value))
                continue
            # As in ComfyUI, what cannot be looked up is told where this node itself is asked for.
            origin = value[0]
            kinds = tuple(self.registry[self.nodes[origin]["class_type"]].outputs.values())
            kind = kinds[value[1]]
            if not declared.accepts(kind):
                errors.append(problems.type_mismatch(name, declared, kind, value))
                continue
            try:
                fine, _ = self.check(origin)
            except (KeyError, IndexError, TypeError) as error:
                reason = problems.exception_in(error, name, declared, value)
                self.seen[origin] = (False, [reason])
                fine = False
            valid = valid and fine
        typed = {name: v for name, v in given.items() if not isinstance(v, list)}
        if valid and not errors:
            own = node.validate(self.registry.services, typed)
            errors += [problems.custom(name, reason) for name, reason in own.items()]
        return valid, errors

    def _value(self, name: str, declared: Any, given: dict[str, Any]) -> dict[str, Any] | None:
        """Convert a typed value in its place; return what is wrong with it."""
        value = given[name]
        if isinstance(value, dict) and "__value__" in value:
            value = value["__value__"]
        if not declared.is_widget:
            return problems.bad_link(name, declared, value)
        try:
            given[name] = value = declared.convert(value)
        except (ValueError, TypeError, OverflowError) as error:
            return problems.not_convertible(name, declared, value, error)
        if declared.kind in ("INT", "FLOAT"):
            return problems.out_of_range(name, declared, value)
        if declared.choices is not None and declared.listed:
            choices = declared.values()
            if value not in choices:
                return problems.not_listed(name, declared, value, choices)
        return None
