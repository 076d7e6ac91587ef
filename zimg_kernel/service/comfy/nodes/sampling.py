"""Sampler nodes, at which pictures are drawn."""

from __future__ import annotations

from typing import Any

from zimg_kernel.params import MAX_SEED

from ..graph.inputs import choice, decimal, integer, link, switch
from ..graph.node import Call, Node
from .drawing import Sampling, draw
from .samplers import SAMPLERS, SCHEDULERS
from .values import Conditioning, Guider, Latent, Model, Noise, SamplerChoice, Sigmas

_SEED = integer(0, 0, MAX_SEED, control_after_generate=True)
_STEPS = integer(20, 1, 10_000)
_CFG = decimal(8.0, 0.0, 100.0, 0.1, round=0.01)
_DENOISE = decimal(1.0, 0.0, 1.0, 0.01)
_BOTH = ("enable", "disable")
_CUSTOM = "sampling/custom_sampling"


class KSampler(Node):
    """Draws the pictures of a latent."""

    name = "KSampler"
    category = "sampling"
    inputs = {
        "model": link("MODEL"),
        "seed": _SEED,
        "steps": _STEPS,
        "cfg": _CFG,
        "sampler_name": choice(SAMPLERS),
        "scheduler": choice(SCHEDULERS),
        "positive": link("CONDITIONING"),
        "negative": link("CONDITIONING"),
        "latent_image": link("LATENT"),
        "denoise": _DENOISE,
    }
    outputs = {"LATENT": "LATENT"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Draw, and return the latent that holds the pictures."""
        settings = Sampling(
            inputs["seed"], inputs["steps"], inputs["cfg"], inputs["sampler_name"],
            inputs["scheduler"], inputs["denoise"],
        )  # fmt: skip
        texts = inputs["positive"], inputs["negative"]
        return (draw(call, inputs["model"], *texts, inputs["latent_image"], settings),)


class KSamplerAdvanced(Node):
    """Draws the pictures of a latent from a step on."""

    name = "KSamplerAdvanced"
    title = "KSampler (Advanced)"
    category = "sampling"
    inputs = {
        "model": link("MODEL"),
        "add_noise": choice(_BOTH),
        "noise_seed": _SEED,
        "steps": _STEPS,
        "cfg": _CFG,
        "sampler_name": choice(SAMPLERS),
        "scheduler": choice(SCHEDULERS),
        "positive": link("CONDITIONING"),
        "negative": link("CONDITIONING"),
        "latent_image": link("LATENT"),
        "start_at_step": integer(0, 0, 10_000),
        "end_at_step": integer(10_000, 0, 10_000),
        "return_with_leftover_noise": choice(("disable", "enable")),
    }
    outputs = {"LATENT": "LATENT"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Draw, and return the latent that holds the pictures."""
        steps, first = inputs["steps"], inputs["start_at_step"]
        latent = inputs["latent_image"]
        if first >= min(steps, inputs["end_at_step"]):
            return (latent,)
        if inputs["end_at_step"] < steps or inputs["return_with_leftover_noise"] == "enable":
            call.note("Sampling ends without noise here: end_at_step and what is left over of it "
                      "have no effect.")  # fmt: skip
        if inputs["add_noise"] == "disable":
            call.note("Sampling begins with noise of its own here: add_noise has no effect.")
        share = (steps - first) / steps
        settings = Sampling(
            inputs["noise_seed"], steps - first if share < 1 else steps, inputs["cfg"],
            inputs["sampler_name"], inputs["scheduler"], share,
        )  # fmt: skip
        texts = inputs["positive"], inputs["negative"]
        return (draw(call, inputs["model"], *texts, latent, settings),)


class RandomNoise(Node):
    """Noise of a seed."""

    name = "RandomNoise"
    category = _CUSTOM + "/noise"
    inputs = {"noise_seed": _SEED}
    outputs = {"NOISE": "NOISE"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return the seed."""
        return (Noise(inputs["noise_seed"]),)


class DisableNoise(Node):
    """No noise."""

    name = "DisableNoise"
    category = _CUSTOM + "/noise"
    outputs = {"NOISE": "NOISE"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return no seed."""
        return (Noise(None),)


class KSamplerSelect(Node):
    """Names a sampler."""

    name = "KSamplerSelect"
    category = _CUSTOM + "/samplers"
    inputs = {"sampler_name": choice(SAMPLERS)}
    outputs = {"SAMPLER": "SAMPLER"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return the name."""
        return (SamplerChoice(inputs["sampler_name"]),)


class BasicScheduler(Node):
    """Noise levels of a number of steps."""

    name = "BasicScheduler"
    category = _CUSTOM + "/schedulers"
    inputs = {
        "model": link("MODEL"),
        "scheduler": choice(SCHEDULERS),
        "steps": _STEPS,
        "denoise": _DENOISE,
    }
    outputs = {"SIGMAS": "SIGMAS"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return a description of them; the model's shift counts where it is drawn."""
        return (Sigmas(inputs["scheduler"], inputs["steps"], inputs["denoise"]),)


class BasicGuider(Node):
    """Follows a text without guidance."""

    name = "BasicGuider"
    category = _CUSTOM + "/guiders"
    inputs = {"model": link("MODEL"), "conditioning": link("CONDITIONING")}
    outputs = {"GUIDER": "GUIDER"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return model and text."""
        nothing = Conditioning("", zeroed=True)
        return (Guider(inputs["model"], inputs["conditioning"], nothing),)


class CFGGuider(Node):
    """Follows a text, away from another one."""

    name = "CFGGuider"
    category = _CUSTOM + "/guiders"
    inputs = {
        "model": link("MODEL"),
        "positive": link("CONDITIONING"),
        "negative": link("CONDITIONING"),
        "cfg": _CFG,
    }
    outputs = {"GUIDER": "GUIDER"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return model, texts and guidance."""
        texts = inputs["positive"], inputs["negative"]
        return (Guider(inputs["model"], *texts, inputs["cfg"]),)


class SamplerCustom(Node):
    """Draws the pictures of a latent by chosen noise levels."""

    name = "SamplerCustom"
    category = _CUSTOM
    inputs = {
        "model": link("MODEL"),
        "add_noise": switch(True),
        "noise_seed": _SEED,
        "cfg": _CFG,
        "positive": link("CONDITIONING"),
        "negative": link("CONDITIONING"),
        "sampler": link("SAMPLER"),
        "sigmas": link("SIGMAS"),
        "latent_image": link("LATENT"),
    }
    outputs = {"output": "LATENT", "denoised_output": "LATENT"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Draw, and return the latent that holds the pictures, twice."""
        guider = Guider(inputs["model"], inputs["positive"], inputs["negative"], inputs["cfg"])
        noise = Noise(inputs["noise_seed"] if inputs["add_noise"] else None)
        return _custom(call, noise, guider, inputs)


class SamplerCustomAdvanced(Node):
    """Draws the pictures of a latent by chosen noise, guider, sampler and noise levels."""

    name = "SamplerCustomAdvanced"
    category = _CUSTOM
    inputs = {
        "noise": link("NOISE"),
        "guider": link("GUIDER"),
        "sampler": link("SAMPLER"),
        "sigmas": link("SIGMAS"),
        "latent_image": link("LATENT"),
    }
    outputs = {"output": "LATENT", "denoised_output": "LATENT"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Draw, and return the latent that holds the pictures, twice."""
        return _custom(call, inputs["noise"], inputs["guider"], inputs)


def _custom(call: Call, noise: Noise, guider: Guider, inputs: dict[str, Any]) -> tuple[Any, ...]:
    sampler: SamplerChoice = inputs["sampler"]
    sigmas: Sigmas = inputs["sigmas"]
    latent: Latent = inputs["latent_image"]
    model: Model = guider.model
    if noise.seed is None:
        call.note("Sampling begins with noise of its own here, of seed 0.")
    settings = Sampling(
        noise.seed or 0, sigmas.steps, guider.cfg, sampler.name, sigmas.scheduler, sigmas.denoise
    )
    drawn = draw(call, model, guider.positive, guider.negative, latent, settings)
    return drawn, drawn


NODES = (
    KSampler,
    KSamplerAdvanced,
    SamplerCustom,
    SamplerCustomAdvanced,
    RandomNoise,
    DisableNoise,
    KSamplerSelect,
    BasicScheduler,
    BasicGuider,
    CFGGuider,
)
