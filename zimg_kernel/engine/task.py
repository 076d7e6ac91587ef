"""Tasks that run on a loaded model between pictures, for example text generation."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import JobCancelled

if TYPE_CHECKING:
    from zimg_kernel.models.catalog import ModelCard
    from zimg_kernel.models.loaded_model import LoadedModel


class ModelTask(Future[Any]):
    """Callable queued on the engine's worker thread; a future of what it returns.

    Parameters
    ----------
    card : ModelCard
        The model that it needs.
    work : callable
        Gets the loaded model and a function that says whether to stop. It runs in the thread
        that draws, and must not keep the model.
    """

    def __init__(
        self, card: ModelCard, work: Callable[[LoadedModel, Callable[[], bool]], Any]
    ) -> None:
        super().__init__()
        self.card = card
        self._work: Callable[[LoadedModel, Callable[[], bool]], Any] | None = work
        self._stop = threading.Event()

    def stop(self) -> None:
        """Cancel if it waits; ask it to stop if it runs."""
        self._stop.set()
        self.cancel()

    def run(self, load: Callable[[ModelCard], LoadedModel]) -> Exception | None:
        """Run on the engine's thread; return the exception instead of raising it.

        Parameters
        ----------
        load : callable
            Returns the model of a card.
        """
        work, self._work = self._work, None
        if work is None or not self.set_running_or_notify_cancel():
            return None
        try:
            answer = work(load(self.card), self._stop.is_set)
        except Exception as error:
            return error
        if self._stop.is_set():
            return JobCancelled("It was stopped before it had finished.", code="cancelled")
        self.set_result(answer)
        return None
