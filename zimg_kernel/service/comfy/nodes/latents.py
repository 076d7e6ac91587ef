"""Nodes of latents: empty ones, encoded pictures, masks on them, other sizes, decoding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PIL import Image, ImageFilter

from zimg_kernel.errors import BadInput

from ..graph.inputs import choice, decimal, integer, link, switch
from ..graph.node import Call, Node
from .resizing import CROPS, LATENT_METHODS, resize
from .values import Latent, Mask, Picture, Pictures

_SIDE = {"low": 16, "high": 16_384, "step": 16}
_LARGEST = 16_384
_BATCH = integer(1, 1, 4096, tooltip="The number of latent images in the batch.")


class EmptySD3LatentImage(Node):
    """Size and number of pictures that are drawn from nothing."""

    name = "EmptySD3LatentImage"
    category = "latent/sd3"
    inputs = {
        "width": integer(1024, **_SIDE),
        "height": integer(1024, **_SIDE),
        "batch_size": _BATCH,
    }
    outputs = {"LATENT": "LATENT"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return a latent without pictures."""
        return (Latent(inputs["width"], inputs["height"], inputs["batch_size"]),)


class EmptyLatentImage(EmptySD3LatentImage):
    """Size and number of pictures that are drawn from nothing, under its older name."""

    name = "EmptyLatentImage"
    title = "Empty Latent Image"
    category = "latent"
    inputs = {
        "width": integer(512, 16, _LARGEST, 8, tooltip="The width of the latent images in pixels."),
        "height": integer(
            512, 16, _LARGEST, 8, tooltip="The height of the latent images in pixels."
        ),
        "batch_size": _BATCH,
    }


