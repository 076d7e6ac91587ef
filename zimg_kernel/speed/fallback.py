"""Return to the stock modules where the faster parts fail on a machine."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from zimg_kernel.models.device import is_out_of_memory

_log = logging.getLogger(__name__)


class Fallback:
    """Runs a faster part, and from its first failure on the stock one.

    Triton builds its kernels when they are first used, for which a machine may lack a compiler,
    and drivers differ: a picture that is slower is better than none. Running out of memory, which
    the stock modules would not mend, is no such failure.

    Parameters
    ----------
    name : str
        What it is, for the log.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.failure: str | None = None

    def run(self, fast: Callable[[], Any], stock: Callable[[], Any]) -> Any:
        """Return what the faster part makes, or the stock one where that has failed."""
        if self.failure is None:
            try:
                return fast()
            except Exception as error:
                if is_out_of_memory(error):
                    raise
                self.failure = f"{type(error).__name__}: {error}".splitlines()[0][:300]
                _log.warning(
                    "The faster %s does not work here (%s); diffusers' own is used from now on.",
                    self.name,
                    self.failure,
                )
        return stock()
