"""Model family: what differs between families of models, as one protocol."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from zimg_kernel.params import EditKind, GenerationParams

from .reading import ReadPrompt, Use

if TYPE_CHECKING:
    import torch

    from zimg_kernel.models.card import ModelCard
    from zimg_kernel.models.load_profile import LoadProfile
    from zimg_kernel.models.loaded_model import LoadedModel

StepCallback = Callable[[int, "torch.Tensor"], bool]
"""Gets a step's index from 0 and the latents after it; returns whether to stop."""


class LoraLoader(Protocol):
    """Reading of LoRA files into a family's models by the library that draws with them."""

    also: Mapping[str, str]
    """What other code calls layers of the model, and their names in it."""

    def state_dict(self, named: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Return tensors named ``diffusion_model.LAYER...`` as ``load`` takes them."""

    def load(
        self, weights: dict[str, torch.Tensor], model: Any, adapter: str, settings: Any
    ) -> None:
        """Put weights into a model as the adapter of this name; settings are peft's, or None."""


class ModelFamily(Protocol):
    """Models that are read, drawn with and edited in the same way.

    A family is a class derived from this one, without state, registered under a name by
    :func:`zimg_kernel.families.register_family`; a card names it as ``family``. What has a
    default here suits diffusers' pipelines of latents with an ``AutoencoderKL``. Importing it
    must not import torch.
    """

    title: str
    """Name for messages."""

    side_multiple: int = 8
    """Pixels of which each side of a picture is a multiple."""

    cell: int = 8
    """Pixels of a side of a latent cell."""

    channels: int = 4
    """Channels of the latents."""

    samplers: tuple[str, ...] = ("euler",)
    """Values of ``sampler`` that it knows."""

    spacings: tuple[str, ...] = ("linear",)
    """Values of ``sigmas`` that it knows."""

    midway_samplers: tuple[str, ...] = ("euler",)
    """Samplers that can begin on the way, as edits do."""

    without_effect: frozenset[str] = frozenset()
    """Parameters that it does not use, such as ``shift``."""

    dtypes: tuple[str, ...] = ("bfloat16", "float32")
    """Number formats that it can draw in, as torch calls them."""

    speeds: tuple[str, ...] = ("stock",)
    """Ways of computing that it has, as a load profile's ``speed`` names them."""

    fp8_layers: str = ""
    """Pattern of the whole names of a transformer's layers that ``fast`` keeps in 8 bits."""

    no_guidance: float = 0.0
    """Guidance at which, and below which, there is none and the negative prompt is not read."""

    closed_vocabulary: bool = False
    """Whether it knows few words, and prompts are captions of its own kind."""

    knows: str = ""
    """What a model of a closed vocabulary can draw, as "knows ... only"."""

    other_files: str = ""
    """Family of a card that is like one of this family and names other files, if another."""

    def read_prompt(self, text: str, use: Use) -> ReadPrompt:
        """Return a text as the text encoder gets it, and what the user should know."""
        return ReadPrompt(text)

    @abstractmethod
    def count_tokens(self, files: Path, text: str) -> int:
        """Return how many tokens a text gives the text encoder.

        Parameters
        ----------
        files : Path
            A folder that holds the model's ``tokenizer``.
        text : str
            As the family reads it.
        """

    def check(self, params: GenerationParams, card: ModelCard) -> list[str]:
        """Return warnings about parameters that are filled in; raise BadInput to refuse them."""
        return []

    @abstractmethod
    def encode(self, model: LoadedModel, text: str, use: Use) -> Any:
        """Return the condition that a text is, kept in memory and given to :meth:`call`."""

    def with_noise(self, condition: Any, amount: float, seed: int) -> Any:
        """Return a condition with noise of ``embedding_noise``; itself where that is 0."""
        return condition

    @abstractmethod
    def scheduler(
        self, model: LoadedModel, params: GenerationParams, generator: torch.Generator
    ) -> Any:
        """Return a scheduler for one picture; samplers with noise draw it from the generator."""

    @abstractmethod
    def start(
        self, model: LoadedModel, params: GenerationParams, generator: torch.Generator
    ) -> torch.Tensor:
        """Return the latents (1, channels, height / cell, width / cell) to begin with."""

    @abstractmethod
    def call(
        self,
        pipe: Any,
        params: GenerationParams,
        prompt: Any,
        negative: Any,
        on_step: StepCallback,
        **more: Any,
    ) -> torch.Tensor:
        """Run a pipeline and return the latents of the picture.

        Parameters
        ----------
        pipe : diffusers pipeline
            The model's own or one of :meth:`edit_pipeline`, with the scheduler of the picture.
        prompt, negative
            Conditions; the negative one is None where there is no guidance.
        on_step : callable
            To be called after each step.
        **more
            ``latents`` to begin with; in edits ``generator``, ``image``, ``strength``,
            ``mask_image``, ``control_image`` and ``controlnet_conditioning_scale`` as
            diffusers' pipelines call them.
        """

    def expected(
        self, before: torch.Tensor, after: torch.Tensor, scheduler: Any, index: int
    ) -> torch.Tensor:
        """Return the latents that the model expects at the end, for a preview.

        Parameters
        ----------
        before, after : Tensor
            Latents before and after a step.
        scheduler
            That of the picture, set to its steps.
        index : int
            Of the step among all steps of the scheduler.
        """
        return after

    def decode(self, model: LoadedModel, latents: torch.Tensor) -> torch.Tensor:
        """Return the pixels (1, 3, height, width) of latents, -1 to 1."""
        vae = model.pipe.vae
        config = vae.config
        shift = getattr(config, "shift_factor", None) or 0.0
        scaled = latents.to(vae.dtype) / config.scaling_factor + shift
        pixels: torch.Tensor = vae.decode(scaled, return_dict=False)[0]
        return pixels

    def residence(self, folder: Path, profile: LoadProfile, card: ModelCard, room: float) -> Any:
        """Return what of a model stays on the device with so many bytes for this process.

        Returns
        -------
        residence or None
            For :meth:`speed_up`; None where the family knows no way, or not with so few.
        """
        return None

    def has_runtime(self, card: ModelCard, runtime: str) -> bool:
        """Return whether a load profile may name this ``runtime`` for a model."""
        return runtime == "torch"

    def components(self, card: ModelCard, folder: Path, profile: LoadProfile) -> dict[str, Any]:
        """Return the modules of a profile's runtime, which stand for those of the files."""
        return {}

    def speed_up(self, model: LoadedModel, residence: Any) -> None:
        """Put faster ways of computing into a model that has just been loaded.

        Parameters
        ----------
        residence
            That of :meth:`residence`, for which the parts are still in RAM; None where all of
            them are on the device.
        """

    def edit_kinds(self, card: ModelCard) -> tuple[EditKind, ...]:
        """Return the kinds of edits that a model can do."""
        return ()

    def edit_pipeline(
        self,
        model: LoadedModel,
        kind: EditKind,
        *,
        controlnet: Any = None,
        tile: tuple[int, int] | None = None,
    ) -> Any:
        """Return the pipeline that does a kind of edit with a model's components.

        Parameters
        ----------
        kind : str
            One of :meth:`edit_kinds`.
        controlnet
            That of :meth:`load_controlnet`, where a control map is to be followed.
        tile : (width, height), optional
            For an enlargement: the pixels that are drawn at a time.
        """
        raise NotImplementedError

    def load_controlnet(self, model: LoadedModel, path: Path) -> Any:
        """Return the ControlNet in a folder or file, on the model's device."""
        raise NotImplementedError

    def lora_loader(self) -> LoraLoader | None:
        """Return what reads LoRA files, or None if the family has no LoRAs."""
        return None


def stop_by(on_step: StepCallback) -> Callable[..., dict[str, Any]]:
    """Return a ``callback_on_step_end`` for diffusers' pipelines that can be interrupted."""

    def after_step(pipe: Any, index: int, _time: Any, state: dict[str, Any]) -> dict[str, Any]:
        if on_step(index, state["latents"]):
            pipe._interrupt = True
        return {}

    return after_step
