"""Loading of diffusers pipelines, and the store of loaded models.

Models whose files are equal share components in memory.

Modules are made by :mod:`zimg_kernel.models.component_loading`, or by ``from_pretrained`` where
that leaves them to it.
"""

from __future__ import annotations

import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import BadInput, ZimgError, ZimgWarning
from zimg_kernel.families.registry import family_of

from . import device as devices
from .catalog import ModelCard
from .component_loading import Components, Fp8Places, module_class
from .diffusers_folder import weighted_components
from .fingerprints import fingerprints
from .fp8_file import find_fp8
from .libraries import import_libraries
from .load_profile import LoadProfile, profile_of
from .loaded_model import LoadedModel, pipeline_class
from .memory import bytes_needed, bytes_per_pixel, check_ram, does_not_fit
from .weight_samples import samples_of

if TYPE_CHECKING:
    import torch


_Key = tuple[str, LoadProfile]


def load_model(
    card: ModelCard,
    folder: Path,
    device: torch.device,
    shared: dict[str, Any],
    offload: bool,
    profile: LoadProfile | None = None,
    residence: Any = None,
) -> LoadedModel:
    """Load a pipeline from a complete folder.

    Parameters
    ----------
    card, folder
        The model and its files.
    device : torch.device
        The device that runs it.
    shared : dict of str to module
        Modules already in memory by fingerprint; equal ones are used again.
    offload : bool
        Keep the parts in RAM and bring each to the GPU when its turn comes (diffusers'
        model offload): slower, for cards on which not all of it fits.
    profile : LoadProfile, optional
        How it is loaded; as settings and card ask for otherwise.
    residence
        What of it stays on the device, of its family's own; with ``offload`` only.
    """
    import_libraries()
    import diffusers
    import torch
    import transformers

    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    profile = profile or profile_of(card, device)
    profile.require_possible(card, device)
    dtype = profile.torch_dtype
    prints = fingerprints(folder, profile)
    reused = {name: shared[value] for name, value in prints.items() if value in shared}
    if profile.runtime != "torch" and not set(prints) <= set(reused):
        reused |= family_of(card).components(card, folder, profile)
    fp8 = find_fp8(card, folder) if profile.speed == "fast" else None
    place = torch.device("cpu") if offload else device
    pipe = _pipeline(card, folder, dtype, place, reused, fp8)
    pipe.set_progress_bar_config(disable=True)
    transformer = getattr(pipe, "transformer", None)
    if profile.attention and transformer is not None:
        transformer.set_attention_backend(profile.attention)
    if offload and residence is None:
        pipe.enable_model_cpu_offload(device=device)
    model = LoadedModel(
        card=card,
        folder=folder,
        pipe=pipe,
        device=device,
        dtype=dtype,
        fingerprints=prints,
        offloaded=offload,
        base_scheduler=pipe.scheduler,
        profile=profile,
    )
    if residence is not None or not offload:
        family_of(card).speed_up(model, residence)
    if not offload:
        pipe.to(device)
    if transformer is not None:
        model.samples = samples_of(transformer)
    return model


def _pipeline(
    card: ModelCard,
    folder: Path,
    dtype: torch.dtype,
    place: torch.device,
    reused: dict[str, Any],
    fp8: Fp8Places | None = None,
) -> Any:
    """Return a folder's pipeline around modules that are there; the others are loaded.

    They are read straight to their place where that is possible, else by ``from_pretrained``.
    """
    kind = pipeline_class(card.pipeline)
    read = partial(kind.from_pretrained, folder, dtype=dtype, local_files_only=True)
    wanted = [name for name in weighted_components(folder) if name not in reused]
    try:
        with Components(folder, wanted, dtype, place, fp8) as components:
            return read(use_safetensors=True, **_all(folder, dtype, reused | components.modules))
    except (ZimgError, BadInput):
        raise
    except Exception as error:
        if devices.is_out_of_memory(error):
            raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    devices.release_memory(place)
    pipe = read(use_safetensors=True, **_all(folder, dtype, reused))  # or it tells the fault
    warnings.warn(
        ZimgWarning(
            f"{card.title} was loaded by diffusers' own way, which takes longer, as the quicker "
            f"one failed ({reason}).",
            code="loaded-slowly",
            field="model",
        ),
        stacklevel=2,
    )
    return pipe


def _all(folder: Path, dtype: torch.dtype, modules: dict[str, Any]) -> dict[str, Any]:
    """Return modules, with the transformer among them if the folder has one."""
    if "transformer" in weighted_components(folder) and "transformer" not in modules:
        return modules | {"transformer": load_transformer(folder, dtype)}
    return modules


