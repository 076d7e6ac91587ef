"""Nodes of pictures: loading, saving, showing, resizing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageOps

from zimg_kernel.errors import BadInput
from zimg_kernel.images.open_file import MAX_PIXELS
from zimg_kernel.images.source import load_source

from ..graph.inputs import choice, decimal, integer, link, text
from ..graph.node import Call, Node, Result
from .png import png_of, with_texts
from .resizing import CROPS, METHODS, resize
from .services import Services
from .values import Mask, Picture, Pictures

_NO_MASK = 64  # px of the black mask of a picture without transparency
_LARGEST = 16_384


def _files(services: Services) -> list[str]:
    return services.folders.inputs()


class FileNode(Node):
    """Base of the nodes that load a file which a client has sent."""

    category = "image"

    def validate(self, services: Any, inputs: Mapping[str, Any]) -> dict[str, str]:
        """Return that there is no such file."""
        name = inputs.get("image")
        if isinstance(name, str) and services.folders.named(name) is None:
            return {"image": f"Invalid image file: {name[:200]}"}
        return {}

    def state(self, services: Any, inputs: Mapping[str, Any]) -> str:
        """Return the file's time of writing and length."""
        path = services.folders.named(str(inputs.get("image")))
        found = path.stat() if path else None
        return f"{found.st_mtime_ns} {found.st_size}" if found else ""

    def opened(self, call: Call, name: str) -> Image.Image:
        """Return the picture, upright, RGB or RGBA."""
        path = call.services.folders.named(name)
        if path is None:
            raise BadInput(
                f"There is no picture {name[:80]!r}: send it to /upload/image.",
                code="file-missing",
                field="image",
            )
        source = load_source(path)
        for note in source.notes:
            call.note(note)
        return source.image


