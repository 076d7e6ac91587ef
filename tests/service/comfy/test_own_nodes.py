"""Nodes of users: declared as functions or classes, described, checked, run, cached."""

from __future__ import annotations

from typing import Any

import pytest

from zimg_kernel.service.comfy.graph.cache import ResultCache
from zimg_kernel.service.comfy.graph.executor import Execution, Outcome
from zimg_kernel.service.comfy.graph.inputs import choice, integer, link, text
from zimg_kernel.service.comfy.graph.node import Call, Node, Result
from zimg_kernel.service.comfy.graph.problems import Refusal
from zimg_kernel.service.comfy.graph.registry import NodeRegistry
from zimg_kernel.service.comfy.graph.validation import validate

from .graphs import node

RUNS: list[str] = []


class Shout(Node):
    """Makes a text loud."""

    name = "Shout"
    inputs = {"text": text("hello"), "times": integer(1, 1, 3)}  # noqa: RUF012
    outputs = {"STRING": "STRING"}  # noqa: RUF012

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        RUNS.append(call.node_id)
        return (inputs["text"].upper() * inputs["times"],)


@pytest.fixture
def registry() -> NodeRegistry:
    RUNS.clear()
    found = NodeRegistry(Shout, services={"names": ["a", "b"]})

    @found.declare(
        "Show",
        {"text": link("STRING"), "name": choice(lambda services: services["names"])},
        {},
        is_output=True,
        title="Show a text",
    )
    def show(call: Call, text: str, name: str) -> Result:
        call.note(f"shown as {name}")
        return Result(shown={"text": [text]})

    return found


class Silent:
    """A listener that only remembers the events."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def send(self, event: str, data: dict[str, Any]) -> None:
        self.events.append(event)

    def preview(self, node_id: str, make: Any) -> None: ...

    def picture(self, node_id: str, png: bytes) -> None: ...


def run(graph: Any, registry: NodeRegistry, cache: ResultCache | None = None) -> Outcome:
    valid = validate(graph, registry)
    return Execution(
        "id", valid.graph, valid.outputs, registry, registry.services, cache or ResultCache(),
        Silent(), {},
    ).run()  # fmt: skip


def graph(**shout: Any) -> dict[str, Any]:
    return {"1": node("Shout", **shout), "2": node("Show", text=["1", 0], name="a")}


def test_they_run(registry: NodeRegistry) -> None:
    outcome = run(graph(text="hi", times="2"), registry)
    assert outcome.status == "success"
    assert outcome.outputs == {"2": {"text": ["HIHI"]}}
    assert outcome.notes == ["shown as a"]


def test_they_are_described(registry: NodeRegistry) -> None:
    told = registry.object_info()
    assert told["Show"]["display_name"] == "Show a text"
    assert told["Show"]["input"]["required"]["name"] == [["a", "b"], {}]
    assert told["Shout"]["input_order"] == {"required": ["text", "times"]}
    assert told["Shout"]["output_node"] is False


def test_their_inputs_are_checked(registry: NodeRegistry) -> None:
    with pytest.raises(Refusal) as refused:
        run(graph(text="hi", times=4), registry)
    (error,) = refused.value.node_errors["1"]["errors"]
    assert error["type"] == "value_bigger_than_max"


def test_results_are_kept_for_a_few_graphs(registry: NodeRegistry) -> None:
    cache = ResultCache(graphs=2)
    for times in (1, 2, 1, 3, 2, 1):
        run(graph(text="hi", times=times), registry, cache)
    assert len(RUNS) == 5  # the second 1 was known; then 3 took the place of 2, 2 that of 1


def test_what_a_graph_needs_alone_is_run(registry: NodeRegistry) -> None:
    whole = graph(text="hi", times=1) | {"3": node("Shout", text="unused", times=1)}
    run(whole, registry)
    assert RUNS == ["1"]


def test_a_node_that_fails(registry: NodeRegistry) -> None:
    @registry.declare("Fail", {}, {"STRING": "STRING"})
    def fail(call: Call) -> Any:
        raise RuntimeError("/secret/path")

    outcome = run({"1": node("Fail"), "2": node("Show", text=["1", 0], name="a")}, registry)
    assert outcome.status == "error"
    assert outcome.error is not None
    assert "secret" not in outcome.error["exception_message"]
    assert outcome.error["exception_type"] == "RuntimeError"


def test_long_chains_are_refused(registry: NodeRegistry) -> None:
    @registry.declare("Pass", {"text": link("STRING")}, {"STRING": "STRING"})
    def hand_on(call: Call, text: str) -> Any:
        return (text,)

    chain = {str(n): node("Pass", text=[str(n - 1), 0]) for n in range(2, 1500)}
    chain |= {"1": node("Shout", text="hi", times=1), "s": node("Show", text=["1499", 0], name="a")}
    with pytest.raises(Refusal, match="in a row"):
        run(chain, registry)
