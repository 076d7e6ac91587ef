"""Engine for one caller: the service's, whose every request goes through the context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zimg_kernel.engine.job import Job
from zimg_kernel.params import GenerationParams

from .caller import Caller
from .served import Served

if TYPE_CHECKING:
    from .context import ServiceContext


class CallerEngine:
    """What functions that take an engine, such as those of edits, may be given.

    Parameters
    ----------
    context : ServiceContext
    caller : Caller
    **options
        Of :meth:`ServiceContext.serve`.

    Attributes
    ----------
    served : list of Served
        What was asked for so far.
    """

    def __init__(self, context: ServiceContext, caller: Caller, **options: Any) -> None:
        self._context, self._caller, self._options = context, caller, options
        self.served: list[Served] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context.engine, name)

    def submit(self, params: GenerationParams, **options: Any) -> Job:
        """Hand a request to the context; see :meth:`ServiceContext.submit`."""
        wanted = {**options, **self._options}
        served = self._context.serve(params, self._caller, **wanted)
        self.served.append(served)
        return served.job
