"""Load diffusers pipelines; models whose files are equal share components in memory.

:func:`load_transformer` is the one place where a transformer enters a pipeline: a faster
drop-in with the same call goes in there.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import device as devices
from .catalog import ModelCard
from .folder import read_header, weight_files, weighted_components
from .memory import bytes_needed, bytes_per_pixel, does_not_fit
from .params import BadInput

if TYPE_CHECKING:
    import torch

    from .preview import LatentColours

_SAMPLES = 16  # places of a weights file that enter its fingerprint ...
_SAMPLE_BYTES = 4096  # ... each so long


@dataclass
class LoadedModel:
    """A pipeline in memory, with what the engine needs to know of it.

    Attributes
    ----------
    pipe : diffusers pipeline
        The pipeline itself, ready to be called.
    fingerprints : dict of str to str
        For each component with weights, what tells it from others.
    offloaded : bool
        Whether its parts wait in RAM and visit the GPU in turn.
    base_scheduler : diffusers scheduler
        The model's own, from which each picture's is made.
    colours : LatentColours or None
        What its quick previews have learned so far.
    derived : dict of str to pipeline
        Pipelines of other kinds (:meth:`as_pipeline`) made of the same components.
    """

    card: ModelCard
    folder: Path
    pipe: Any
    device: torch.device
    dtype: torch.dtype
    fingerprints: dict[str, str]
    offloaded: bool = False
    base_scheduler: Any = field(default=None, repr=False)
    colours: LatentColours | None = field(default=None, repr=False)
    derived: dict[str, Any] = field(default_factory=dict, repr=False)

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


def fingerprint(folder: Path, dtype: torch.dtype) -> str:
    """Return what is equal for equal components: config, tensor names and shapes, samples.

    The weights are sampled rather than read whole (32 GB would take minutes): two trained
    models differ in nearly every byte, so 16 places of each file tell them apart.
    """
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    kept = {key: value for key, value in config.items() if not key.startswith("_")}
    digest = hashlib.sha256(json.dumps(kept, sort_keys=True).encode())
    for path in weight_files(folder):
        digest.update(json.dumps(read_header(path), sort_keys=True).encode())
        size = path.stat().st_size
        with path.open("rb") as file:
            for place in range(_SAMPLES):
                file.seek(max(0, size - _SAMPLE_BYTES) * (place + 1) // _SAMPLES)
                digest.update(file.read(_SAMPLE_BYTES))
    return f"{digest.hexdigest()[:32]}-{dtype}"


def load_model(
    card: ModelCard, folder: Path, device: torch.device, shared: dict[str, Any], offload: bool
) -> LoadedModel:
    """Load a pipeline from a complete folder.

    Parameters
    ----------
    card, folder
        The model and its files.
    device : torch.device
        Where it shall run.
    shared : dict of str to module
        Modules already in memory by fingerprint; equal ones are used again.
    offload : bool
        Keep the parts in RAM and bring each to the GPU when its turn comes (diffusers'
        model offload): slower, for cards on which not all of it fits.
    """
    import diffusers
    import transformers

    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    dtype = devices.pick_dtype(card, device)
    prints = {name: fingerprint(folder / name, dtype) for name in weighted_components(folder)}
    reused = {name: shared[value] for name, value in prints.items() if value in shared}
    if "transformer" in prints and "transformer" not in reused:
        reused["transformer"] = load_transformer(folder, dtype)
    # Loaded in the format that is used: casting afterwards spoils Qwen3's rotary buffers.
    pipe = pipeline_class(card.pipeline).from_pretrained(
        folder, dtype=dtype, local_files_only=True, use_safetensors=True, **reused
    )
    pipe.set_progress_bar_config(disable=True)
    if offload:
        pipe.enable_model_cpu_offload(device=device)
    else:
        pipe.to(device)
    return LoadedModel(
        card=card,
        folder=folder,
        pipe=pipe,
        device=device,
        dtype=dtype,
        fingerprints=prints,
        offloaded=offload,
        base_scheduler=pipe.scheduler,
    )


def pipeline_class(name: str) -> Any:
    """Return a pipeline class by its name in diffusers, or by its dotted path elsewhere."""
    module, _, kind = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module or "diffusers"), kind)
    except (ImportError, AttributeError):
        raise BadInput(
            f"There is no pipeline {name}: a card's pipeline names a class of diffusers, such as "
            "ZImagePipeline, or package.file.Class."
        ) from None


def load_transformer(folder: Path, dtype: torch.dtype) -> torch.nn.Module:
    """Load a model's transformer.

    Whatever replaces it must be called like diffusers' ``ZImageTransformer2DModel`` and have
    its ``config``, ``dtype`` and ``in_channels``.
    """
    library, name = weighted_components(folder)["transformer"]
    module_class = getattr(importlib.import_module(library), name)
    module: torch.nn.Module = module_class.from_pretrained(
        folder / "transformer", dtype=dtype, local_files_only=True, use_safetensors=True
    )
    return module.eval()


class ModelStore:
    """The models in memory: loads when first used, unloads the longest unused for room."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._loaded: dict[str, LoadedModel] = {}  # the last used comes last

    @property
    def loaded(self) -> list[str]:
        """Ids of the models in memory, the longest unused first."""
        return list(self._loaded)

    def get(self, card: ModelCard, folder: Path) -> LoadedModel:
        """Return a model, loaded if it was not; others make room where it must be.

        Raises
        ------
        OutOfMemory
            It does not fit even with everything else unloaded.
        """
        model = self._loaded.pop(card.id, None)
        if model is not None and (model.card, model.folder) != (card, folder):
            model = None  # its card was changed
        if model is None:
            offload = self._make_room(card, folder)
            model = self._load(card, folder, offload)
        self._loaded[card.id] = model
        return model

    def find(self, model_id: str) -> LoadedModel | None:
        """Return a model if it is in memory."""
        return self._loaded.get(model_id)

    def unload(self, model_id: str | None = None) -> None:
        """Forget one model, or all, and give their memory back."""
        if model_id is None:
            self._loaded.clear()
        else:
            self._loaded.pop(model_id, None)
        devices.give_back(self.device)

    def _load(self, card: ModelCard, folder: Path, offload: bool) -> LoadedModel:
        shared = {} if offload else self._modules()
        try:
            return load_model(card, folder, self.device, shared, offload)
        except Exception as error:
            if not devices.is_out_of_memory(error):
                raise
        shared.clear()
        self.unload()
        raise does_not_fit(card, self.device, None)

    def _modules(self) -> dict[str, Any]:
        modules = {}
        for model in self._loaded.values():
            if not model.offloaded:
                for name, value in model.fingerprints.items():
                    modules[value] = getattr(model.pipe, name)
        return modules

    def _make_room(self, card: ModelCard, folder: Path) -> bool:
        """Unload what is in the way; return whether the model must be offloaded."""
        dtype = devices.pick_dtype(card, self.device)
        names = list(weighted_components(folder))
        sizes = bytes_needed(folder, names, dtype)
        width, height = card.default_size
        picture = width * height * bytes_per_pixel(folder, dtype)
        prints = {name: fingerprint(folder / name, dtype) for name in names}
        while True:
            there = self._modules()
            need = sum(size for name, size in sizes.items() if prints[name] not in there)
            if need + picture <= devices.free_bytes(self.device):
                return False
            if not self._loaded:
                break
            self.unload(next(iter(self._loaded)))
        largest = max(sizes.values(), default=0)
        if self.device.type == "cuda" and largest + picture <= devices.free_bytes(self.device):
            return True
        raise does_not_fit(card, self.device, need + picture)
