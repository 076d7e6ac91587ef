"""Nodes of texts and numbers: prompts, and values that other nodes take."""

from __future__ import annotations

from typing import Any

from ..graph.inputs import Input, decimal, integer, link, switch, text
from ..graph.node import Call, Node
from .values import Conditioning

_LARGEST = 2**63 - 1


class CLIPTextEncode(Node):
    """Takes a text as what to draw, or what to keep out."""

    name = "CLIPTextEncode"
    title = "CLIP Text Encode (Prompt)"
    category = "conditioning"
    inputs = {
        "text": Input("STRING", options={"multiline": True, "dynamicPrompts": True}),
        "clip": link("CLIP"),
    }
    outputs = {"CONDITIONING": "CONDITIONING"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return the text; the model reads it when it draws."""
        return (Conditioning(inputs["text"]),)


class ConditioningZeroOut(Node):
    """Takes a text away, as distilled models want it for the negative side."""

    name = "ConditioningZeroOut"
    category = "advanced/conditioning"
    inputs = {"conditioning": link("CONDITIONING")}
    outputs = {"CONDITIONING": "CONDITIONING"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return no text."""
        return (Conditioning("", zeroed=True),)


class _Value(Node):
    """Base of the nodes that hand on what is typed in them."""

    category = "utils/primitive"

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return the value."""
        return (inputs["value"],)


class PrimitiveInt(_Value):
    """A whole number."""

    name = "PrimitiveInt"
    title = "Int"
    inputs = {"value": integer(0, -_LARGEST, _LARGEST, control_after_generate=True)}
    outputs = {"INT": "INT"}


class PrimitiveFloat(_Value):
    """A number."""

    name = "PrimitiveFloat"
    title = "Float"
    inputs = {"value": decimal(0.0, -1e18, 1e18, 0.1)}
    outputs = {"FLOAT": "FLOAT"}


class PrimitiveString(_Value):
    """A text of one line."""

    name = "PrimitiveString"
    title = "String"
    inputs = {"value": text()}
    outputs = {"STRING": "STRING"}


class PrimitiveStringMultiline(_Value):
    """A text of several lines."""

    name = "PrimitiveStringMultiline"
    title = "String (Multiline)"
    inputs = {"value": text(multiline=True)}
    outputs = {"STRING": "STRING"}


class PrimitiveBoolean(_Value):
    """On or off."""

    name = "PrimitiveBoolean"
    title = "Boolean"
    inputs = {"value": switch()}
    outputs = {"BOOLEAN": "BOOLEAN"}


class StringConcatenate(Node):
    """Puts two texts together."""

    name = "StringConcatenate"
    title = "Concatenate"
    category = "utils/string"
    inputs = {
        "string_a": text(multiline=True),
        "string_b": text(multiline=True),
        "delimiter": text(),
    }
    outputs = {"STRING": "STRING"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return both with the delimiter between them."""
        return (inputs["string_a"] + inputs["delimiter"] + inputs["string_b"],)


NODES = (
    CLIPTextEncode,
    ConditioningZeroOut,
    PrimitiveInt,
    PrimitiveFloat,
    PrimitiveString,
    PrimitiveStringMultiline,
    PrimitiveBoolean,
    StringConcatenate,
)
