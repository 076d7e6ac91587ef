"""An errand: something else than a picture that is done with a model while it is in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import JobCancelled

if TYPE_CHECKING:
    from zimg_kernel.models.catalog import ModelCard
    from zimg_kernel.models.loaded_model import LoadedModel


class Errand(Future[Any]):
    """A function that waits for its turn among the pictures; a future of what it returns.

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
        """Do not begin, or end soon: what runs is asked to stop."""
        self._stop.set()
        self.cancel()

    def run(self, load: Callable[[ModelCard], LoadedModel]) -> Exception | None:
        """Do it, in the engine's thread; return what went wrong, which is for the engine to tell.

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
            return JobCancelled("It was stopped before it had finished.")
        self.set_result(answer)
        return None
