"""Who writes candidates: the engine's own text encoder, or an endpoint."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from zimg_kernel.errors import JobCancelled

from . import openai_client as remote
from . import text_encoder as local
from .candidates import Made
from .endpoint import Endpoint
from .text_encoder import Answer

if TYPE_CHECKING:
    from zimg_kernel.engine.local import LocalEngine
    from zimg_kernel.models.loaded_model import LoadedModel

_LOOK_EVERY = 0.05  # seconds between two looks at whether to stop


class CannotWrite(Exception):
    """The text encoder turned out not to be able to write."""


class Source(Protocol):
    """Writes one answer at a time."""

    @property
    def made(self) -> Made:
        """What its candidates say of how they were made."""

    def write(
        self,
        messages: list[dict[str, str]],
        seed: int,
        show: Callable[[str], None],
        stop: Callable[[], bool],
    ) -> Answer | None:
        """Return an answer, or None if it was stopped."""


@dataclass(frozen=True)
class EncoderSource:
    """The text encoder of a model in an engine of this process.

    Each answer waits for its turn among the engine's pictures, and lets those that were asked
    for before the next answer go first.
    """

    engine: LocalEngine
    model: str
    max_tokens: int
    temperature: float
    made: Made = "encoder"

    def write(
        self,
        messages: list[dict[str, str]],
        seed: int,
        show: Callable[[str], None],
        stop: Callable[[], bool],
    ) -> Answer | None:
        """Return an answer, or None if it was stopped."""

        def work(model: LoadedModel, closing: Callable[[], bool]) -> Answer | None:
            if not local.can_write(model):
                return None
            return local.write(
                model,
                messages,
                seed=seed,
                max_tokens=self.max_tokens,
                temperature=self.temperature,
                show=show,
                stop=lambda: closing() or stop(),
            )

        errand = self.engine.do(work, self.model)
        while True:
            try:
                answer: Answer | None = errand.result(_LOOK_EVERY)
            except (CancelledError, JobCancelled):
                return None
            except TimeoutError:
                if errand.done():
                    raise
                if stop():
                    errand.stop()
                continue
            if answer is None:
                raise CannotWrite
            return None if stop() else answer


@dataclass(frozen=True)
class EndpointSource:
    """An endpoint with OpenAI's chat protocol."""

    endpoint: Endpoint
    max_tokens: int
    temperature: float
    made: Made = "endpoint"

    def write(
        self,
        messages: list[dict[str, str]],
        seed: int,
        show: Callable[[str], None],
        stop: Callable[[], bool],
    ) -> Answer | None:
        """Return an answer, or None if it was stopped."""
        answer = remote.write(
            self.endpoint,
            messages,
            seed=seed,
            max_tokens=self.max_tokens,
            temperature=self.temperature,
            show=show,
            stop=stop,
        )
        return None if stop() else answer