class LoadImage(FileNode):
    """Loads a picture that a client has sent."""

    name = "LoadImage"
    title = "Load Image"
    inputs = {"image": choice(_files, listed=False, image_upload=True)}
    outputs = {"IMAGE": "IMAGE", "MASK": "MASK"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return the picture, and what is transparent in it as a mask."""
        image = self.opened(call, inputs["image"])
        mask = Image.new("L", (_NO_MASK, _NO_MASK))
        if image.mode == "RGBA":
            mask = ImageOps.invert(image.getchannel("A"))
            image = image.convert("RGB")
        return (Picture(pixels=image),), Mask(mask)


class LoadImageMask(FileNode):
    """Loads a channel of a picture as a mask."""

    name = "LoadImageMask"
    title = "Load Image (as Mask)"
    category = "mask"
    inputs = {
        "image": choice(_files, listed=False, image_upload=True),
        "channel": choice(("alpha", "red", "green", "blue")),
    }
    outputs = {"MASK": "MASK"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return the channel; of transparency, what is transparent."""
        image = self.opened(call, inputs["image"])
        channel = inputs["channel"][0].upper()
        if channel != "A":
            return (Mask(image.getchannel(channel)),)
        if image.mode != "RGBA":
            return (Mask(Image.new("L", (_NO_MASK, _NO_MASK))),)
        return (Mask(ImageOps.invert(image.getchannel("A"))),)


class SaveImage(Node):
    """Saves pictures under numbered names."""

    name = "SaveImage"
    title = "Save Image"
    category = "image"
    about = "Saves the input images to your ComfyUI output directory."
    inputs = {"images": link("IMAGE"), "filename_prefix": text("ComfyUI")}
    is_output = True

    def run(self, call: Call, **inputs: Any) -> Result:
        """Return their names."""
        return _saved(call, inputs["images"], inputs["filename_prefix"], "output")


class PreviewImage(Node):
    """Saves pictures until the server ends."""

    name = "PreviewImage"
    title = "Preview Image"
    category = "image"
    inputs = {"images": link("IMAGE")}
    is_output = True

    def run(self, call: Call, **inputs: Any) -> Result:
        """Return their names."""
        return _saved(call, inputs["images"], "ComfyUI_temp", "temp")


class SaveImageWebsocket(Node):
    """Sends pictures to the client's socket and saves none."""

    name = "SaveImageWebsocket"
    category = "api/image"
    inputs = {"images": link("IMAGE")}
    is_output = True

    def run(self, call: Call, **inputs: Any) -> Result:
        """Send them."""
        pictures: Pictures = inputs["images"]
        for number, picture in enumerate(pictures, 1):
            call.progress(number, len(pictures))
            call.send_picture(png_of(picture))
        return Result()

    def state(self, services: Any, inputs: Mapping[str, Any]) -> str:
        """Return another text each time: who asks again wants to have them again."""
        import secrets

        return secrets.token_hex(8)


class ImageScale(Node):
    """Brings pictures to a size."""

    name = "ImageScale"
    title = "Upscale Image"
    category = "image/upscaling"
    inputs = {
        "image": link("IMAGE"),
        "upscale_method": choice(METHODS),
        "width": integer(512, 0, _LARGEST),
        "height": integer(512, 0, _LARGEST),
        "crop": choice(CROPS),
    }
    outputs = {"IMAGE": "IMAGE"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return them; a side of 0 follows from the other one."""
        found = []
        for picture in inputs["image"]:
            wide, high = inputs["width"], inputs["height"]
            width, height = picture.image.size
            if wide or high:
                width, height = (
                    wide or max(1, round(width * high / height)),
                    high or max(1, round(height * wide / width)),
                )
            found.append(resize(picture, (width, height), inputs["upscale_method"], inputs["crop"]))
        return (tuple(found),)


class ImageScaleBy(Node):
    """Enlarges pictures by a factor."""

    name = "ImageScaleBy"
    title = "Upscale Image By"
    category = "image/upscaling"
    inputs = {
        "image": link("IMAGE"),
        "upscale_method": choice(METHODS),
        "scale_by": decimal(1.0, 0.01, 8.0),
    }
    outputs = {"IMAGE": "IMAGE"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return them."""
        factor, method = inputs["scale_by"], inputs["upscale_method"]
        found = []
        for picture in inputs["image"]:
            width, height = (max(1, round(side * factor)) for side in picture.image.size)
            found.append(resize(picture, (width, height), method, "disabled"))
        return (tuple(found),)


class ImageScaleToTotalPixels(Node):
    """Brings pictures to a number of pixels."""

    name = "ImageScaleToTotalPixels"
    title = "Scale Image to Total Pixels"
    category = "image/upscaling"
    inputs = {
        "image": link("IMAGE"),
        "upscale_method": choice(METHODS),
        "megapixels": decimal(1.0, 0.01, 16.0),
    }
    outputs = {"IMAGE": "IMAGE"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return them; a megapixel is 1024 times 1024."""
        found = []
        for picture in inputs["image"]:
            width, height = picture.image.size
            factor = (inputs["megapixels"] * 1024 * 1024 / (width * height)) ** 0.5
            size = max(1, round(width * factor)), max(1, round(height * factor))
            found.append(resize(picture, size, inputs["upscale_method"], "disabled"))
        return (tuple(found),)


class GetImageSize(Node):
    """Tells the size of pictures."""

    name = "GetImageSize"
    title = "Get Image Size"
    category = "image"
    inputs = {"image": link("IMAGE")}
    outputs = {"width": "INT", "height": "INT", "batch_size": "INT"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return width, height and number."""
        return (*inputs["image"][0].image.size, len(inputs["image"]))


class ImagePadForOutpaint(Node):
    """Adds margins to a picture, and returns the mask of what is new."""

    name = "ImagePadForOutpaint"
    title = "Pad Image for Outpainting"
    category = "image"
    inputs = {
        "image": link("IMAGE"),
        **{side: integer(0, 0, _LARGEST, 8) for side in ("left", "top", "right", "bottom")},
        "feathering": integer(40, 0, _LARGEST),
    }
    outputs = {"IMAGE": "IMAGE", "MASK": "MASK"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return both; what was there keeps its pixels, without feathering."""
        found = []
        left, top = inputs["left"], inputs["top"]
        for picture in inputs["image"]:
            image = picture.image.convert("RGB")
            size = (
                image.width + left + inputs["right"],
                image.height + top + inputs["bottom"],
            )
            if size[0] * size[1] > MAX_PIXELS:
                raise BadInput(
                    f"A picture of {size[0]}x{size[1]} px is too large: the limit is "
                    f"{MAX_PIXELS / 1e6:g} million pixels.",
                    code="picture-too-large",
                    field="left",
                )
            padded = Image.new("RGB", size, (127, 127, 127))
            padded.paste(image, (left, top))
            mask = Image.new("L", size, 255)
            mask.paste(0, (left, top, left + image.width, top + image.height))
            found.append(Picture(pixels=padded))
        return tuple(found), Mask(mask)


def _saved(call: Call, pictures: Pictures, prefix: str, kind: str) -> Result:
    shown = []
    for picture in pictures:
        texts = {"prompt": call.graph}
        info = call.extra.get("extra_pnginfo")
        if isinstance(info, dict) and "workflow" in info:  # others may hold a client's secrets
            texts["workflow"] = info["workflow"]
        data = with_texts(png_of(picture), texts)
        shown.append(call.services.folders.save(prefix, data, picture.image.size, kind))
    return Result(shown={"images": shown})


NODES = (
    LoadImage,
    LoadImageMask,
    SaveImage,
    PreviewImage,
    SaveImageWebsocket,
    ImageScale,
    ImageScaleBy,
    ImageScaleToTotalPixels,
    GetImageSize,
    ImagePadForOutpaint,
)
