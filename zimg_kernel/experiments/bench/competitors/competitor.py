"""Competitor: anything that can be asked for a picture, and what it answers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

    from ..between_steps import BetweenSteps


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes
    ----------
    params : dict
        Parameters of ``GenerationParams`` beside the model; open ones are the competitor's.
    folder : Path
        Where pictures may be written.
    name : str
        Of this run, unique: for files.
    """

    params: dict[str, Any]
    folder: Path
    name: str


@dataclass
class Answer:
    """What a competitor gives back.

    Attributes
    ----------
    images : list of PIL.Image.Image
        The pictures; empty for what draws none.
    times, values, resources : dict of str to float
        What it measured itself, by the names of :data:`..result.EXPLAINED`. Where ``times`` has
        no ``total``, the clock around the call counts.
    steps : list of float
        Seconds of each step, where it can tell.
    params : dict
        The complete parameters, as far as they are known.
    path : Path or None
        The first picture's file, where it was written already.
    """

    images: list[Image] = field(default_factory=list)
    times: dict[str, float] = field(default_factory=dict)
    steps: list[float] = field(default_factory=list)
    values: dict[str, float] = field(default_factory=dict)
    resources: dict[str, float] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    path: Path | None = None


class Competitor:
    """Base of the competitors.

    ``ready`` and ``draw`` are called in a thread of the runner, one competitor at a time.

    Attributes
    ----------
    name : str
        Unique in a benchmark.
    kind : str
        See :class:`..result.CompetitorFacts`.
    in_process : bool
        Whether it draws in this process: RAM, CPU time and torch's memory of another one are not
        known here, and left out.
    """

    name: str
    kind: str
    in_process = True

    def ready(self) -> None:
        """Make the next :meth:`draw` a warm one: load what is not loaded. Its time is apart."""

    def warms(self, params: Mapping[str, Any]) -> Hashable | None:
        """Return what a run with these parameters makes ready for later ones; None for nothing.

        By itself the shape of a batch, for which kernels are chosen or compiled.
        """
        return tuple(params.get(name) for name in ("width", "height", "count"))

    def draw(self, request: Request) -> Answer:
        """Draw, and return when the pictures are on disk or at hand."""
        raise NotImplementedError

    def steps_alone(self, request: Request, between: BetweenSteps) -> dict[str, float]:
        """Draw some steps once more on one thread of a CPU; return what they spent.

        Parameters
        ----------
        request : Request
        between : BetweenSteps
            Reference workload to repeat after each step.

        Returns
        -------
        dict of str to float
            The figures ``alone_...`` and ``pace`` of :data:`..result.EXPLAINED`; none where it
            draws elsewhere or not by torch.
        """
        return {}

    def facts(self) -> dict[str, Any]:
        """Return what is known of it, ready for JSON; asked once, after the first picture."""
        return {}

    def cancel(self) -> None:
        """Stop what is being drawn, as far as that is possible; from another thread."""

    def recover(self) -> None:
        """Give memory back after it ran out."""

    def close(self) -> None:
        """Give everything back."""
