"""Nodes that load models and change them: loaders, LoRAs, shift."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..graph.inputs import choice, decimal, link, optional
from ..graph.node import Call, Node
from .model_names import TEXT_ENCODERS, VAES, lora_names, model_files, model_of
from .values import Clip, Model, Vae

_CLIP_TYPES = ("lumina2", "stable_diffusion", "sd3", "flux", "qwen_image", "z_image")
_LOWEST_SHIFT, _HIGHEST_SHIFT = 0.1, 20.0  # of GenerationParams


class UNETLoader(Node):
    """Loads a transformer by its file name."""

    name = "UNETLoader"
    title = "Load Diffusion Model"
    category = "advanced/loaders"
    inputs = {
        "unet_name": choice(model_files),
        "weight_dtype": choice(("default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2")),
    }
    outputs = {"MODEL": "MODEL"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return the model; its number format is the server's own choice."""
        return (_load(call, inputs["unet_name"]),)


class CheckpointLoaderSimple(Node):
    """Loads a model with its text encoder and autoencoder."""

    name = "CheckpointLoaderSimple"
    title = "Load Checkpoint"
    category = "loaders"
    inputs = {"ckpt_name": choice(model_files, tooltip="The model to load.")}
    outputs = {"MODEL": "MODEL", "CLIP": "CLIP", "VAE": "VAE"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return all three."""
        name = inputs["ckpt_name"]
        return _load(call, name), Clip(name), Vae(name)


class CLIPLoader(Node):
    """Names a text encoder; the model's own is used."""

    name = "CLIPLoader"
    title = "Load CLIP"
    category = "advanced/loaders"
    inputs = {
        "clip_name": choice(TEXT_ENCODERS),
        "type": choice(_CLIP_TYPES),
        "device": optional(choice(("default", "cpu"), advanced=True)),
    }
    outputs = {"CLIP": "CLIP"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return a name for it."""
        return (Clip(inputs["clip_name"]),)


class VAELoader(Node):
    """Names an autoencoder; the model's own is used."""

    name = "VAELoader"
    title = "Load VAE"
    category = "loaders"
    inputs = {"vae_name": choice(VAES)}
    outputs = {"VAE": "VAE"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return a name for it."""
        return (Vae(inputs["vae_name"]),)


_STRENGTH = decimal(1.0, -100.0, 100.0, 0.01)


class LoraLoader(Node):
    """Puts a LoRA on a model; several stand in a chain."""

    name = "LoraLoader"
    title = "Load LoRA"
    category = "loaders"
    inputs = {
        "model": link("MODEL"),
        "clip": link("CLIP"),
        "lora_name": choice(lora_names),
        "strength_model": _STRENGTH,
        "strength_clip": _STRENGTH,
    }
    outputs = {"MODEL": "MODEL", "CLIP": "CLIP"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return the model with the LoRA; Z-Image's have no part for the text encoder."""
        model = _with_lora(inputs["model"], inputs["lora_name"], inputs["strength_model"])
        return model, inputs["clip"]


class LoraLoaderModelOnly(Node):
    """Puts a LoRA on a model; several stand in a chain."""

    name = "LoraLoaderModelOnly"
    title = "Load LoRA (Model)"
    category = "loaders"
    inputs = {
        "model": link("MODEL"),
        "lora_name": choice(lora_names),
        "strength_model": _STRENGTH,
    }
    outputs = {"MODEL": "MODEL"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return the model with the LoRA."""
        return (_with_lora(inputs["model"], inputs["lora_name"], inputs["strength_model"]),)


class ModelSamplingAuraFlow(Node):
    """Sets the shift of the noise levels."""

    name = "ModelSamplingAuraFlow"
    category = "advanced/model"
    inputs = {"model": link("MODEL"), "shift": decimal(1.73, 0.0, 100.0, 0.01)}
    outputs = {"MODEL": "MODEL"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return the model with that shift."""
        wanted = inputs["shift"]
        shift = min(max(wanted, _LOWEST_SHIFT), _HIGHEST_SHIFT)
        if shift != wanted:
            call.note(f"A shift of {wanted:g} is beyond what is drawn here: {shift:g} is taken.")
        return (replace(inputs["model"], shift=shift),)


class ModelSamplingSD3(ModelSamplingAuraFlow):
    """Sets the shift of the noise levels, under another name."""

    name = "ModelSamplingSD3"
    inputs = {"model": link("MODEL"), "shift": decimal(3.0, 0.0, 100.0, 0.01)}


def _load(call: Call, name: str) -> Model:
    model, note = model_of(call.services, name)
    if note:
        call.note(note)
    return model


def _with_lora(model: Model, name: str, weight: float) -> Model:
    """Return the model with a LoRA; one that is applied twice acts with the sum of both."""
    found = dict(model.loras)
    found[name] = round(found.get(name, 0.0) + weight, 9)
    return replace(model, loras=tuple((each, value) for each, value in found.items() if value))


NODES = (
    UNETLoader,
    CheckpointLoaderSimple,
    CLIPLoader,
    VAELoader,
    LoraLoader,
    LoraLoaderModelOnly,
    ModelSamplingAuraFlow,
    ModelSamplingSD3,
)
