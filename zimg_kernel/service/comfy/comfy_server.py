"""ComfyUI's side of the service: queue, runner, sockets, and the posting of prompts."""

from __future__ import annotations

import re
import threading
import uuid
from typing import TYPE_CHECKING, Any

from ..caller import Caller
from ..options import LONGEST_RETRY
from ..refusal import Refused
from .graph.problems import Refusal
from .graph.validation import validate
from .graph.workflow import graph_of_workflow, is_workflow
from .hub import Hub
from .prompt import Prompt, milliseconds, without_secrets
from .prompt_queue import PromptQueue
from .prompt_store import PromptStore
from .runner import Runner
from .workspace import Workspace, Workspaces

if TYPE_CHECKING:
    from ..context import ServiceContext

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST_CLIENT = 200


class ComfyServer:
    """What the routes of ComfyUI's API share.

    Parameters
    ----------
    context : ServiceContext
    """

    def __init__(self, context: ServiceContext) -> None:
        self.context = context
        self.workspaces = Workspaces(context)
        folder = context.options.folder / "comfy"
        folder.mkdir(parents=True, exist_ok=True)
        self._store = PromptStore(folder / "prompts.sqlite")
        self.hub = Hub(lambda token: self.queue.open_count(token))
        self.queue = PromptQueue(self._store, self.hub.tell_status)
        self.runner = Runner(self.queue, self.hub, self.workspaces)
        self._posting = threading.Lock()

    def start(self) -> None:
        """Go on with what an earlier process left, and begin to work."""
        self.queue.load()
        self.runner.start()

    def stop(self) -> None:
        """Take no more prompts; those that are open go on at the next start."""
        self.queue.close()
        self.hub.close()

    def workspace(self, caller: Caller) -> Workspace:
        """Return a caller's workspace."""
        return self.workspaces.of(caller)

    def free_models(self) -> None:
        """Give back the memory of all models, unless somebody waits for a picture."""
        if not self.context.engine.jobs():
            self.context.engine.unload()

    def post(self, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Take a prompt as ``POST /prompt`` sends it; return the answer.

        Raises
        ------
        Refusal
            It cannot be run.
        Refused
            The queue is full.
        """
        number = self._number(body)
        if "prompt" not in body:
            raise Refusal("no_prompt", "No prompt provided", "No prompt provided")
        wanted = body.get("partial_execution_targets")
        prompt, node_errors = self.accept(
            body["prompt"],
            caller,
            extra=body.get("extra_data"),
            client=body.get("client_id"),
            prompt_id=body.get("prompt_id"),
            number=number,
            wanted=wanted if isinstance(wanted, list) else None,
        )
        shown = int(prompt.number) if float(prompt.number).is_integer() else prompt.number
        return {"prompt_id": prompt.id, "number": shown, "node_errors": node_errors}

    def accept(
        self,
        graph: Any,
        caller: Caller,
        *,
        extra: Any = None,
        client: Any = None,
        prompt_id: Any = None,
        number: float | None = None,
        wanted: list[Any] | None = None,
        metadata: dict[str, str] | None = None,
        key: str = "",
    ) -> tuple[Prompt, dict[str, Any]]:
        """Check a graph and let it wait; return its prompt and the errors of outputs left out.

        The same id with the same graph is the prompt that was posted before.

        Raises
        ------
        Refusal, Refused
            As :meth:`post`.
        """
        if prompt_id is not None and not (
            isinstance(prompt_id, str) and _UUID.fullmatch(prompt_id)
        ):
            raise Refusal(
                "invalid_prompt_id",
                "prompt_id must be a valid UUID",
                "prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it "
                "to let the server generate one",
            )
        registry = self.workspace(caller).registry
        if is_workflow(graph):  # as the page saves it, which ComfyUI itself does not take
            graph = graph_of_workflow(graph, registry)
        valid = validate(graph, registry, wanted)
        kept = without_secrets(extra)
        if isinstance(client, str) and client:
            kept["client_id"] = client[:_LONGEST_CLIENT]
        kept["create_time"] = milliseconds()
        prompt = Prompt(
            prompt_id or str(uuid.uuid4()),
            self.queue.next_number() if number is None else number,
            valid.graph, kept, valid.outputs, caller.token_id, caller.name,
            metadata=metadata or {}, key=key,
        )  # fmt: skip
        with self._posting:
            known = self._known(prompt)
            if known is not None:
                return known, valid.node_errors
            self._check_room()
            self.queue.add(prompt)
        return prompt, valid.node_errors

    def _known(self, prompt: Prompt) -> Prompt | None:
        """Return the prompt that was posted before under this id."""
        if not self.queue.is_known(prompt.id):
            return None
        known = self.queue.find(prompt.id, prompt.token)
        if known is not None and (known.graph, known.outputs) == (prompt.graph, prompt.outputs):
            return known
        message = "This prompt_id was posted before with another prompt: take a new one"
        raise Refusal("invalid_prompt_id", message, prompt.id)

    def _check_room(self) -> None:
        if self.queue.closed:
            raise Refused(
                "The service is about to end: try again in a moment.",
                status=503,
                code="stopping",
                retry_after=5,
            )
        waiting = self.queue.open_count()
        if waiting >= self.context.options.max_waiting:
            raise Refused(
                f"{waiting} prompts wait already, as many as may: try again in a moment.",
                status=429,
                code="queue-full",
                retry_after=min(LONGEST_RETRY, 2 + waiting // 8),
            )

    def _number(self, body: dict[str, Any]) -> float:
        """Return the place in the queue; the counter goes up for refused prompts, too."""
        given = body.get("number")
        if given is not None:
            try:
                return float(given)
            except (TypeError, ValueError):
                message = "number must be a number"
                raise Refusal("invalid_prompt", message, str(given)[:100]) from None
        number = self.queue.next_number()
        return -number if body.get("front") else number
