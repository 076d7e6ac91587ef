"""Graphs of ComfyUI in their API form: nodes, links, and the values behind links."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .numbers import number

_DEPTH = 120  # nodes that a value may pass through
_MAX_TEXT = 50_000  # characters
_VALUE_NAMES = ("value", "int", "integer", "number", "float", "seed", "noise_seed")
_TEXT_NAMES = (
    "text", "prompt", "string", "value", "populated_text", "wildcard_text", "user_prompt", "t5xxl",
    "text_g", "clip_g", "text_l", "clip_l", "text_positive", "caption", "content", "output_text",
)  # fmt: skip
_PARTS = re.compile(r"(?:text|string|prompt|str|input)_?(?:[a-h]|\d{1,2})")
_WRITER = re.compile(r"llm|vl(?!e)|ollama|gpt|gemini|claude|openai|chat|caption|florence|enhanc")
_BRANCHES = (("on_true", "on_false"), ("tt_value", "ff_value"))
_CONDITIONS = ("switch", "boolean", "cond", "condition", "bool")
_PLACES = ("select", "Input", "index")
_SWITCHED = (
    "input", "text", "value", "any", "string", "model", "conditioning", "latent", "image", "clip",
)  # fmt: skip
_HANDED_ON = ("any", "anything", "source", "input", "*", "")
_NO_TEXT = {"clip", "model", "vae", "image", "images", "mask", "samples", "latent", "control_net"}


@dataclass(frozen=True)
class Node:
    """One node: its id, its class in lower case, and its inputs by name."""

    id: str
    kind: str
    inputs: dict[str, Any]


class Graph:
    """The nodes of a graph; every walk visits each of them once, whatever loops there are."""

    def __init__(self, nodes: dict[str, Node]) -> None:
        self.nodes = nodes

    @classmethod
    def of(cls, value: Any) -> Graph | None:
        """Return the graph that a JSON value is, or None if it is none."""
        if not isinstance(value, dict):
            return None
        nodes = {
            str(name): Node(str(name), str(node.get("class_type", "")).lower(), node["inputs"])
            for name, node in value.items()
            if isinstance(node, dict) and isinstance(node.get("inputs"), dict)
        }
        return cls(nodes) if nodes else None

    def target(self, value: Any) -> Node | None:
        """Return the node that a link ([id, output]) comes from, or None if it is no link."""
        if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], str | int):
            return None
        return self.nodes.get(str(value[0]))

    def walk(self, start: list[Any], follow: Callable[[Node, str], bool]) -> Iterator[Node]:
        """Yield the nodes behind links, nearest first.

        Parameters
        ----------
        start : list of links
        follow : function
            Called with a node and the name of one of its inputs: whether to go on there. Behind
            a switch only what it has chosen is visited.
        """
        queue, seen = deque(start), set()
        while queue:
            node = self.target(queue.popleft())
            if node is None or node.id in seen:
                continue
            seen.add(node.id)
            yield node
            chosen = self.chosen(node)
            if chosen is not None:
                queue += chosen[:1]
            else:
                queue += [value for name, value in node.inputs.items() if follow(node, name)]

    def number(self, value: Any, *names: str) -> int | float | None:
        """Return the number that an input holds or that a link leads to.

        Parameters
        ----------
        value : number, text or link
        names : str
            What the number is called where it comes from, such as ``steps``.
        """
        return self._number(value, names, set(), 0)

    def _number(self, value: Any, names: tuple[str, ...], seen: set[str], depth: int) -> Any:
        node = self.target(value)
        if node is None:
            return number(value)
        if node.id in seen or depth > _DEPTH or re.search("math|expression", node.kind):
            return None
        seen.add(node.id)
        by_name = {name.lower(): given for name, given in node.inputs.items()}
        wanted = [by_name[name] for name in (*names, *_VALUE_NAMES) if name in by_name]
        for given in (*self._handed_on(node), *wanted):
            found = self._number(given, names, seen, depth + 1)
            if found is not None:
                return found
        others = [n for given in node.inputs.values() if (n := number(given)) is not None]
        return others[0] if len(others) == 1 else None

    def text(self, value: Any, role: str = "positive") -> str | None:
        """Return the text that an input holds or that a link leads to, joined where it is in parts.

        Parameters
        ----------
        value : text or link
        role : {"positive", "negative"}
            Which one to take of a node that holds both.
        """
        return self._text(value, role, {}, 0)

    def _text(self, value: Any, role: str, known: dict[str, Any], depth: int) -> str | None:
        node = self.target(value)
        if node is None:
            return value if isinstance(value, str) else None
        key = f"{node.id} {value[1]}"
        if key in known or depth > _DEPTH:
            return known.get(key)
        known[key] = None  # a loop ends here
        found = self._node_text(node, value[1], role, known, depth)
        if found is not None:  # nodes that double a text may stand in a row
            found = found[:_MAX_TEXT]
        known[key] = found
        return found

    def _node_text(
        self, node: Node, slot: Any, role: str, known: dict[str, Any], depth: int
    ) -> str | None:
        def read(given: Any) -> str | None:
            return self._text(given, role, known, depth + 1)

        inputs = node.inputs
        for given in self._handed_on(node):
            if (found := read(given)) is not None:
                return found
        if node.kind == "text string" and slot in (0, 1, 2, 3):  # an output for each text
            return read(inputs.get(("text", "text_b", "text_c", "text_d")[slot]))
        parts = [name for name in inputs if _PARTS.fullmatch(name)]
        if len(parts) > 1 and "showtext" not in node.kind:
            if "delimiter" not in inputs:  # some declare their parts in another order
                parts.sort()
            return _joined(inputs, [read(inputs[name]) for name in parts])
        named = (f"text_{role}", f"{role}_prompt", role, *_TEXT_NAMES, *parts)
        behind = self.target(inputs.get("text"))
        if "showtext" in node.kind and behind and _WRITER.search(behind.kind):
            named = ("text_0", *named)  # the answer, where the graph itself has only the question
        for name in named:
            if name in inputs and (found := read(inputs[name])) is not None:
                return _replaced(node, found, read)
        for name, given in inputs.items():
            if self.target(given) and name not in _NO_TEXT and (found := read(given)) is not None:
                return found
        return None

    def _handed_on(self, node: Node) -> list[Any]:
        """Return the inputs that a reroute or a switch hands on, best first."""
        chosen = self.chosen(node)
        if chosen is not None:
            return chosen
        return [node.inputs[name] for name in _HANDED_ON if self.target(node.inputs.get(name))]

    def chosen(self, node: Node) -> list[Any] | None:
        """Return the inputs among which a switch chooses, the chosen one first.

        Returns None where the node is no switch.
        """
        inputs = node.inputs
        for yes, no in _BRANCHES:
            if yes in inputs or no in inputs:
                switch = next((inputs[name] for name in _CONDITIONS if name in inputs), True)
                taken = yes if self._is_true(switch) else no
                return [inputs[taken]] if taken in inputs else []
        place = next((inputs[name] for name in _PLACES if name in inputs), None)
        number = self.number(place, *_PLACES)
        for name in _SWITCHED if number is not None else ():
            for key in (f"{name}{int(number or 0)}", f"{name}_{int(number or 0)}"):
                if key in inputs:
                    return [inputs[key]]
        if "switch" in node.kind:
            numbered = sorted(name for name in inputs if re.fullmatch(r"(any|input)_?\d+", name))
            return [inputs[name] for name in numbered] if numbered else None
        return None

    def _is_true(self, value: Any) -> bool:
        """Tell whether a truth value, or what a link leads to, is true; unknown ones count so."""
        for _ in range(_DEPTH):
            node = self.target(value)
            if node is None:
                return value not in (False, 0, "false", "False")
            names = ("value", "boolean", "switch", "bool", "on", *_HANDED_ON)
            value = next((node.inputs[name] for name in names if name in node.inputs), True)
        return True


def _joined(inputs: dict[str, Any], parts: list[str | None]) -> str:
    between = inputs.get("delimiter", inputs.get("separator"))
    if not isinstance(between, str):
        between = ", "
    between = {"comma": ", ", "space": " ", "newline": "\n"}.get(between, between)
    between = between.replace("\\n", "\n")
    return between.join(part for part in parts if part)


def _replaced(node: Node, text: str, read: Callable[[Any], str | None]) -> str:
    """Apply what nodes that replace or trim do to a text."""
    if "replace" in node.kind and "regex" not in node.kind:
        find, into = read(node.inputs.get("find")), read(node.inputs.get("replace"))
        if find and into is not None:
            most = max(1, _MAX_TEXT // max(1, len(into)))
            return text.replace(find, into[:_MAX_TEXT], most)
    return text.strip() if "trim" in node.kind else text
