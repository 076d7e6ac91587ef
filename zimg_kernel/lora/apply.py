"""Application of LoRAs for one picture, and exact restoration of the transformer.

diffusers and peft load a LoRA by putting layers of their own around a transformer's. Here these
stand in the transformer only while a picture is drawn; in between they are kept aside, and the
transformer is what it was: the very same modules. So a LoRA cannot leak into the next picture,
into another model that shares the transformer, or into a pipeline that somebody holds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from zimg_kernel.errors import BadInput

from .adapter_places import bring_adapters
from .inspect import Look, require_loader
from .load import unloadable, weights_for_diffusers
from .matched import MatchedLora, match_lora
from .metadata import settings_digest
from .products import PRODUCTS, load_products

if TYPE_CHECKING:
    from torch import nn

    from zimg_kernel.models.loaded_model import LoadedModel

MOST_KEPT = 4  # files a transformer, besides those in use: a LoRA of Z-Image takes up to 0.7 GB
_PEFT = ("peft_config", "_hf_peft_config_loaded")  # what peft and diffusers note on a module


@dataclass
class ActiveLoras:
    """LoRAs that a picture is drawn with.

    Attributes
    ----------
    files : dict of str to str
        For the picture's ``versions``: ``"lora NAME"`` and the first 12 digits of the file's
        SHA-256.
    notes : tuple of str
        What the user should know.
    """

    files: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass
class _AdapterLayers:
    """The layers that peft put around a transformer's own, while they are not in it."""

    layers: dict[str, nn.Module] = field(default_factory=dict)
    originals: dict[str, nn.Module] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    files: OrderedDict[str, None] = field(default_factory=OrderedDict)  # adapters, last used last
    models: set[str] = field(default_factory=set)

    def put_in(self, transformer: nn.Module) -> None:
        _exchange(transformer, self.layers)
        vars(transformer).update(self.notes)

    def take_out(self, transformer: nn.Module) -> None:
        _exchange(transformer, self.originals)
        for name in _PEFT:
            if _noted(transformer, name):
                value = vars(transformer).pop(name)
                if isinstance(value, dict):  # a file read just now noted only itself
                    value = {**self.notes.get(name, {}), **value}
                self.notes[name] = value


# Layers live as long as their transformer; nothing in them leads back there.
_adapters_of: WeakKeyDictionary[nn.Module, _AdapterLayers] = WeakKeyDictionary()


@contextmanager
def apply_loras(
    model: LoadedModel, loras: Sequence[tuple[str, float] | MatchedLora]
) -> Iterator[ActiveLoras]:
    """Draw with LoRAs inside a ``with`` block; before and after it the model is as it was.

    Files are read when they are first needed or have changed; another weight needs no reading.
    With no LoRA, or weights of 0 only, nothing is touched. Adapters that somebody loaded into
    the pipeline by hand are set aside for the block, for a picture's record does not tell them.

    Parameters
    ----------
    model : LoadedModel
        Its transformer is what changes.
    loras : sequence of (str, float) or MatchedLora
        Names (:func:`zimg_kernel.lora.find_lora`) and weights, or what a request has found of
        them already; they act together.

    Yields
    ------
    ActiveLoras
        The files' hashes, for the picture.

    Raises
    ------
    BadInput
        A file is not there, no LoRA, or nothing of it fits the model.
    """
    transformer = getattr(model.pipe, "transformer", None)
    active = [lora for lora in loras if _weight(lora)]
    by_hand = _by_hand(transformer)
    if by_hand is None and not active:
        yield ActiveLoras()
        return
    if transformer is None:
        raise BadInput(
            f"{model.card.title} has no transformer that a LoRA could change.",
            code="lora-not-supported",
            field="loras",
        )
    if active and model.profile is not None:
        model.profile.require_loras(model.card)
    effect = ActiveLoras()
    if by_hand is not None:
        _refuse_fused(by_hand, model)
        by_hand.take_out(transformer)
        effect.notes = (
            "The adapters loaded into the pipeline by hand are not used here, for a picture's "
            "record does not tell them: name their files in loras=.",
        )
    adapters = None
    try:
        if active:
            adapters = _adapters_of.setdefault(transformer, _AdapterLayers())
            adapters.models.add(model.card.id)
            weights = _load_all(adapters, model, transformer, active, effect)
            adapters.put_in(transformer)
            _choose(adapters, transformer, weights)
            if model.offloaded:
                bring_adapters(
                    adapters.layers.values(),
                    weights,
                    model.device if model.speed is not None else None,
                )
        yield effect
    finally:
        if adapters is not None and adapters.layers:
            adapters.take_out(transformer)
        if by_hand is not None:
            by_hand.put_in(transformer)


def unload_loras(model: LoadedModel | str | None = None) -> None:
    """Forget the LoRAs read so far and give their memory back.

    Models need no cleaning: LoRAs are in them only while a picture is drawn.

    Parameters
    ----------
    model : LoadedModel or str, optional
        Only those of this model, or of the model of this id; all otherwise.
    """
    for transformer, adapters in list(_adapters_of.items()):
        if model is None:
            mine = True
        elif isinstance(model, str):
            mine = model in adapters.models
        else:
            mine = transformer is getattr(model.pipe, "transformer", None)
        if mine:
            _adapters_of.pop(transformer, None)


