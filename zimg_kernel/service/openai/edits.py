"""Edits and variations in OpenAI's form, by our edit functions."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageOps

from zimg_kernel import edit
from zimg_kernel.errors import BadInput
from zimg_kernel.images.source import SourceImage
from zimg_kernel.models.catalog import load_catalog
from zimg_kernel.params import GenerationParams
from zimg_kernel.service.caller import Caller
from zimg_kernel.service.caller_engine import CallerEngine
from zimg_kernel.service.context import ServiceContext
from zimg_kernel.service.form import Form
from zimg_kernel.service.refusal import Refused
from zimg_kernel.service.served import Served
from zimg_kernel.service.uploads import read_upload

from .fields import Wanted

NO_PROMPT = "-"
"""Prompt of a variation without one: it is that of the picture itself."""

_MOST_PICTURES = 16


@dataclass
class Uploads:
    """Pictures of a form, unpacked.

    Attributes
    ----------
    images : list of SourceImage
    mask : PIL.Image.Image or None
    """

    images: list[SourceImage]
    mask: Image.Image | None = None


def read_uploads(form: Form) -> Uploads:
    """Return the pictures of a form: ``image`` or several ``image[]``, and ``mask``.

    Called in a thread.

    Raises
    ------
    BadInput, Refused
        There is none, there are too many, or one is no picture.
    """
    files = [*form.files.get("image", []), *form.files.get("image[]", [])]
    if not 1 <= len(files) <= _MOST_PICTURES:
        raise Refused(
            f"1 to {_MOST_PICTURES} uploads called image or image[] are taken, not {len(files)}.",
            code="missing-upload" if not files else "too-many-pictures",
            field="image",
        )
    masks = form.files.get("mask", [])
    if len(masks) > 1:
        raise Refused("One mask is taken.", code="named-twice", field="mask")
    mask = read_upload(masks[0], "mask").image if masks else None
    return Uploads([read_upload(data, "image") for data in files], mask)


def submit_edit(
    context: ServiceContext, wanted: Wanted, uploads: Uploads, caller: Caller, options: Any
) -> Served:
    """Hand an edit to the engine: by the mask, by instruction, or by the picture's own noise.

    Called in a thread.
    """
    fields = _checked(context, wanted)
    engine = CallerEngine(context, caller, **options)
    prompt = fields.pop("prompt")
    source, *others = uploads.images
    if others:
        wanted.notes.append(f"The first of {len(others) + 1} pictures is changed.")
    with warnings.catch_warnings():  # the job tells them, too
        warnings.simplefilter("ignore")
        if uploads.mask is not None:
            fields["model"] = _able(context, "inpaint", fields["model"], wanted)
            mask = _painted(uploads.mask)
            edit.inpaint(source, mask, prompt, engine=engine, **fields)
        elif instructed := _instructed(context, fields["model"]):
            fields["model"] = instructed
            edit.instruct(source, prompt, engine=engine, **fields)
        else:
            fields["model"] = _able(context, "img2img", fields["model"], wanted)
            edit.img2img(source, prompt, engine=engine, **fields)
    return engine.served[0]


def submit_variation(
    context: ServiceContext, wanted: Wanted, uploads: Uploads, caller: Caller, options: Any
) -> Served:
    """Hand a variation of a picture to the engine; called in a thread."""
    fields = _checked(context, wanted)
    fields["model"] = _able(context, "vary", fields["model"], wanted)
    if fields["prompt"] == NO_PROMPT:
        del fields["prompt"]
    engine = CallerEngine(context, caller, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        edit.vary(uploads.images[0], engine=engine, **fields)
    return engine.served[0]


def _checked(context: ServiceContext, wanted: Wanted) -> dict[str, Any]:
    """Return the fields as numbers, checked before a picture is scaled."""
    read = GenerationParams.from_dict(wanted.fields)
    context.checks.check(read)
    return {name: getattr(read, name) for name in wanted.fields}


def _able(context: ServiceContext, kind: Any, model: str, wanted: Wanted) -> str:
    if kind in edit.can_edit(load_catalog()[model]):
        return model
    able = [name for name in edit.editors(kind, context.engine) if "instruct" not in
            edit.can_edit(load_catalog()[name])]  # fmt: skip
    if not able:
        raise BadInput(
            "No model that is here can do this edit: zimg pull gets one.",
            code="no-editor",
            field="model",
        )
    wanted.notes.append(f"{model} cannot do this: {able[0]} does.")
    return able[0]


def _instructed(context: ServiceContext, model: str) -> str | None:
    """Return a model that follows instructions, best the one that was asked for."""
    able = edit.editors("instruct", context.engine)
    return model if model in able else able[0] if able else None


def _painted(mask: Image.Image) -> Image.Image:
    """Return our mask, white where it is repainted, of OpenAI's: transparent where it is.

    One without transparency is taken as it is.
    """
    if mask.has_transparency_data:
        return ImageOps.invert(mask.convert("RGBA").getchannel("A"))
    return mask
