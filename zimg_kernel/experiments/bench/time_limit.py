"""Calls with a time limit, in threads that may be left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from zimg_kernel.errors import ZimgError

Value = TypeVar("Value")


class NoAnswerError(ZimgError):
    """A call did not come back in time.

    Attributes
    ----------
    gone : bool
        Whether it did not come back even after it was cancelled: its thread still runs.
    """

    default_code = "no-answer"
    gone = False


class _Call(Generic[Value]):
    """A function's call in a thread of its own, and what came of it."""

    def __init__(self, function: Callable[[], Value]) -> None:
        self.value: Value | None = None
        self.error: BaseException | None = None
        self._function = function
        self.thread = threading.Thread(target=self._work, name="zimg-bench", daemon=True)
        self.thread.start()

    def _work(self) -> None:
        try:
            self.value = self._function()
        except BaseException as error:
            self.error = error


def within(
    seconds: float,
    function: Callable[[], Value],
    cancel: Callable[[], None],
    grace: float = 10.0,
) -> Value:
    """Return what a function returns, or give up after a time.

    Parameters
    ----------
    seconds : float
        The limit.
    function : callable
        Runs in a thread of its own. One that does not end stays behind: no thread can be killed.
    cancel : callable
        Asks the function to end; called after the limit, and at an interrupt.
    grace : float
        Seconds to wait for it to obey.

    Raises
    ------
    NoAnswerError
        It did not end in time.
    """
    call = _Call(function)
    try:
        call.thread.join(seconds)
    except BaseException:
        cancel()
        call.thread.join(grace)
        raise
    if call.thread.is_alive():
        cancel()
        call.thread.join(grace)
        late = NoAnswerError(
            f"It did not answer within {seconds:g} s.", code="no-answer", field="time_limit"
        )
        late.gone = call.thread.is_alive()
        raise late
    if call.error is not None:
        raise call.error
    return call.value  # type: ignore[return-value]  # no error, so there is a value
