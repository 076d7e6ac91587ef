"""Routes that change pictures: ``POST /v1/edits`` with uploads."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import anyio.to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from zimg_kernel import edit
from zimg_kernel.params import GenerationParams
from zimg_kernel.service.caller import Caller, caller
from zimg_kernel.service.caller_engine import CallerEngine
from zimg_kernel.service.context import ServiceContext
from zimg_kernel.service.form import Form, read_form
from zimg_kernel.service.pictures import encode
from zimg_kernel.service.refusal import Refused
from zimg_kernel.service.results import pictures_of
from zimg_kernel.service.served import Served
from zimg_kernel.service.uploads import read_upload

from .answers import job_answer, png_answer
from .requests import key_of
from .schemas import ERRORS, KEY_PARAMETER, JobAnswer, generate_schema

_KINDS: dict[str, Callable[..., Any]] = {
    "img2img": edit.img2img,
    "inpaint": edit.inpaint,
    "outpaint": edit.outpaint,
    "instruct": edit.instruct,
    "upscale": edit.upscale,
    "vary": edit.vary,
    "control": edit.control,
}
# What each takes beside the picture, the prompt and the parameters.
_NUMBERS = {
    "img2img": ("strength",),
    "inpaint": ("strength", "padding", "feather"),
    "outpaint": ("left", "right", "top", "bottom"),
    "instruct": (),
    "upscale": ("factor", "strength"),
    "vary": ("amount",),
    "control": ("scale",),
}
_WHOLE = {"padding", "feather", "left", "right", "top", "bottom"}
_OTHER = {"model", "negative_prompt", "steps", "guidance", "seed", "count", "width", "height",
          "sampler", "sigmas", "shift"}  # fmt: skip
_OWN = {"kind", "prompt", "wait", "control"}


def router(context: ServiceContext) -> APIRouter:
    """Return the route."""
    routes = APIRouter(tags=["pictures"])
    answers: dict[int | str, dict[str, Any]] = {
        200: {
            "description": "The changed picture.",
            "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
        },
        202: {"model": JobAnswer, "description": "The job, where wait is false."},
    }

    @routes.post(
        "/v1/edits", openapi_extra=_told(context), responses={**ERRORS, **answers},
        response_class=Response,
    )  # fmt: skip
    async def edits(request: Request) -> Response:
        """Change an uploaded picture, wait for the result, and answer with the PNG."""
        form = await read_form(request)
        wait = form.one("wait", "true")
        served = await anyio.to_thread.run_sync(
            submit, context, form, caller(request), key_of(request)
        )
        if wait in ("false", "0"):
            return JSONResponse(job_answer(context, request, served), 202)
        image = (await pictures_of(context, served))[0]
        data = await anyio.to_thread.run_sync(encode, image)
        return png_answer(context, served, image, data)

    return routes


def submit(context: ServiceContext, form: Form, who: Caller, key: str) -> Served:
    """Hand an edit to the engine; called in a thread.

    Raises
    ------
    Refused, BadInput
    """
    kind = form.one("kind", "img2img") or ""
    if kind not in _KINDS:
        raise Refused(
            f"kind is one of {', '.join(_KINDS)}, not {kind[:40]!r}.",
            code="unknown-choice",
            field="kind",
        )
    allowed = {*_OTHER, *_OWN, *_NUMBERS[kind]}
    for name in form.fields:
        if name not in allowed:
            raise Refused(
                f"{name[:60]} is no field of the edit {kind}.",
                code="unknown-parameter",
                field=name[:60],
            )
    given: dict[str, Any] = {
        name: value
        for name in (*_OTHER, "prompt")
        if (value := form.one(name)) is not None and value != ""
    }
    # Numbers come as texts: read, and refused by name, before the picture is unpacked.
    read = GenerationParams.from_dict({"prompt": "-", **given}).model_dump()
    given = {name: read[name] for name in given}
    context.checks.check_texts(given.get("prompt", ""), given.get("negative_prompt", ""))
    options = {name: number for name in _NUMBERS[kind] if (number := _number(form, name))}
    pictures = [_upload(form, "image")]
    if kind == "inpaint":
        pictures.append(_upload(form, "mask").image)
    if kind == "instruct":
        given["instruction"] = given.pop("prompt", "")
    if kind == "control":
        given["kind"] = form.one("control", "canny")
        given.setdefault("prompt", "")
    engine = CallerEngine(context, who, key=key, preview="latent")
    with warnings.catch_warnings():  # the job tells them, too
        warnings.simplefilter("ignore")
        _KINDS[kind](*pictures, engine=engine, **options, **given)
    return engine.served[0]


def _upload(form: Form, name: str) -> Any:
    files = form.files.get(name, [])
    if len(files) != 1:
        raise Refused(
            f"The form has {len(files)} uploads called {name}: send one.",
            code="missing-upload" if not files else "named-twice",
            field=name,
        )
    return read_upload(files[0], name)


def _number(form: Form, name: str) -> float | int | None:
    value = form.one(name)
    if value is None or value == "":
        return None
    try:
        found = int(value[:40]) if name in _WHOLE else float(value[:40])
    except ValueError:
        found = float("nan")
    if found != found:
        raise Refused(f"{name} is a number, not {value[:40]!r}.", code="wrong-type", field=name)
    return found


def _told(context: ServiceContext) -> dict[str, Any]:
    options = context.options
    schema = generate_schema(options.max_pictures, options.max_pixels, options.max_prompt)
    fields = {n: told for n, told in schema["properties"].items() if n in {*_OTHER, "prompt"}}
    numbers = sorted({name for names in _NUMBERS.values() for name in names})
    file = {"type": "string", "format": "binary"}
    properties = {
        "kind": {"type": "string", "enum": list(_KINDS), "default": "img2img"},
        "image": {**file, "description": "The picture to change."},
        "mask": {**file, "description": "For inpaint: white is repainted, black stays."},
        "control": {"type": "string", "description": "For control: such as canny or depth."},
        "wait": {"type": "string", "enum": ["true", "false"], "default": "true"},
        **{name: {"type": "integer" if name in _WHOLE else "number"} for name in numbers},
        **fields,
    }
    body = {"type": "object", "required": ["image"], "properties": properties}
    content = {"multipart/form-data": {"schema": body}}
    return {"requestBody": {"required": True, "content": content}, "parameters": [KEY_PARAMETER]}
