"""Queue of prompts and their history, as ComfyUI's clients see them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection

from .prompt import PENDING, RUNNING, Prompt, milliseconds
from .prompt_store import KEPT, PromptStore


class PromptQueue:
    """Prompts that wait, run, or have ended.

    Each caller, told by the id of the token, sees the own ones.

    Parameters
    ----------
    store : PromptStore
    changed : callable
        Called with a token's id when the number of its open prompts may have changed.
    """

    def __init__(self, store: PromptStore, changed: Callable[[str], None]) -> None:
        self._store = store
        self._changed = changed
        self._condition = threading.Condition()
        self._pending: list[Prompt] = []
        self._flight: list[Prompt] = []
        self._history: OrderedDict[str, Prompt] = OrderedDict()
        self._closed = False
        self._number = 0

    def load(self) -> None:
        """Take over what an earlier process left: its open prompts wait again."""
        with self._condition:
            for prompt in self._store.load():
                self._number = max(self._number, int(abs(prompt.number)) + 1)
                if prompt.open:
                    prompt.state, prompt.started = PENDING, None
                    self._pending.append(prompt)
                else:
                    self._history[prompt.id] = prompt
            self._pending.sort(key=_place)
            self._condition.notify_all()

    def next_number(self) -> int:
        """Return the next number; each is given once, also to prompts that are refused."""
        with self._condition:
            self._number += 1
            return self._number - 1

    def find(self, prompt_id: str, token: str) -> Prompt | None:
        """Return a caller's prompt by its id."""
        with self._condition:
            known = self._history.get(prompt_id)
            for prompt in (*self._pending, *self._flight, *([known] if known else [])):
                if prompt.id == prompt_id and prompt.token == token:
                    return prompt
        return None

    def is_known(self, prompt_id: str) -> bool:
        """Return whether there is a prompt of this id, whoever posted it."""
        with self._condition:
            open_ones = (*self._pending, *self._flight)
            return prompt_id in self._history or any(p.id == prompt_id for p in open_ones)

    def by_key(self, key: str, token: str) -> Prompt | None:
        """Return a caller's prompt by the client's own key."""
        return next((p for p in self.all(token) if p.key == key), None) if key else None

    def add(self, prompt: Prompt) -> None:
        """Let a prompt wait; it is written down before."""
        self._store.put(prompt)
        with self._condition:
            self._pending.append(prompt)
            self._pending.sort(key=_place)
            self._condition.notify_all()
        self._changed(prompt.token)

    def open_count(self, token: str | None = None) -> int:
        """Return how many prompts wait or run: a caller's, or all."""
        with self._condition:
            found = (*self._pending, *self._flight)
            return sum(token is None or prompt.token == token for prompt in found)

    def running(self, token: str) -> list[Prompt]:
        """Return a caller's prompts that run, the first one first."""
        with self._condition:
            return [p for p in self._flight if p.token == token and p.state == RUNNING]

    def pending(self, token: str) -> list[Prompt]:
        """Return a caller's prompts that wait, in their order."""
        with self._condition:
            ahead = [prompt for prompt in self._flight if prompt.state == PENDING]
            return [p for p in (*ahead, *self._pending) if p.token == token]

    def history(self, token: str) -> list[Prompt]:
        """Return a caller's prompts that have ended, the oldest first."""
        with self._condition:
            return [prompt for prompt in self._history.values() if prompt.token == token]

    def ended(self, prompt_id: str, token: str) -> Prompt | None:
        """Return a caller's prompt that has ended, by its id."""
        with self._condition:
            known = self._history.get(prompt_id)
        return known if known is not None and known.token == token else None

    def all(self, token: str) -> list[Prompt]:
        """Return all prompts of a caller: running, waiting, ended."""
        return [*self.running(token), *self.pending(token), *self.history(token)]

    def take(self, held: Callable[[Prompt, Collection[Prompt]], bool]) -> Prompt | None:
        """Wait for the next prompt to be begun; None once the queue is closed.

        It goes on waiting in the eyes of clients until :meth:`turn`.

        Parameters
        ----------
        held : callable
            Tells whether a prompt has to wait for those that are begun.
        """
        with self._condition:
            while not self._closed:
                if self._pending and not held(self._pending[0], tuple(self._flight)):
                    prompt = self._pending.pop(0)
                    self._flight.append(prompt)
                    self._begin_first()
                    break
                self._condition.wait()
            else:
                return None
            visible = prompt.state == RUNNING
        if visible:
            self._changed(prompt.token)
        return prompt

    def turn(self, prompt: Prompt) -> bool:
        """Wait until all that were begun before have ended; False if it was deleted meanwhile."""
        with self._condition:
            while not self._closed and prompt in self._flight and self._flight[0] is not prompt:
                self._condition.wait()
            return not self._closed and prompt in self._flight

    def end(self, prompt: Prompt) -> None:
        """Put a prompt that has ended into the history; it stays counted until :meth:`leave`."""
        prompt.ended = milliseconds()
        self._store.put(prompt)
        with self._condition:
            self._history[prompt.id] = prompt
            while len(self._history) > KEPT:
                self._history.popitem(last=False)

    def leave(self, prompt: Prompt) -> Prompt | None:
        """Take a prompt out of those that run; return the one whose turn has come, if any."""
        with self._condition:
            if prompt in self._flight:
                self._flight.remove(prompt)
            begun = self._begin_first()
            self._condition.notify_all()
        self._changed(prompt.token)
        if begun is not None:
            self._changed(begun.token)
        return begun

    def delete(self, prompt_id: str, token: str) -> Prompt | None:
        """Take a waiting prompt out; return it. It leaves no history."""
        with self._condition:  # held throughout, so that its turn cannot come meanwhile
            found = next((p for p in self.pending(token) if p.id == prompt_id), None)
            if found is None:
                return None
            (self._pending if found in self._pending else self._flight).remove(found)
            found.state = "interrupted"
            self._condition.notify_all()
        self._store.remove(prompt_id)
        self._changed(token)
        return found

    def forget(self, prompt_id: str, token: str) -> None:
        """Take a prompt out of the history."""
        with self._condition:
            known = self._history.get(prompt_id)
            if known is None or known.token != token:
                return
            del self._history[prompt_id]
        self._store.remove(prompt_id)

    def close(self) -> None:
        """Give out no more prompts; those that are open stay written down."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    @property
    def closed(self) -> bool:
        """True once it is closed."""
        return self._closed

    def _begin_first(self) -> Prompt | None:
        """Let the first of those that are begun be seen as running; return it if it was not."""
        if not self._flight or self._flight[0].state == RUNNING:
            return None
        first = self._flight[0]
        first.state, first.started = RUNNING, milliseconds()
        return first


def _place(prompt: Prompt) -> tuple[float, int]:
    return prompt.number, prompt.created
