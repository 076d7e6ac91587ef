"""Small graphs of the Z-Image workflows in API form, made of the parts of their templates."""

from __future__ import annotations

import copy
from typing import Any

Graph = dict[str, dict[str, Any]]


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    """Return a node in API form."""
    return {"class_type": kind, "inputs": inputs}


def turbo(
    prompt: str = "a red circle", *, seed: int = 5, steps: int = 2, size: int = 128, **sampler: Any
) -> Graph:
    """Return text-to-image as the Turbo template has it."""
    return {
        "9": node("SaveImage", filename_prefix="z-image", images=["8", 0]),
        "11": node("UNETLoader", unet_name="nano-turbo.safetensors", weight_dtype="default"),
        "12": node("ModelSamplingAuraFlow", shift=3, model=["11", 0]),
        "13": node(
            "CLIPLoader", clip_name="qwen_3_4b.safetensors", type="lumina2", device="default"
        ),
        "6": node("CLIPTextEncode", text=prompt, clip=["13", 0]),
        "7": node("ConditioningZeroOut", conditioning=["6", 0]),
        "14": node("VAELoader", vae_name="ae.safetensors"),
        "5": node("EmptySD3LatentImage", width=size, height=size, batch_size=1),
        "3": node(
            "KSampler",
            **{
                "seed": seed,
                "steps": steps,
                "cfg": 1,
                "sampler_name": "euler",
                "scheduler": "simple",
                "denoise": 1,
                "model": ["12", 0],
                "positive": ["6", 0],
                "negative": ["7", 0],
                "latent_image": ["5", 0],
                **sampler,
            },
        ),
        "8": node("VAEDecode", samples=["3", 0], vae=["14", 0]),
    }


def base(prompt: str = "a red circle", negative: str = "blue", *, seed: int = 5) -> Graph:
    """Return text-to-image of the base model, with guidance."""
    graph = turbo(prompt, seed=seed, steps=2, cfg=3.5)
    graph["11"]["inputs"]["unet_name"] = "nano-base.safetensors"
    graph["7"] = node("CLIPTextEncode", text=negative, clip=["13", 0])
    return graph


def from_picture(name: str, *, denoise: float = 0.5, seed: int = 5, steps: int = 2) -> Graph:
    """Return image-to-image."""
    graph = turbo(seed=seed, steps=steps, denoise=denoise, latent_image=["21", 0])
    graph["20"] = node("LoadImage", image=name)
    graph["21"] = node("VAEEncode", pixels=["20", 0], vae=["14", 0])
    del graph["5"]
    return graph


def inpainted(name: str, *, seed: int = 5) -> Graph:
    """Return the repainting of what is transparent in a picture."""
    graph = from_picture(name, denoise=1.0, seed=seed)
    graph["21"] = node(
        "VAEEncodeForInpaint", pixels=["20", 0], vae=["14", 0], mask=["20", 1], grow_mask_by=0
    )
    return graph


def upscaled(*, seed: int = 5) -> Graph:
    """Return text-to-image, and its result drawn again at twice the size."""
    graph = turbo(seed=seed)
    graph["30"] = node("LatentUpscaleBy", samples=["3", 0], upscale_method="bicubic", scale_by=2.0)
    again = copy.deepcopy(graph["3"])
    again["inputs"] |= {"latent_image": ["30", 0], "denoise": 0.5}
    graph["31"] = again
    graph["32"] = node("VAEDecode", samples=["31", 0], vae=["14", 0])
    graph["33"] = node("SaveImage", filename_prefix="large", images=["32", 0])
    return graph


def custom(*, seed: int = 5) -> Graph:
    """Return text-to-image by the nodes of custom sampling."""
    graph = turbo(seed=seed)
    graph["3"] = node(
        "SamplerCustomAdvanced",
        noise=["40", 0],
        guider=["41", 0],
        sampler=["42", 0],
        sigmas=["43", 0],
        latent_image=["5", 0],
    )
    graph["40"] = node("RandomNoise", noise_seed=seed)
    graph["41"] = node("BasicGuider", model=["12", 0], conditioning=["6", 0])
    graph["42"] = node("KSamplerSelect", sampler_name="euler")
    graph["43"] = node("BasicScheduler", model=["12", 0], scheduler="simple", steps=2, denoise=1)
    return graph


def with_loras(graph: Graph, *loras: tuple[str, float]) -> Graph:
    """Return a graph whose model goes through a chain of LoRA loaders."""
    graph = copy.deepcopy(graph)
    origin: list[Any] = ["11", 0]
    for number, (name, weight) in enumerate(loras):
        own = f"50{number}"
        graph[own] = node(
            "LoraLoaderModelOnly", model=origin, lora_name=name, strength_model=weight
        )
        origin = [own, 0]
    graph["12"]["inputs"]["model"] = origin
    return graph