class VAEEncode(Node):
    """Takes pictures as what a sampler starts from."""

    name = "VAEEncode"
    title = "VAE Encode"
    category = "latent"
    inputs = {"pixels": link("IMAGE"), "vae": link("VAE")}
    outputs = {"LATENT": "LATENT"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return a latent that holds the pictures."""
        return (_encoded(inputs["pixels"]),)


class VAEEncodeForInpaint(Node):
    """Takes pictures as what a sampler starts from, and a mask of what it draws anew."""

    name = "VAEEncodeForInpaint"
    title = "VAE Encode (for Inpainting)"
    category = "latent/inpaint"
    inputs = {
        "pixels": link("IMAGE"),
        "vae": link("VAE"),
        "mask": link("MASK"),
        "grow_mask_by": integer(6, 0, 64),
    }
    outputs = {"LATENT": "LATENT"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return a latent that holds the pictures and the mask, made larger at its rim."""
        mask = inputs["mask"].image
        grow = inputs["grow_mask_by"]
        latent = _encoded(inputs["pixels"])
        if mask.size != (latent.width, latent.height):
            mask = mask.resize((latent.width, latent.height), Image.Resampling.BILINEAR)
        if grow:
            mask = mask.filter(ImageFilter.MaxFilter(2 * (grow // 2) + 1))
        return (replace(latent, mask=Mask(mask)),)


class SetLatentNoiseMask(Node):
    """Sets what a sampler draws anew."""

    name = "SetLatentNoiseMask"
    title = "Set Latent Noise Mask"
    category = "latent/inpaint"
    inputs = {"samples": link("LATENT"), "mask": link("MASK")}
    outputs = {"LATENT": "LATENT"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return the latent with the mask."""
        return (replace(inputs["samples"], mask=inputs["mask"]),)


class InpaintModelConditioning(Node):
    """Hands texts on, and pictures with a mask of what is drawn anew."""

    name = "InpaintModelConditioning"
    category = "conditioning/inpaint"
    inputs = {
        "positive": link("CONDITIONING"),
        "negative": link("CONDITIONING"),
        "vae": link("VAE"),
        "pixels": link("IMAGE"),
        "mask": link("MASK"),
        "noise_mask": switch(True),
    }
    outputs = {"positive": "CONDITIONING", "negative": "CONDITIONING", "latent": "LATENT"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return both texts, and a latent that holds pictures and, if wanted, the mask."""
        latent = _encoded(inputs["pixels"])
        if inputs["noise_mask"]:
            latent = replace(latent, mask=inputs["mask"])
        return inputs["positive"], inputs["negative"], latent


class LatentUpscale(Node):
    """Brings a latent to another size: its pictures are resized, and drawn from anew."""

    name = "LatentUpscale"
    title = "Upscale Latent"
    category = "latent"
    inputs = {
        "samples": link("LATENT"),
        "upscale_method": choice(LATENT_METHODS),
        "width": integer(512, 0, _LARGEST, 8),
        "height": integer(512, 0, _LARGEST, 8),
        "crop": choice(CROPS),
    }
    outputs = {"LATENT": "LATENT"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return the latent in that size; a side of 0 follows from the other one."""
        latent, wide, high = inputs["samples"], inputs["width"], inputs["height"]
        if not wide and not high:
            return (latent,)
        wide = wide or max(8, round(latent.width * high / latent.height))
        high = high or max(8, round(latent.height * wide / latent.width))
        return (_sized(latent, (wide, high), inputs["upscale_method"], inputs["crop"]),)


class LatentUpscaleBy(Node):
    """Enlarges a latent by a factor."""

    name = "LatentUpscaleBy"
    title = "Upscale Latent By"
    category = "latent"
    inputs = {
        "samples": link("LATENT"),
        "upscale_method": choice(LATENT_METHODS),
        "scale_by": decimal(1.5, 0.01, 8.0),
    }
    outputs = {"LATENT": "LATENT"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return the latent in that size."""
        latent, factor = inputs["samples"], inputs["scale_by"]
        size = max(8, round(latent.width * factor)), max(8, round(latent.height * factor))
        return (_sized(latent, size, inputs["upscale_method"], "disabled"),)


class RepeatLatentBatch(Node):
    """Repeats what is in a latent."""

    name = "RepeatLatentBatch"
    title = "Repeat Latent Batch"
    category = "latent/batch"
    inputs = {"samples": link("LATENT"), "amount": integer(1, 1, 64)}
    outputs = {"LATENT": "LATENT"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return a latent of so many times the pictures."""
        latent, amount = inputs["samples"], inputs["amount"]
        pictures = latent.pictures * amount
        return (replace(latent, count=latent.count * amount, pictures=pictures),)


class VAEDecode(Node):
    """Returns the pictures of a latent."""

    name = "VAEDecode"
    title = "VAE Decode"
    category = "latent"
    inputs = {"samples": link("LATENT"), "vae": link("VAE")}
    outputs = {"IMAGE": "IMAGE"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return what the sampler has drawn; an empty latent is grey."""
        latent = inputs["samples"]
        if latent.pictures:
            return (latent.pictures,)
        if latent.width * latent.height > 4096 * 4096:
            raise BadInput(
                "This latent is empty and too large to be shown: put a sampler before VAEDecode.",
                code="picture-too-large",
                field="samples",
            )
        grey = Image.new("RGB", (latent.width, latent.height), (127, 127, 127))
        return ((Picture(pixels=grey),) * latent.count,)


class VAEDecodeTiled(VAEDecode):
    """Returns the pictures of a latent; the server decides on tiles itself."""

    name = "VAEDecodeTiled"
    title = "VAE Decode (Tiled)"
    inputs = {
        **VAEDecode.inputs,
        "tile_size": integer(512, 64, 4096, 32),
        "overlap": integer(64, 0, 4096, 32),
        "temporal_size": integer(64, 8, 4096, 4),
        "temporal_overlap": integer(8, 4, 4096, 4),
    }


def _encoded(pictures: Pictures) -> Latent:
    width, height = pictures[0].image.size
    return Latent(width, height, len(pictures), pictures)


def _sized(latent: Latent, size: tuple[int, int], method: str, crop: str) -> Latent:
    pictures = tuple(resize(picture, size, method, crop) for picture in latent.pictures)
    mask = latent.mask and Mask(latent.mask.image.resize(size, Image.Resampling.BILINEAR))
    return replace(latent, width=size[0], height=size[1], pictures=pictures, mask=mask)


NODES = (
    EmptySD3LatentImage,
    EmptyLatentImage,
    VAEEncode,
    VAEEncodeForInpaint,
    SetLatentNoiseMask,
    InpaintModelConditioning,
    LatentUpscale,
    LatentUpscaleBy,
    RepeatLatentBatch,
    VAEDecode,
    VAEDecodeTiled,
)