def loaded_loras(model: LoadedModel) -> int:
    """Return how many LoRA files are in memory for a model."""
    transformer = getattr(model.pipe, "transformer", None)
    adapters = _adapters_of.get(transformer) if transformer is not None else None
    return len(adapters.files) if adapters else 0


def _load_all(
    adapters: _AdapterLayers,
    model: LoadedModel,
    transformer: nn.Module,
    loras: Sequence[tuple[str, float] | MatchedLora],
    effect: ActiveLoras,
) -> dict[str, float]:
    """Read what has not been read yet; return the weight of each adapter."""
    weights: dict[str, float] = {}
    for given in loras:
        if isinstance(given, MatchedLora):
            lora = given.current(model.card, model.folder)
        else:
            lora = match_lora(*given, model.card, model.folder)
        digest = lora.sha256()
        # A changed file is another adapter, as is an equal one with other settings beside it.
        adapter = f"file{digest[:24]}{settings_digest(lora.look.metadata)}"
        if adapter not in adapters.files:
            _load(adapters, model, transformer, lora.look, adapter)
        adapters.files[adapter] = None
        adapters.files.move_to_end(adapter)
        weights[adapter] = weights.get(adapter, 0.0) + lora.weight
        effect.files[f"lora {lora.name}"] = digest[:12]
    return weights


def _weight(lora: tuple[str, float] | MatchedLora) -> float:
    return lora.weight if isinstance(lora, MatchedLora) else lora[1]


def _load(
    adapters: _AdapterLayers, model: LoadedModel, transformer: nn.Module, seen: Look, adapter: str
) -> None:
    from .in_place import let_add_in_place
    from .magnitudes import put_magnitudes

    loader = require_loader(model.card)
    product = bool(PRODUCTS & set(seen.report.kinds))
    weights, settings = ({}, None) if product else weights_for_diffusers(seen, loader)
    own = {path: module for path, module in transformer.named_modules() if path}
    gradients = {p: p.requires_grad for p in transformer.parameters()}
    _exchange(transformer, adapters.layers)  # without notes of the others, at which peft would warn
    try:
        if product:
            load_products(seen, transformer, adapter)
        else:
            loader.load(weights, transformer, adapter, settings)
            put_magnitudes(seen, transformer, adapter)
    except Exception as error:
        # What it had begun is gone with everything else; the other files are read again.
        _note_layers(adapters, transformer, own)
        adapters.take_out(transformer)
        adapters.layers, adapters.originals, adapters.notes = {}, {}, {}
        adapters.files.clear()
        raise _told(seen, error) from error
    else:
        _note_layers(adapters, transformer, own)
        for layer in adapters.layers.values():
            let_add_in_place(layer)
        for p in transformer.parameters():  # peft freezes them all
            p.requires_grad_(gradients.get(p, False))
        for module in set(transformer.modules()) - set(own.values()) - {transformer}:
            module.training = False
        adapters.take_out(transformer)


def _told(seen: Look, error: Exception) -> Exception:
    from zimg_kernel.models.device import is_out_of_memory

    return error if is_out_of_memory(error) else unloadable(seen, error)


def _note_layers(
    adapters: _AdapterLayers, transformer: nn.Module, own: Mapping[str, nn.Module]
) -> None:
    """Keep every layer that stands where one of the transformer's own stood."""
    for path, module in own.items():
        try:
            now = transformer.get_submodule(path)
        except AttributeError:
            continue
        if now is not module:
            adapters.layers[path], adapters.originals[path] = now, module


def _choose(adapters: _AdapterLayers, transformer: Any, weights: Mapping[str, float]) -> None:
    transformer.set_adapters(list(weights), list(weights.values()))
    idle = [adapter for adapter in adapters.files if adapter not in weights]
    for adapter in idle[: max(0, len(idle) - MOST_KEPT)]:
        transformer.delete_adapters(adapter)
        del adapters.files[adapter]


def _by_hand(transformer: Any) -> _AdapterLayers | None:
    """The layers that somebody else's adapters have in a transformer, if there are any."""
    if transformer is None or not _noted(transformer, "peft_config"):
        return None
    from peft.tuners.tuners_utils import BaseTunerLayer

    adapters = _AdapterLayers()
    for path, module in transformer.named_modules():
        inside = any(path.startswith(f"{other}.") for other in adapters.layers)
        if isinstance(module, BaseTunerLayer) and not inside:
            adapters.layers[path] = transformer.get_submodule(path)
            adapters.originals[path] = module.get_base_layer()
    return adapters


def _refuse_fused(by_hand: _AdapterLayers, model: LoadedModel) -> None:
    """Refuse adapters that are merged into the model's own weights: they cannot be set aside."""
    if any(getattr(layer, "merged_adapters", None) for layer in by_hand.layers.values()):
        raise model.with_other_weights()


def _noted(transformer: nn.Module, name: str) -> bool:
    return name in vars(transformer)


def _exchange(transformer: nn.Module, modules: Mapping[str, nn.Module]) -> None:
    for path, module in modules.items():
        parent, _, child = path.rpartition(".")
        setattr(transformer.get_submodule(parent), child, module)
