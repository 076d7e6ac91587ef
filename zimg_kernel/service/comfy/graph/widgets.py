"""Values typed in the nodes of a workflow, by the names of their inputs."""

from __future__ import annotations

from typing import Any

from .node import Node

PRIMITIVE, REROUTE = "PrimitiveNode", "Reroute"
VIRTUAL = {PRIMITIVE, REROUTE, "Note", "MarkdownNote"}
"""Nodes that only the page knows."""
_CONTROLS = ("fixed", "randomize", "increment", "decrement")
_SEEDS = ("seed", "noise_seed")


def widget_values(node: dict[str, Any], known: Node | None) -> dict[str, Any]:
    """Return the values that were typed or chosen in a node, by name.

    Parameters
    ----------
    node : dict
        As in a workflow.
    known : Node, optional
        The node of this class; without one the slots tell the names, as far as they do.
    """
    values = node.get("widgets_values")
    if isinstance(values, dict):
        return {str(name): value for name, value in values.items()}
    slots = [slot for slot in as_list(node.get("inputs")) if is_widget(slot)]
    if known is not None:
        names = [name for name, given in known.inputs.items() if given.is_widget]
    else:
        names = [str(slot["widget"].get("name")) for slot in slots]
    found: dict[str, Any] = {}
    rest = list(as_list(values))
    for name in names:
        if not rest:
            break
        found[name] = rest.pop(0)
        controlled = name in _SEEDS or (
            known is not None and bool(known.inputs[name].options.get("control_after_generate"))
        )
        if controlled and rest and rest[0] in _CONTROLS:
            rest.pop(0)  # what the page does with the seed after each run
    return found


def is_widget(slot: Any) -> bool:
    """Return whether a slot of a node is that of a typed value."""
    return isinstance(slot, dict) and isinstance(slot.get("widget"), dict)


def as_list(value: Any) -> list[Any]:
    """Return a list, or an empty one for anything else."""
    return value if isinstance(value, list) else []
