"""Makes the candidates of one prompt: asks, checks, asks again, and falls back on clauses."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from zimg_kernel.errors import BadInput
from zimg_kernel.models.catalog import ModelCard, get_card

from .candidates import Candidate
from .checks import Checker, Refused
from .instructions import language_of, messages
from .offline import expansions
from .sources import CannotWrite, Source
from .task import Enhancement

_TRIES = 3  # attempts at one candidate
_LIMIT = 512  # tokens that the family's full-size models read


@dataclass
class Author:
    """Makes the candidates of one prompt.

    Parameters
    ----------
    prompt : str
        What the user wrote.
    seed : int
        The same one makes the same candidates.
    card : ModelCard or None
        The model that they are for; None for any full-size one.
    source : Source or None
        Who writes; None for ready clauses only.

    Raises
    ------
    BadInput
        The prompt alone is longer than the model reads.
    """

    prompt: str
    seed: int
    card: ModelCard | None
    source: Source | None

    def __post_init__(self) -> None:
        limit = self.card.max_tokens if self.card else _LIMIT
        self._count = _counter(self.card)
        tokens = self._count(self.prompt)
        if tokens > limit:
            raise BadInput(
                f"The prompt has {tokens} tokens already, and the model reads {limit}: shorten it."
            )
        self._miniature = self.card is not None and self.card.source.embedded is not None
        self._checker = Checker(self.prompt, self._count, limit)
        self._limit = limit
        self._refused: list[str] = []
        self._clauses = expansions(self.prompt, self.seed, self._miniature)

    def work(self, handle: Enhancement) -> None:
        """Add ``handle.n`` candidates to a handle."""
        if self.source is None:
            handle.notes.append(self._why_offline())
        for index in range(handle.n):
            if handle.cancel_requested:
                return
            candidate = self._written(handle, index) or self._expanded(handle)
            if handle.cancel_requested:
                return
            if candidate is None:
                there = len(handle.candidates)
                handle.notes.append(
                    f"There are no more than {there} different candidates from ready clauses."
                    if there
                    else "The prompt says all already that the ready clauses could add."
                )
                return
            handle.show(index, candidate.text)
            handle.add(candidate)

    def _why_offline(self) -> str:
        why = (
            f"The text encoder of {self.card.id} cannot write"
            if self.card
            else "The engine is not in this process"
        )
        return (
            f"{why}, so these are put together from ready clauses; a full-size "
            "model or an endpoint (ZIMG_ENHANCER_URL) writes freely."
        )

    def _written(self, handle: Enhancement, index: int) -> Candidate | None:
        """A candidate by the source, or None if it has none to give."""
        language = language_of(self.prompt)
        self._refused = []
        for attempt in range(_TRIES if self.source else 0):
            assert self.source is not None
            seed = _seed(self.seed, index, attempt)
            why = self._refused[-1] if self._refused else ""
            try:
                answer = self.source.write(
                    messages(self.prompt, language, why),
                    seed,
                    lambda text: handle.show(index, text),
                    lambda: handle.cancel_requested,
                )
            except CannotWrite:
                self.source = None
                handle.notes.append(self._why_offline())
                return None
            if answer is None:
                handle.cancel()  # also where the engine was closed
                return None
            try:
                checked = self._checker.check(
                    answer.text, answer.cut_off, [each.text for each in handle.candidates]
                )
            except Refused as error:
                self._refused.append(str(error))
                continue
            return Candidate(
                checked.text,
                language,
                self.source.made,
                seed,
                checked.kept,
                checked.repaired,
                tuple(self._refused),
                self._notes(checked.text),
            )
        return None

    def _expanded(self, handle: Enhancement) -> Candidate | None:
        """A candidate from ready clauses, or None if there is no other one that is short enough."""
        there = {each.text for each in handle.candidates}
        fitting = (
            text for text in self._clauses if self._count(text) <= self._limit and text not in there
        )
        text = next(islice(fitting, 1), None)
        if text is None:
            return None
        notes = self._notes(text)
        refused = tuple(self._refused)
        if refused:
            tries = "attempt" if len(refused) == 1 else "attempts"
            notes = (
                f"None of {len(refused)} {tries} to write this one could be used, so it is put "
                "together from ready clauses.",
                *notes,
            )
        language = language_of(self.prompt)
        kept = self._checker.named
        return Candidate(text, language, "offline", self.seed, kept, (), refused, notes)

    def _notes(self, text: str) -> tuple[str, ...]:
        """What the miniature does not know of a text that it shall draw."""
        if not self._miniature:
            return ()
        from zimg_kernel.nano.text import messages as remarks
        from zimg_kernel.nano.text import vocabulary

        reading = vocabulary.read(text)
        why = remarks.refusal(reading)
        return (why,) if why else tuple(remarks.notes(reading))


def _seed(seed: int, index: int, attempt: int) -> int:
    """A number for one attempt at one candidate, far from those of its neighbours."""
    digest = hashlib.sha256(f"{seed} {index} {attempt}".encode()).digest()
    return int.from_bytes(digest[:7], "big")


def _counter(card: ModelCard | None) -> Callable[[str], int]:
    """What counts tokens: the model's tokenizer, or an estimate where it is not there."""
    from zimg_kernel.errors import ZimgError
    from zimg_kernel.models.tokens import count_tokens
    from zimg_kernel.models.weights import tokenizer_folder
    from zimg_kernel.prompts.linter.rules.length import estimate

    try:
        folder = tokenizer_folder(card or get_card("z-image-turbo"))
    except (ZimgError, OSError):
        return lambda text: estimate(text)[1]
    return lambda text: count_tokens(text, folder)
