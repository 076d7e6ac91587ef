"""Runner of prompts: one is seen to run, the next is begun so that the engine never waits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection

from .feed import Feed
from .graph.executor import Execution, Outcome
from .graph.problems import Refusal
from .graph.signature import signatures
from .graph.validation import validate
from .hub import Hub
from .prompt import RUNNING, Prompt
from .prompt_queue import PromptQueue
from .workspace import Workspaces

_AT_ONCE = 2  # prompts that are begun
_log = logging.getLogger(__name__)


class Runner:
    """Runs the prompts of a queue, in their order.

    Parameters
    ----------
    queue : PromptQueue
    hub : Hub
    workspaces : Workspaces
    """

    def __init__(self, queue: PromptQueue, hub: Hub, workspaces: Workspaces) -> None:
        self._queue, self._hub, self._workspaces = queue, hub, workspaces
        self._lock = threading.Lock()
        self._executions: dict[str, Execution] = {}
        self._feeds: dict[str, Feed] = {}
        self._stopped: set[str] = set()
        self._outputs: dict[str, frozenset[str]] = {}

    def start(self) -> None:
        """Begin to work."""
        for number in range(_AT_ONCE):
            threading.Thread(target=self._work, name=f"zimg-comfy-{number}", daemon=True).start()

    def feed(self, prompt: Prompt) -> Feed:
        """Return what an open prompt tells, also before it has begun."""
        with self._lock:
            return self._feeds.setdefault(prompt.id, Feed(prompt, self._hub))

    def running_node(self, prompt: Prompt) -> str | None:
        """Return the node of a prompt that runs now."""
        execution = self._executions.get(prompt.id)
        return execution.running if execution else None

    def interrupt(self, prompt: Prompt) -> None:
        """Stop a prompt that runs, at its next step."""
        with self._lock:
            self._stopped.add(prompt.id)
            execution = self._executions.get(prompt.id)
        if execution is not None:
            execution.interrupt()

    def withdraw(self, prompt_id: str, token: str) -> bool:
        """Take a caller's prompt out of the queue; return whether it was waiting."""
        deleted = self._queue.delete(prompt_id, token)
        if deleted is None:
            return False
        self.interrupt(deleted)
        self.feed(deleted).finish()
        if prompt_id not in self._executions:
            self._forget(deleted)
        return True

    def cancel(self, prompt_id: str, token: str) -> bool:
        """Stop a caller's prompt, or take it out of the queue; return whether it was open."""
        if self.withdraw(prompt_id, token):
            return True
        for prompt in self._queue.running(token):
            if prompt.id == prompt_id:
                self.interrupt(prompt)
                return True
        return False

    def _work(self) -> None:
        while (prompt := self._queue.take(self._is_held)) is not None:
            try:
                self._run(prompt)
            except Exception:
                _log.exception("prompt %s could not be run", prompt.id)
                self._finish(prompt, Outcome("error", notes=["The server's log says why."]))

    def _is_held(self, prompt: Prompt, begun: Collection[Prompt]) -> bool:
        """Return whether a prompt repeats one that runs, whose result it can have then."""
        if len(begun) >= _AT_ONCE:
            return True
        mine = self._signed(prompt)
        return any(p.token == prompt.token and mine & self._signed(p) for p in begun)

    def _signed(self, prompt: Prompt) -> frozenset[str]:
        if prompt.id not in self._outputs:
            workspace = self._workspaces.of_prompt(prompt)
            try:
                signed = signatures(prompt.graph, prompt.outputs, workspace.registry)
            except (KeyError, TypeError, ValueError, OSError):  # it is refused when it is run
                signed = {}
            found = frozenset(signed[node] for node in prompt.outputs if node in signed)
            self._outputs[prompt.id] = found
        return self._outputs[prompt.id]

    def _run(self, prompt: Prompt) -> None:
        feed = self.feed(prompt)
        if prompt.state == RUNNING:
            feed.release()
        outcome = self._execute(prompt, feed)
        if self._queue.turn(prompt):
            self._finish(prompt, outcome)
        else:  # deleted, or the service ends and begins it again then
            self._forget(prompt)

    def _finish(self, prompt: Prompt, outcome: Outcome) -> None:
        feed = self.feed(prompt)
        feed.release()
        prompt.state = outcome.status
        prompt.shown, prompt.meta = outcome.outputs, outcome.meta
        prompt.messages = [list(message) for message in outcome.messages]
        prompt.error, prompt.notes = outcome.error, outcome.notes
        self._queue.end(prompt)
        if outcome.messages:
            feed.send(*outcome.messages[-1])
        begun = self._queue.leave(prompt)
        self._hub.end((prompt.token, prompt.client), prompt.id)
        feed.finish()
        self._forget(prompt)
        if begun is not None:
            self.feed(begun).release()

    def _execute(self, prompt: Prompt, feed: Feed) -> Outcome:
        workspace = self._workspaces.of_prompt(prompt)
        try:  # once more: nodes and files may have changed since it was posted
            validate(prompt.graph, workspace.registry, prompt.outputs)
        except Refusal as refusal:
            return Outcome("error", notes=[f"{refusal.message}: {refusal.details}"])
        execution = Execution(
            prompt.id, prompt.graph, prompt.outputs, workspace.registry, workspace.services,
            workspace.cache, feed, prompt.extra,
        )  # fmt: skip
        with self._lock:
            self._executions[prompt.id] = execution
            stopped = prompt.id in self._stopped
        if stopped:
            execution.interrupt()
        return execution.run()

    def _forget(self, prompt: Prompt) -> None:
        with self._lock:
            self._executions.pop(prompt.id, None)
            self._feeds.pop(prompt.id, None)
            self._outputs.pop(prompt.id, None)
            self._stopped.discard(prompt.id)