def load_transformer(folder: Path, dtype: torch.dtype) -> torch.nn.Module:
    """Load a model's transformer by ``from_pretrained``.

    Whatever replaces it must be called like diffusers' ``ZImageTransformer2DModel`` and have
    its ``config``, ``dtype`` and ``in_channels``.
    """
    kind = module_class(*weighted_components(folder)["transformer"])
    module: torch.nn.Module = kind.from_pretrained(
        folder / "transformer", dtype=dtype, local_files_only=True, use_safetensors=True
    )
    return module.eval()


class ModelStore:
    """The models in memory: loaded at first use, the longest unused unloaded for room."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._loaded: dict[_Key, LoadedModel] = {}  # the last used comes last

    @property
    def loaded(self) -> list[str]:
        """Ids of the models in memory, the longest unused first."""
        return list(dict.fromkeys(name for name, _ in reversed(self._loaded)))[::-1]

    def get(self, card: ModelCard, folder: Path, profile: LoadProfile | None = None) -> LoadedModel:
        """Return a model, loading it if needed and unloading others for room.

        Parameters
        ----------
        card, folder
            The model and its files.
        profile : LoadProfile, optional
            How it shall stand in memory, beside other profiles of the same model; as settings
            and card ask for otherwise.

        Raises
        ------
        OutOfMemory
            It does not fit even with everything else unloaded.
        """
        profile = profile or profile_of(card, self.device)
        profile.require_possible(card, self.device)
        key = (card.id, profile)
        model = self._loaded.pop(key, None)
        if model is not None and (model.card, model.folder) != (card, folder):
            model = None  # its card was changed
        if model is None:
            for other in [k for k, m in self._loaded.items() if k[0] == card.id and m.card != card]:
                del self._loaded[other]
            offload, residence = self._make_room(card, folder, profile)
            model = self._load(card, folder, offload, profile, residence)
        self._loaded[key] = model
        return model

    def find(self, model_id: str) -> LoadedModel | None:
        """Return a model if it is in memory; of several profiles, the last used."""
        found = [model for (name, _), model in self._loaded.items() if name == model_id]
        return found[-1] if found else None

    def unload(self, model_id: str | None = None) -> None:
        """Unload one model in all its profiles, or all models, and release their memory."""
        for key in list(self._loaded):
            if model_id is None or key[0] == model_id:
                del self._loaded[key]
        devices.release_memory(self.device)

    def _load(
        self,
        card: ModelCard,
        folder: Path,
        offload: bool,
        profile: LoadProfile,
        residence: Any = None,
    ) -> LoadedModel:
        shared = {} if offload else self._modules()
        try:
            return load_model(card, folder, self.device, shared, offload, profile, residence)
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
                changed = model.samples is not None and model.samples.changed()
                for name, value in model.fingerprints.items():
                    if not (changed and name == "transformer"):
                        modules[value] = getattr(model.pipe, name)
        return modules

    def _make_room(self, card: ModelCard, folder: Path, profile: LoadProfile) -> tuple[bool, Any]:
        """Unload what is in the way; return whether parts must wait in RAM, and which."""
        cuda = self.device.type == "cuda"
        if profile.offload == "model":
            return cuda, None
        dtype = profile.torch_dtype
        names = list(weighted_components(folder))
        sizes = bytes_needed(folder, names, dtype)
        width, height = card.default_size
        picture = width * height * bytes_per_pixel(folder, dtype)
        prints = fingerprints(folder, profile)
        while True:
            there = self._modules()
            need = sum(size for name, size in sizes.items() if prints[name] not in there)
            if need + picture <= devices.free_bytes(self.device, profile.memory):
                return False, None
            if not self._loaded:
                break
            del self._loaded[next(iter(self._loaded))]
            devices.release_memory(self.device)
        free = devices.free_bytes(self.device, profile.memory)
        may = cuda and profile.offload != "never" and profile.split == 1
        if may and profile.speed != "stock":
            room = free + devices.own_bytes(self.device)
            residence = family_of(card).residence(folder, profile, card, room)
            if residence is not None:
                if residence.waits:
                    check_ram(card, sum(sizes.values()))
                    devices.grow_segments(self.device)
                return residence.waits, residence if residence.waits else None
        if may and max(sizes.values(), default=0) + picture <= free:
            return True, None
        raise does_not_fit(card, self.device, need + picture, free)
