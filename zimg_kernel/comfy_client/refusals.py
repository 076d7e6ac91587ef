"""Errors of a ComfyUI server, each as one sentence with a code and a field of ours."""

from __future__ import annotations

import re
from typing import Any

from zimg_kernel.errors import BadInput, OutOfMemory, ZimgError

from .history import mapping, messages_of, sequence

_FIELDS = {
    "unet_name": "model", "clip_name": "model", "vae_name": "model", "lora_name": "loras",
    "strength_model": "loras", "text": "prompt", "width": "width", "height": "height",
    "seed": "seed", "steps": "steps", "cfg": "guidance", "sampler_name": "sampler",
    "scheduler": "sigmas", "denoise": "edit", "image": "edit", "shift": "shift",
}  # fmt: skip
_OLDER_MISSING = re.compile(r"because node (\S+) does not exist")  # ComfyUI 0.3
_LONGEST = 240  # characters of what a server says


class ComfyUnreachable(ZimgError):
    """The server does not answer, or not now: it may be starting again."""

    default_code = "comfy-unreachable"

    def __init__(self, message: str = "", *, code: str = "", field: str | None = None) -> None:
        super().__init__(message, code=code, field=field)
        self.pause: float | None = None
        """Seconds after which the server wants to be asked again, where it says so."""


def unreachable(shown: str, reason: str) -> ComfyUnreachable:
    """Return that a server does not answer, with the reason in a few words."""
    return ComfyUnreachable(
        f"The ComfyUI server at {shown} does not answer ({reason}): start it, or correct "
        "its address (ZIMG_COMFY_URL).",
        field="ZIMG_COMFY_URL",
    )


def refused(shown: str, route: str, status: int, body: str) -> ZimgError:
    """Return what an answer with a status other than 200 means.

    Parameters
    ----------
    shown : str
        The server's address.
    route : str
        What was asked for.
    status : int
    body : str
        Of the answer.
    """
    if status in (401, 403):
        return ZimgError(
            f"The ComfyUI server at {shown} lets nobody in without the right token ({status}): set "
            "ZIMG_COMFY_TOKEN.",
            code="comfy-not-allowed",
            field="ZIMG_COMFY_TOKEN",
        )
    if status in (429, 502, 503, 504):
        return unreachable(shown, f"{status}, it is busy or starting")
    if 300 <= status < 400:
        return ZimgError(
            f"{shown} sends requests on to another address ({status}): set ZIMG_COMFY_URL to that "
            "one.",
            code="comfy-moved",
            field="ZIMG_COMFY_URL",
        )
    if status == 404:
        return no_comfy(shown, f"it does not know {route}")
    return ZimgError(
        f"The ComfyUI server at {shown} refused {route} ({status}: {short(body)}).",
        code="comfy-refused",
    )


def no_comfy(shown: str, why: str) -> ZimgError:
    """Return that what answers is no ComfyUI server."""
    return ZimgError(
        f"What answers at {shown} is no ComfyUI server ({why}): correct its address "
        "(ZIMG_COMFY_URL).",
        code="comfy-not-there",
        field="ZIMG_COMFY_URL",
    )


def invalid_prompt(shown: str, answer: dict[str, Any]) -> BadInput:
    """Return why a server refused a graph (status 400 of ``/prompt``)."""
    error = mapping(answer.get("error")) or {"message": answer.get("error") or "no reason given"}
    extra, message = mapping(error.get("extra_info")), str(error.get("message", ""))
    older = _OLDER_MISSING.search(message)
    if error.get("type") == "missing_node_type" or older:
        name = older[1] if older else str(extra.get("class_type") or message)
        return BadInput(
            f"The ComfyUI server at {shown} lacks the node {short(name)}: update ComfyUI.",
            code="comfy-node-missing",
        )
    for node in map(mapping, mapping(answer.get("node_errors")).values()):
        for found in map(mapping, sequence(node.get("errors"))):
            name = str(mapping(found.get("extra_info")).get("input_name", ""))
            return BadInput(
                f"The ComfyUI server at {shown} cannot draw this ({node.get('class_type', '')}: "
                f"{_said(found)}).",
                code="comfy-invalid",
                field=_FIELDS.get(name),
            )
    return BadInput(
        f"The ComfyUI server at {shown} refused the workflow ({_said(error)}).",
        code="comfy-invalid",
    )


def failed(shown: str, status: Any) -> ZimgError:
    """Return why a graph failed, from the status in the server's history."""
    messages = messages_of(status)
    if "execution_interrupted" in messages:
        return ZimgError(
            f"Somebody stopped the picture at the ComfyUI server {shown}: ask for it again.",
            code="comfy-interrupted",
        )
    said = messages.get("execution_error", {})
    kind = str(said.get("exception_type", ""))
    text = short(str(said.get("exception_message", "")) or "no reason given")
    if "OutOfMemory" in kind or "out of memory" in text.lower():
        return OutOfMemory(
            f"The ComfyUI server at {shown} ran out of memory: take a smaller size, or have it "
            "free its memory.",
            code="out-of-memory",
            field="width",
        )
    return ZimgError(
        f"The workflow failed at the ComfyUI server {shown} ({said.get('node_type', 'node')}: "
        f"{text if text.endswith('...') else text.rstrip('.')}).",
        code="comfy-failed",
    )


def short(text: str) -> str:
    """Return what a server says in one line of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."


def _said(error: dict[str, Any]) -> str:
    return short(": ".join(str(error[key]) for key in ("message", "details") if error.get(key)))
