"""Refusals of graphs in ComfyUI's form: types, messages and details as its clients read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .inputs import Input

_LONG_LIST = 20  # choices; longer lists are only counted


@dataclass(eq=False)
class Refusal(Exception):
    """A prompt that cannot be run.

    Attributes
    ----------
    type, message, details : str
    extra : dict
    node_errors : dict
        By node: its errors, the outputs that they cost, its class.
    """

    type: str
    message: str
    details: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    node_errors: dict[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """Return the answer, ready for JSON."""
        return {
            "error": {
                "type": self.type,
                "message": self.message,
                "details": self.details,
                "extra_info": self.extra,
            },
            "node_errors": self.node_errors,
        }


def problem(kind: str, message: str, details: str, **extra: Any) -> dict[str, Any]:
    """Return one error of a node."""
    return {"type": kind, "message": message, "details": details, "extra_info": extra}


def missing_input(name: str) -> dict[str, Any]:
    """Return the error of an input that has to be given."""
    return problem("required_input_missing", "Required input is missing", name, input_name=name)


def bad_link(name: str, given: Input, value: Any) -> dict[str, Any]:
    """Return the error of a list that is no link."""
    return problem(
        "bad_linked_input",
        "Bad linked input, must be a length-2 list of [node_id, slot_index]",
        name,
        input_name=name,
        input_config=given.config(),
        received_value=value,
    )


def type_mismatch(name: str, given: Input, kind: str, value: Any) -> dict[str, Any]:
    """Return the error of a link whose value has another type."""
    own = given.describe()[0]
    return problem(
        "return_type_mismatch",
        "Return type mismatch between linked nodes",
        f"{name}, received_type({kind}) mismatch input_type({own})",
        input_name=name,
        input_config=given.config(),
        received_type=kind,
        linked_node=value,
    )


def not_convertible(name: str, given: Input, value: Any, error: Exception) -> dict[str, Any]:
    """Return the error of a value of a wrong type."""
    return problem(
        "invalid_input_type",
        f"Failed to convert an input value to a {given.kind} value",
        f"{name}, {_short(value)}, {error}",
        input_name=name,
        input_config=given.config(),
        received_value=value,
        exception_message=str(error),
    )


def out_of_range(name: str, given: Input, value: Any) -> dict[str, Any] | None:
    """Return the error of a number beyond its limits, or None where it is within."""
    low, high = given.options.get("min"), given.options.get("max")
    known = {"input_name": name, "input_config": given.config(), "received_value": value}
    if low is not None and value < low:
        message = f"Value {value} smaller than min of {low}"
        return problem("value_smaller_than_min", message, name, **known)
    if high is not None and value > high:
        message = f"Value {value} bigger than max of {high}"
        return problem("value_bigger_than_max", message, name, **known)
    return None


def not_listed(name: str, given: Input, value: Any, choices: list[str]) -> dict[str, Any]:
    """Return the error of a value that is none of the choices."""
    many = len(choices) > _LONG_LIST
    listed = f"(list of length {len(choices)})" if many else str(choices)
    return problem(
        "value_not_in_list",
        "Value not in list",
        f"{name}: '{_short(value)}' not in {listed}",
        input_name=name,
        input_config=None if many else given.config(),
        received_value=value,
    )


def custom(name: str, reason: str) -> dict[str, Any]:
    """Return the error that a node itself finds in an input."""
    message = "Custom validation failed for node"
    return problem("custom_validation_failed", message, f"{name} - {reason}", input_name=name)


def cycle(path: list[str], classes: list[str]) -> dict[str, Any]:
    """Return the error of a node in a circle of links; ``path`` ends where it begins."""
    shown = " -> ".join(f"{n} ({kind})" for n, kind in zip(path, classes, strict=True))
    nodes = list(dict.fromkeys(path))
    return problem(
        "dependency_cycle", "Dependency cycle detected", shown, node_id=path[0], cycle_nodes=nodes
    )


def exception_in(error: Exception, name: str, given: Input, value: Any) -> dict[str, Any]:
    """Return the error of a linked node that could not be looked at."""
    return problem(
        "exception_during_inner_validation",
        "Exception when validating inner node",
        str(error),
        input_name=name,
        input_config=given.config(),
        exception_message=str(error),
        exception_type=type(error).__name__,
        traceback=[],
        linked_node=value,
    )


def exception_at_output(error: Exception) -> dict[str, Any]:
    """Return the same for the output node itself."""
    return problem(
        "exception_during_validation",
        "Exception when validating node",
        str(error),
        exception_type=type(error).__name__,
        traceback=[],
    )


def _short(value: Any) -> str:
    shown = str(value)
    return shown if len(shown) <= 500 else shown[:497] + "..."
