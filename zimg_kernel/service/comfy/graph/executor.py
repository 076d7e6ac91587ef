"""Execution of one valid graph: nodes in their order, results from the cache, messages."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from zimg_kernel.errors import BadInput, ZimgError

from .cache import Kept, ResultCache
from .node import Interrupted, Result
from .progress import Progress
from .registry import NodeRegistry
from .signature import signatures

_log = logging.getLogger(__name__)


class Listener(Protocol):
    """Who is told what happens to a prompt."""

    def send(self, event: str, data: dict[str, Any]) -> None:
        """Take a message."""

    def step(self, told: dict[str, Any], make: Callable[[], bytes | None] | None) -> None:
        """Take a message ``progress``, and a preview: a JPEG that is made only where wanted."""

    def picture(self, node_id: str, png: bytes) -> None:
        """Take a picture that a node sends to the client itself."""


@dataclass
class Outcome:
    """What has become of a prompt.

    Attributes
    ----------
    status : {"success", "error", "interrupted"}
    outputs : dict
        What output nodes show, by node.
    meta : dict
        Of these nodes.
    messages : list of (event, data)
        The story of the prompt, as its history keeps it.
    error : dict or None
        The message ``execution_error``, where it failed.
    notes : list of str
        What the user should know.
    """

    status: str = "success"
    outputs: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    messages: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    error: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)


class Execution:
    """One run of a graph.

    Parameters
    ----------
    prompt_id : str
    graph : dict
        A valid one (:func:`.validation.validate`).
    outputs : list of str
        Output nodes to run.
    registry, services
        The nodes, and what they are given.
    cache : ResultCache
    listener : Listener
    extra : dict
        ``extra_data``, without secrets.
    """

    def __init__(
        self,
        prompt_id: str,
        graph: Mapping[str, Any],
        outputs: list[str],
        registry: NodeRegistry,
        services: Any,
        cache: ResultCache,
        listener: Listener,
        extra: Mapping[str, Any],
    ) -> None:
        self.prompt_id = prompt_id
        self.graph = graph
        self.outputs = outputs
        self.registry = registry
        self.services = services
        self.cache = cache
        self.listener = listener
        self.extra = extra
        self.interrupted = False
        self._on_interrupt: list[Callable[[], Any]] = []
        self.progress = Progress(prompt_id)
        self.outcome = Outcome()
        self.running: str | None = None
        """The node that runs now."""
        self._values: dict[str, tuple[Any, ...]] = {}
        self._executed: list[str] = []

    def run(self) -> Outcome:
        """Run the graph; return what has become of it. The last message is left to the caller."""
        self._tell("execution_start", {"prompt_id": self.prompt_id})
        signed = signatures(self.graph, self.outputs, self.registry)
        self.cache.begin(signed.values())
        kept = {name: found for name in self.graph if (found := self.cache.get(signed.get(name)))}
        cached = {"nodes": list(kept), "prompt_id": self.prompt_id}
        self._tell("execution_cached", cached)
        self._values = {name: result.values for name, result in kept.items()}
        for node_id in self._order():
            self.running = node_id
            try:
                if node_id in kept:
                    self._show(node_id, kept[node_id].shown)
                else:
                    self._run(node_id, signed.get(node_id))
            except Interrupted:
                self._end("interrupted", "execution_interrupted", self._where(node_id))
                return self.outcome
            except Exception as error:
                self.listener.send("progress_state", self.progress.fail(node_id))
                self.outcome.error = self._failure(node_id, error)
                self._end("error", "execution_error", self.outcome.error)
                return self.outcome
            self.listener.send("progress_state", self.progress.finish(node_id))
        self._end("success", "execution_success", {"prompt_id": self.prompt_id})
        return self.outcome

    def interrupt(self) -> None:
        """Stop at the next occasion; called in another thread."""
        self.interrupted = True
        for stop in tuple(self._on_interrupt):
            stop()

    def when_interrupted(self, stop: Callable[[], Any]) -> None:
        """Call a function when the prompt is interrupted, at once where it is already."""
        self._on_interrupt.append(stop)
        if self.interrupted:
            stop()

    def _order(self) -> list[str]:
        """Return the nodes to visit: each after what it needs, and of cached ones the outputs."""
        order: list[str] = []
        done: set[str] = set()
        for output in self.outputs:
            waiting = [(output, False)]
            while waiting:
                node_id, ready = waiting.pop()
                if ready:
                    order.append(node_id)
                    continue
                if node_id in done or (node_id in self._values and node_id != output):
                    continue
                done.add(node_id)
                waiting.append((node_id, True))
                if node_id not in self._values:
                    waiting += [(origin, False) for origin in reversed(self._before(node_id))]
        return order

    def _before(self, node_id: str) -> list[str]:
        node = self.registry[self.graph[node_id]["class_type"]]
        inputs = self.graph[node_id]["inputs"]
        links = [inputs[name] for name in node.inputs if isinstance(inputs.get(name), list)]
        return [link[0] for link in links]

    def _run(self, node_id: str, signature: str | None) -> None:
        if self.interrupted:
            raise Interrupted
        node = self.registry[self.graph[node_id]["class_type"]]
        self.listener.send("progress_state", self.progress.begin(node_id))
        told = {"node": node_id, "display_node": node_id, "prompt_id": self.prompt_id}
        self.listener.send("executing", told)
        result = node.run(_Call(self, node_id), **self._inputs(node_id))
        if not isinstance(result, Result):
            result = Result(tuple(result))
        if len(result.values) != len(node.outputs):
            raise ZimgError(
                f"{node.name} returned {len(result.values)} values for {len(node.outputs)} "
                "outputs: its code has to be mended.",
                code="wrong-outputs",
            )
        self._values[node_id] = result.values
        self._executed.append(node_id)
        self.cache.put(signature, Kept(result.values, result.shown))
        self._show(node_id, result.shown)

    def _inputs(self, node_id: str) -> dict[str, Any]:
        given = self.graph[node_id]["inputs"]
        declared = self.registry[self.graph[node_id]["class_type"]].inputs
        found = {}
        for name in declared:
            if name in given:
                value = given[name]
                linked = isinstance(value, list)
                found[name] = self._values[value[0]][value[1]] if linked else value
        return found

    def _show(self, node_id: str, shown: dict[str, list[Any]] | None) -> None:
        if shown is None:
            return
        self.outcome.outputs[node_id] = shown
        self.outcome.meta[node_id] = {
            "node_id": node_id,
            "display_node": node_id,
            "parent_node": None,
            "real_node_id": node_id,
        }
        told = {"node": node_id, "display_node": node_id, "output": shown}
        self.listener.send("executed", told | {"prompt_id": self.prompt_id})

    def _where(self, node_id: str) -> dict[str, Any]:
        return {
            "prompt_id": self.prompt_id,
            "node_id": node_id,
            "node_type": self.graph[node_id]["class_type"],
            "executed": list(self._executed),
        }

    def _failure(self, node_id: str, error: Exception) -> dict[str, Any]:
        """Return the message of an error; of one that nobody foresaw only its kind."""
        text = str(error)
        if not isinstance(error, ZimgError | BadInput):
            _log.exception("node %s of prompt %s failed", node_id, self.prompt_id)
            text = f"The node failed ({type(error).__name__}): the server's log says more."
        inputs = {name: [_plain(value)] for name, value in self._inputs(node_id).items()}
        return self._where(node_id) | {
            "exception_message": text + "\n",
            "exception_type": type(error).__name__,
            "traceback": [],
            "current_inputs": inputs,
            "current_outputs": list(self._values),
        }

    def _tell(self, event: str, data: dict[str, Any]) -> None:
        stamped = data | {"timestamp": time.time_ns() // 1_000_000}
        self.outcome.messages.append((event, stamped))
        self.listener.send(event, stamped)

    def _end(self, status: str, event: str, data: dict[str, Any]) -> None:
        """Note the end; its message is sent once the history has it."""
        self.running = None
        self.outcome.status = status
        stamped = data | {"timestamp": time.time_ns() // 1_000_000}
        self.outcome.messages.append((event, stamped))


class _Call:
    """What one node gets to know; see :class:`.node.Call`."""

    def __init__(self, execution: Execution, node_id: str) -> None:
        self._execution = execution
        self.node_id = node_id
        self.prompt_id = execution.prompt_id
        self.graph = execution.graph
        self.extra = execution.extra
        self.services = execution.services

    def progress(
        self, value: float, most: float, preview: Callable[[], bytes | None] | None = None
    ) -> None:
        execution = self._execution
        state = execution.progress.update(self.node_id, value, most)
        execution.listener.send("progress_state", state)
        told = {"value": value, "max": most, "prompt_id": self.prompt_id, "node": self.node_id}
        execution.listener.step(told, preview)

    def send_picture(self, png: bytes) -> None:
        self._execution.listener.picture(self.node_id, png)

    def note(self, text: str) -> None:
        if text not in self._execution.outcome.notes:
            self._execution.outcome.notes.append(text)

    def when_interrupted(self, stop: Callable[[], Any]) -> None:
        self._execution.when_interrupted(stop)

    @property
    def interrupted(self) -> bool:
        return self._execution.interrupted


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    return type(value).__name__
