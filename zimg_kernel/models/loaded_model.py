"""Loaded models: a pipeline in memory with its card, device and fingerprints."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import BadInput

from .catalog import ModelCard

if TYPE_CHECKING:
    import torch

    from zimg_kernel.sampling.latent_preview import LatentColours

    from .load_profile import LoadProfile
    from .weight_samples import WeightSamples


@dataclass
class LoadedModel:
    """A pipeline in memory, with its card, device and fingerprints.

    Attributes
    ----------
    pipe : diffusers pipeline
        The pipeline itself, ready to be called.
    fingerprints : dict of str to str
        An identity for each component with weights; equal components have equal ones.
    offloaded : bool
        Whether its parts wait in RAM and visit the GPU in turn.
    base_scheduler : diffusers scheduler
        The model's own; each picture's is made from it.
    samples : WeightSamples or None
        Of the transformer's weights, as they were when they were read.
    colours : LatentColours or None
        The state of its quick previews.
    derived : dict of str to pipeline
        Pipelines of other kinds (:meth:`as_pipeline`) made of the same components.
    extras : dict of str to module
        Modules beyond the pipeline's own that go when it goes, such as a ControlNet.
    profile : LoadProfile or None
        How it was loaded.
    speed : Installed or None
        Faster ways of computing that its family has put in.
    """

    card: ModelCard
    folder: Path
    pipe: Any
    device: torch.device
    dtype: torch.dtype
    fingerprints: dict[str, str]
    offloaded: bool = False
    base_scheduler: Any = field(default=None, repr=False)
    samples: WeightSamples | None = field(default=None, repr=False)
    colours: LatentColours | None = field(default=None, repr=False)
    derived: dict[str, Any] = field(default_factory=dict, repr=False)
    extras: dict[str, Any] = field(default_factory=dict, repr=False)
    profile: LoadProfile | None = None
    speed: Any = field(default=None, repr=False)

    @property
    def in_torch(self) -> bool:
        """Whether torch runs its modules, whose weights are then there to read and to change."""
        return self.profile is None or self.profile.runtime == "torch"

    def require_own_weights(self) -> None:
        """Refuse to draw with weights that are no longer those of the model's files.

        Raises
        ------
        BadInput
            They have been changed in memory: a picture's record would not tell it.
        """
        if self.samples is not None and self.samples.changed():
            raise self.with_other_weights()

    def with_other_weights(self) -> BadInput:
        """Return what to tell of weights that were changed in memory.

        Neither unloading a fused adapter nor taking its change back restores them to the bit.
        """
        return BadInput(
            f"The weights of {self.card.title} were changed in memory, as a LoRA fused into them "
            "does even when it is unloaded, which no picture's record would tell: read them anew "
            f"with zimg_kernel.default_engine().unload({self.card.id!r}), and name LoRA files in "
            "loras=.",
            code="weights-changed",
            field="model",
        )

    def as_pipeline(self, name: str, *, called: str = "", **more: Any) -> Any:
        """Return a pipeline of another class of diffusers that shares every component.

        Parameters
        ----------
        name : str
            A class of diffusers, such as ``ZImageInpaintPipeline``.
        called : str
            Tells apart several of one class; one of each is kept.
        **more
            Components that only that class has, such as a ControlNet.
        """
        pipe = self.derived.get(called or name)
        if pipe is None:
            kind = pipeline_class(name)
            wanted = set(inspect.signature(kind.__init__).parameters) - set(more)
            parts = {key: part for key, part in self.pipe.components.items() if key in wanted}
            # Not from_pipe(), which would cast the shared modules to float32.
            pipe = self.derived[called or name] = kind(**parts, **more)
            pipe.set_progress_bar_config(disable=True)
        return pipe


def pipeline_class(name: str) -> Any:
    """Return a pipeline class by its name in diffusers, or by its dotted path elsewhere."""
    module, _, kind = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module or "diffusers"), kind)
    except (ImportError, AttributeError):
        raise BadInput(
            f"There is no pipeline {name}: a card's pipeline names a class of diffusers, such as "
            "ZImagePipeline, or package.file.Class.",
            code="unknown-pipeline",
            field="pipeline",
        ) from None
