"""Comparison of answers, and the differences that are wanted, with their reasons."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

# What an exchange and one of its differences match, and why ours answers otherwise than
# ComfyUI 0.3.64, whose answers these are compared with; some of a newer release are recorded.
REASONS = [
    (r"unknown sampler:.*list of length", "newer releases have two samplers more"),
    (r"unknown clip type:", "types of text encoders that fit no model here are left out"),
    (r"(typed|number) for a link:", "told before anything is drawn, not when the node runs"),
    (r"^(unknown_class|no_class):", "as in 0.33: missing_node_type names the node"),
    (r"^(circle|node_linked_to_itself):", "as in 0.33: dependency_cycle, not a RecursionError"),
    (r"^prompt_id:", "as in 0.33: an id has to be a UUID; null is none"),
    (r"create_time", "as in 0.33: the history says when a prompt was posted"),
    (r"history_of_unknown_ids: .*\.x:", "as in 0.33: x is no id"),
    (r"^other_origins:", "as in 0.33: pages of other servers are kept out"),
    (r"^inputs_left_out:", "a node without inputs lacks those that it needs"),
    (r"inputs a number:", "it is no graph"),
    (r": 500 \| (400|200)$", "it is the client's fault, or means nothing"),
    (r'"text/plain" \| |Server got itself in trouble', "the body of such an answer"),
    (r"^(failing_while_it_runs|messages_of_a_failure):.*(exception_|current_outputs|progress_state)",
     "own sentence without paths; the node's state says that it failed"),
    (r"notes", "the miniature draws in its own size, and says so"),
    (r"^views: .*drawn", "the miniature draws in its own size"),
    (r"^uploads: .*upwards inside", "names that lead upwards are refused"),
    (r"^masks: .*(upwards|missing)", "there, a name is answered though nothing was written"),
    (r"display_name", "as in 0.33: names of nodes for people"),
    (r"GrowMask:.*expand", "each pixel of growth takes time"),
    (r"^(system_stats|messages|features).*: .*_version", "versions of ComfyUI's page; ours beside"),
    (r"^other: (GET|slash|userdata)", "the router says 405, sends on, and answers a page's list"),
    (r"^messages:", "previews come to those who ask for them"),
    (r"^(messages_of_an_)?interrupt(ed|ion):", "stopped in another step; known nodes do not run"),
    (r"^reconnection:", "the message names its prompt"),
]  # fmt: skip

_TOLD_OTHERWISE = ("tooltip", "traceback", "output_tooltips", "description")


def reason(exchange: str, difference: str) -> str:
    """Return why an answer of ours differs; an empty text where it should not."""
    line = f"{exchange}: {difference}"
    return next((why for pattern, why in REASONS if re.search(pattern, line)), "")


def normal(value: Any, key: str = "") -> Any:
    """Return an answer without what is another one each time, or is told in other words.

    Ids, times, numbers of prompts and files, choices of files, tooltips, tracebacks.
    """
    if isinstance(value, dict):
        if key in ("nodes", "current_inputs"):
            return {name: normal(each) for name, each in sorted(value.items())}
        return {
            _plain(name): normal(each, name)
            for name, each in value.items()
            if name not in _TOLD_OTHERWISE
        }
    if isinstance(value, list | tuple):
        if key == "prompt" and len(value) == 5:
            value = ["<number>", *value[1:]]
        return [normal(each, "" if key == "prompt" else key) for each in value]
    if isinstance(value, str):
        return _plain(value)
    if key in ("number", "seed") or (isinstance(value, int | float) and abs(value) > 1e8):
        return "<number>"
    return value


def _plain(text: str) -> str:
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>", text)
    text = re.sub(r"[0-9a-f]{32}", "<id>", text)
    text = re.sub(r"(?<![0-9a-z])[0-9a-f]{8}(?![0-9a-z])", "<tag>", text)
    return re.sub(r"_\d{5}_", "_<n>_", text)


def differences(one: Any, other: Any, where: str = "") -> Iterator[str]:
    """Yield where two answers differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in [*one, *(name for name in other if name not in one)]:
            inside = f"{where}.{name}" if where else str(name)
            if name not in one or name not in other:
                left, right = one.get(name, "-"), other.get(name, "-")
                yield f"{inside}: {_cut(left)} | {_cut(right)}"
            else:
                yield from differences(one[name], other[name], inside)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for at, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{where}[{at}]")
    elif one != other or isinstance(one, bool) != isinstance(other, bool):
        yield f"{where}: {_cut(one)} | {_cut(other)}"


def _cut(value: Any) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 300 else shown[:297] + "..."
