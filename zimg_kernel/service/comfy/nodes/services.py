"""What nodes are given: models, folders, and a way to draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from zimg_kernel.engine.job import Job
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.params import GenerationParams

from ..files import Folders

if TYPE_CHECKING:
    from zimg_kernel.engine.plan import Plan


class Submit(Protocol):
    """A way to draw."""

    def __call__(
        self, params: GenerationParams, *, key: str, plan: Plan | None, notes: tuple[str, ...]
    ) -> Job:
        """Hand a request on; ``key`` names it for ever, so that it is drawn once."""


@dataclass(frozen=True)
class Services:
    """What nodes are given.

    Attributes
    ----------
    engine : Engine
        Asked for its models; drawing goes through ``submit``.
    folders : Folders
    submit : callable
        See :class:`Submit`.
    """

    engine: Engine
    folders: Folders
    submit: Submit

    def ready(self) -> set[str]:
        """Return the ids of the models that can be loaded."""
        return {status.card.id for status in self.engine.models() if status.ready}


def local_submit(engine: Engine) -> Submit:
    """Return a way to draw with an engine directly, as tests and scripts do."""

    def submit(
        params: GenerationParams, *, key: str, plan: Any = None, notes: tuple[str, ...] = ()
    ) -> Job:
        return engine.submit(params, plan=plan, notes=notes, origin=key)

    return submit


Choices = Callable[[Services], list[str]]
