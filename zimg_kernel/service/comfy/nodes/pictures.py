"""Nodes of pictures: loading, saving, showing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageOps

from zimg_kernel.errors import BadInput
from zimg_kernel.images.source import load_source

from ..graph.inputs import choice, integer, link, text
from ..graph.node import Call, Node, Result
from .png import png_of, with_texts
from .resizing import check_size
from .services import Services
from .values import Mask, Picture, Pictures

_NO_MASK = 64  # px of the black mask of a picture without transparency
_LARGEST = 16_384
_HIDDEN = {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}


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
        try:
            source = load_source(path)
        except BadInput as error:  # the server's folders are nobody's business
            text = str(error).replace(str(path), name)
            raise BadInput(text, code=error.code, field=error.field) from None
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
    hidden = _HIDDEN

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
    hidden = _HIDDEN

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


class EmptyImage(Node):
    """Pictures of one colour."""

    name = "EmptyImage"
    category = "image"
    inputs = {
        "width": integer(512, 1, _LARGEST),
        "height": integer(512, 1, _LARGEST),
        "batch_size": integer(1, 1, 4096),
        "color": integer(0, 0, 0xFFFFFF, display="color"),
    }
    outputs = {"IMAGE": "IMAGE"}

    def run(self, call: Call, **inputs: Any) -> tuple[Any, ...]:
        """Return them; the colour is red, green and blue in one number."""
        size, colour = (inputs["width"], inputs["height"]), inputs["color"]
        check_size(size)
        shades = colour >> 16, colour >> 8 & 0xFF, colour & 0xFF
        return ((Picture(pixels=Image.new("RGB", size, shades)),) * inputs["batch_size"],)


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
    EmptyImage,
)
