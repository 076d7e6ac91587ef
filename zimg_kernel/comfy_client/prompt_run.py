"""One prompt at a server, followed to its end over lost connections and restarts."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from zimg_kernel.errors import ZimgError

from .feed import Feed
from .history import is_error, mapping, seconds_of
from .messages import Ended, Executed, Executing, Message, files_of
from .patience import Patience, Stopped
from .refusals import ComfyUnreachable, failed
from .server import ComfyServer, ServedFile
from .steps import Steps

_LISTEN = 0.1  # seconds after which a wish to stop is noticed
_QUIET = 3.0  # seconds without a message after which the history is asked
_POLL = 0.5  # the same without a connection
_LATE = 0.05  # seconds until the history is asked again after the end
_MISSED = 4  # looks without a trace after which a prompt is taken for lost
_MOST_BEGUN = 3  # times that a prompt is given to a server that loses it
_STOPPING = 30.0  # seconds for a server to stop
_ASK_AGAIN = 1.0  # seconds after which it is asked to stop once more


@dataclass(frozen=True)
class Outcome:
    """What a prompt that has ended well has put out.

    Attributes
    ----------
    files : tuple of ServedFile
        Of the output node.
    seconds : float
        That it took, by the server's clock where it tells.
    """

    files: tuple[ServedFile, ...]
    seconds: float


class PromptRun:
    """Follows one graph from being queued to its pictures.

    Parameters
    ----------
    server : ComfyServer
    feed : Feed
    graph : dict
        In API format.
    output : str
        Id of the node whose pictures are wanted.
    steps : Steps
        Told of every message.
    prompt_id : str
        A UUID, of this picture alone: it is found again by it.
    stop : callable
        Whether to end it.
    """

    def __init__(
        self, server: ComfyServer, feed: Feed, graph: dict[str, Any], output: str, steps: Steps,
        prompt_id: str, stop: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._server, self._feed, self._graph, self._output = server, feed, graph, output
        self._steps, self.prompt_id, self._stop = steps, prompt_id, stop
        self._begun = 0
        self._losses = 0
        self._patience = Patience(server, stop)
        self._started = 0.0
        self._missed = 0
        self._files: tuple[ServedFile, ...] = ()
        self._seen = 0  # losses of the connection at the last look

    def start(self, again: bool = False) -> None:
        """Queue the graph.

        Parameters
        ----------
        again : bool
            The server may know the prompt already.

        Raises
        ------
        Stopped
            It was to be stopped before that was possible.
        BadInput, ZimgError
            The server refuses it, or does not answer in its time.
        """
        while True:
            if self._stop():
                raise Stopped
            try:
                if not (again and self._is_known()):
                    self._server.queue_prompt(self._graph, self.prompt_id, self._feed.client_id)
                break
            except ComfyUnreachable as error:
                self._patience.endure(error)
                again = True  # the answer may have been lost, not the question
        self._begun += 1
        self._losses = self._seen = self._feed.losses
        self._missed = 0
        self._patience.renew()
        self._started = time.monotonic()

    def wait(self) -> Outcome:
        """Wait for the end.

        Raises
        ------
        Stopped
            It was stopped as asked.
        ZimgError
            It failed, was stopped or removed by somebody else, or the server does not come back.
        """
        looked = time.monotonic()
        pause = 0.0
        while True:
            if self._stop():
                self.withdraw()
                raise Stopped
            message = self._feed.next(_LISTEN)
            self._steps.take(message)
            now = time.monotonic()
            if self._take(message):
                pause = pause or 1e-3  # look at once, and if need be soon again
            elif message is not None and not pause:
                looked = now
            patience = pause or (self._quiet())
            if now - looked < patience:
                continue
            entry = self._look()
            looked = time.monotonic()
            pause = min(2 * max(pause, _LATE), _QUIET) if pause else 0.0
            if entry is not None:
                return self._outcome(entry)

    def withdraw(self) -> None:
        """End the prompt at the server, and wait until it has ended."""
        deadline = time.monotonic() + _STOPPING
        failures = 0
        due = float("-inf")
        while time.monotonic() < deadline and failures < _MOST_BEGUN:
            try:
                # A request that comes before the first node is lost. More of them than needed
                # might reach an older server after its next prompt has begun.
                if time.monotonic() >= due:
                    self._server.withdraw(self.prompt_id)
                    due = time.monotonic() + _ASK_AGAIN
                if not any(self.prompt_id in ids for ids in self._server.queue()):
                    return
            except ZimgError:  # a server that is gone has nothing to end
                failures += 1
            self._feed.next(_LISTEN)

    def _quiet(self) -> float:
        """Return the seconds without a message after which the history is asked."""
        if self._missed or self._feed.losses != self._seen:
            return _LISTEN
        return _QUIET if self._feed.connected else _POLL

    def _take(self, message: Message | None) -> bool:
        """Take note of a message; return whether it tells the end."""
        if message is None or getattr(message, "prompt_id", "") != self.prompt_id:
            return False
        if isinstance(message, Executed) and message.node == self._output:
            self._files = message.files
        if isinstance(message, Executing):
            return message.node is None
        return isinstance(message, Ended)

    def _look(self) -> dict[str, Any] | None:
        """Return the history's entry if there is one; queue the prompt again if it was lost."""
        try:
            entry = self._server.history(self.prompt_id)
            if entry is None and not any(self.prompt_id in ids for ids in self._server.queue()):
                entry = self._server.history(self.prompt_id)  # it may have ended between the two
                if entry is None:
                    return self._lost()
        except ComfyUnreachable as error:
            self._patience.endure(error)
            return None
        self._missed = 0
        self._seen = self._feed.losses
        self._patience.renew()
        return entry

    def _lost(self) -> dict[str, Any] | None:
        self._missed += 1
        if self._missed < _MISSED:  # a history that is late
            return None
        if self._files:  # somebody has cleared the history since
            return {"outputs": {}, "status": {"status_str": "success"}}
        steady = self._feed.losses == self._losses and not self._patience.tried
        if steady and self._feed.connected:
            raise ZimgError(
                f"Somebody removed the picture from the queue of the ComfyUI server "
                f"{self._server.shown}: ask for it again.",
                code="comfy-interrupted",
            )
        if self._begun >= _MOST_BEGUN:
            raise ZimgError(
                f"The ComfyUI server at {self._server.shown} ended {self._begun} times while it "
                "drew this picture: see its own log, or ask for a smaller picture.",
                code="comfy-died",
            )
        self._steps.restart()
        self.start()
        return None

    def _is_known(self) -> bool:
        if any(self.prompt_id in ids for ids in self._server.queue()):
            return True
        entry = self._server.history(self.prompt_id)
        if entry is None:
            return False
        if not is_error(entry):
            return True
        self.prompt_id = str(uuid.uuid4())  # an earlier attempt, which was stopped or failed
        self._steps.rename(self.prompt_id)
        return False

    def _outcome(self, entry: dict[str, Any]) -> Outcome:
        status = entry.get("status")
        if is_error(entry):
            raise failed(self._server.shown, status)
        files = files_of(mapping(entry.get("outputs")).get(self._output)) or self._files
        if not files:
            raise ZimgError(
                f"The ComfyUI server at {self._server.shown} finished the workflow without a "
                "picture: see its own log.",
                code="comfy-no-picture",
            )
        seconds = seconds_of(status)
        if seconds is None:
            seconds = time.monotonic() - self._started
        return Outcome(files, seconds)
