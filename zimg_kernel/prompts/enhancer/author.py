"""Author of candidates: ask a source, check the answer, ask again, fall back on ready clauses."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from zimg_kernel.errors import BadInput, JobCancelled, ZimgError
from zimg_kernel.families.registry import family_of
from zimg_kernel.models.catalog import ModelCard, get_card
from zimg_kernel.prompts.text import language_of

from . import openai_client, text_encoder
from .candidates import Candidate, Enhancement, Made
from .checks import CandidateRefused, Checker
from .endpoint import Endpoint
from .instructions import messages
from .offline import expansions
from .text_encoder import EnhanceOptions, ModelAnswer

if TYPE_CHECKING:
    from zimg_kernel.engine.protocol import Engine
    from zimg_kernel.models.loaded_model import LoadedModel

_TRIES = 3  # attempts at one candidate
_LIMIT = 512  # tokens that the family's full-size models read
_POLL = 0.05  # seconds between two looks at whether to stop


class CannotWrite(Exception):
    """The text encoder turned out not to be able to write; says why where it is not its own."""


class AnswerSource(Protocol):
    """Writer of one answer at a time."""

    @property
    def made(self) -> Made:
        """Origin that its candidates name."""

    def write(self, messages: list[dict[str, str]], options: EnhanceOptions) -> ModelAnswer | None:
        """Return an answer, or None if it was stopped."""


@dataclass(frozen=True)
class EncoderSource:
    """Text encoder of a model in an engine.

    Each answer waits for its turn among the engine's pictures, and lets those that were asked
    for before the next answer go first.
    """

    engine: Engine
    model: str
    made: Made = "encoder"

    def write(self, messages: list[dict[str, str]], options: EnhanceOptions) -> ModelAnswer | None:
        """Return an answer, or None if it was stopped."""

        def work(model: LoadedModel, closing: Callable[[], bool]) -> ModelAnswer | None:
            if not text_encoder.can_write(model):
                return None
            stop = options.stop
            own = replace(options, stop=lambda: closing() or stop())
            return text_encoder.write(model, messages, own)

        try:
            task = self.engine.run(work, self.model)
        except BadInput as error:
            if error.code != "tasks-not-supported":
                raise
            raise CannotWrite("The engine is not in this process") from error
        while True:
            try:
                answer: ModelAnswer | None = task.result(_POLL)
            except (CancelledError, JobCancelled):
                return None
            except TimeoutError:
                if task.done():
                    raise
                if options.stop():
                    task.stop()
                continue
            if answer is None:
                raise CannotWrite
            return None if options.stop() else answer


@dataclass(frozen=True)
class EndpointSource:
    """Endpoint with OpenAI's chat protocol."""

    endpoint: Endpoint
    made: Made = "endpoint"

    def write(self, messages: list[dict[str, str]], options: EnhanceOptions) -> ModelAnswer | None:
        """Return an answer, or None if it was stopped."""
        answer = openai_client.write(self.endpoint, messages, options)
        return None if options.stop() else answer


@dataclass
class Author:
    """Author of the candidates for one prompt.

    Parameters
    ----------
    prompt : str
        The user's text.
    options : EnhanceOptions
        Of each answer; ``show`` and ``stop`` are set for each candidate.
    card : ModelCard or None
        The model that they are for; None for any full-size one.
    source : AnswerSource or None
        The writer; None for ready clauses only.

    Raises
    ------
    BadInput
        The prompt alone is longer than the model reads.
    """

    prompt: str
    options: EnhanceOptions
    card: ModelCard | None
    source: AnswerSource | None

    def __post_init__(self) -> None:
        self._limit = limit = self.card.max_tokens if self.card else _LIMIT
        self._count = _counter(self.card)
        tokens = self._count(self.prompt)
        if tokens > limit:
            raise BadInput(
                f"The prompt has {tokens} tokens already, and the model reads {limit}: shorten it.",
                code="prompt-too-long",
                field="prompt",
            )
        self._miniature = self.card is not None and family_of(self.card).closed_vocabulary
        self._language = language_of(self.prompt)
        self._checker = Checker(self.prompt, self._count, limit)
        self._refused: list[str] = []
        self._clauses = expansions(self.prompt, self.options.seed, self._miniature)

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
                count = len(handle.candidates)
                handle.notes.append(
                    f"There are no more than {count} different candidates from ready clauses."
                    if count
                    else "The prompt says all already that the ready clauses could add."
                )
                return
            handle.show(index, candidate.text)
            handle.add(candidate)

    def _why_offline(self, why: str = "") -> str:
        if not why:
            why = f"The text encoder of {self.card.id if self.card else 'this model'} cannot write"
        return (
            f"{why}, so these are put together from ready clauses; a full-size "
            "model or an endpoint (ZIMG_ENHANCER_URL) writes freely."
        )

    def _written(self, handle: Enhancement, index: int) -> Candidate | None:
        """Return a candidate by the source, or None if it has none to give."""
        self._refused = []
        for attempt in range(_TRIES if self.source else 0):
            assert self.source is not None
            why = self._refused[-1] if self._refused else ""
            options = replace(
                self.options,
                seed=_attempt_seed(self.options.seed, index, attempt),
                show=lambda text: handle.show(index, text),
                stop=lambda: handle.cancel_requested,
            )
            try:
                answer = self.source.write(messages(self.prompt, self._language, why), options)
            except CannotWrite as error:
                self.source = None
                handle.notes.append(self._why_offline(str(error)))
                return None
            if answer is None:
                handle.cancel()  # also where the engine was closed
                return None
            try:
                checked = self._checker.check(
                    answer.text, answer.cut_off, [each.text for each in handle.candidates]
                )
            except CandidateRefused as error:
                self._refused.append(str(error))
                continue
            return Candidate(
                checked.text,
                self._language,
                self.source.made,
                options.seed,
                checked.kept,
                checked.repaired,
                tuple(self._refused),
                self._notes(checked.text),
            )
        return None

    def _expanded(self, handle: Enhancement) -> Candidate | None:
        """Return the next candidate from ready clauses that is short enough, or None."""
        existing = {each.text for each in handle.candidates}
        text = next(
            (t for t in self._clauses if self._count(t) <= self._limit and t not in existing), None
        )
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
        seed, kept = self.options.seed, self._checker.named
        return Candidate(text, self._language, "offline", seed, kept, (), refused, notes)

    def _notes(self, text: str) -> tuple[str, ...]:
        """Return what the miniature does not know of a text that it is to draw."""
        if self.card is None:
            return ()
        read = family_of(self.card).read_prompt(text, "prompt")
        return (read.refusal,) if read.refusal else read.notes


def _attempt_seed(seed: int, index: int, attempt: int) -> int:
    """Return a seed for one attempt at one candidate, unlike those of its neighbours."""
    digest = hashlib.sha256(f"{seed} {index} {attempt}".encode()).digest()
    return int.from_bytes(digest[:7], "big")


def _counter(card: ModelCard | None) -> Callable[[str], int]:
    """Return a counter of tokens: the model's tokenizer, or an estimate where it is missing."""
    from zimg_kernel.models.weights import tokenizer_folder
    from zimg_kernel.prompts.linter.rules.length import estimate

    card = card or get_card("z-image-turbo")
    try:
        folder = tokenizer_folder(card)
    except (ZimgError, OSError):
        return lambda text: estimate(text)[1]
    return lambda text: family_of(card).count_tokens(folder, text)
