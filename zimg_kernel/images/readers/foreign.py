"""Choice of the reader for another tool's picture by the texts inside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..text import parse_json
from .a1111 import read_a1111
from .comfyui import read_comfyui
from .draw_things import read_draw_things, read_draw_things_json
from .fooocus import read_fooocus
from .found import Found
from .invokeai import read_invokeai
from .legacy_invokeai import read_legacy_invokeai
from .novelai import read_novelai
from .plain_fields import read_plain_fields
from .swarmui import read_swarmui

_LABELLED = re.compile(r"\s*(prompt|workflow)\s*:\s*(?=\{)", re.I)
_MAX_LINES = 100_000  # characters
_COMMENTS = ("parameters", "UserComment", "ImageDescription", "comment", "Comment", "XPComment",
             "Description", "generation_data", "parameters-json")  # fmt: skip


def read_foreign(texts: dict[str, str], size: tuple[int, int]) -> dict[str, Any] | None:
    """Return the record of another tool's picture in our fields, or None if it has none.

    What fits our fields is taken over (prompt, negative prompt, steps, seed, size, guidance as
    their scale less 1, shift, LoRAs by name, a sampler that we have); the model's name is kept
    only as text, for it is seldom one of our cards. Everything else goes into ``foreign``,
    with ``notes``: sentences on what could not be taken over.

    Parameters
    ----------
    texts : dict of str to str
        The texts in the file by PNG keyword or EXIF tag.
    size : tuple of int
        Width and height of the picture, px.
    """
    without_prompt = None
    for found in _all(_unlabelled(texts), size):
        record = found.record(size) if found is not None else None
        if record is not None and record["params"]["prompt"]:
            return record
        without_prompt = without_prompt or record
    return without_prompt


def _unlabelled(texts: dict[str, str]) -> dict[str, str]:
    """Add ``prompt`` and ``workflow`` of ComfyUI's WebP, which stand in tags such as Model."""
    found = dict(texts)
    for text in texts.values():
        if label := _LABELLED.match(text):
            found.setdefault(label[1].lower(), text[label.end() :])
    return found


def _all(texts: dict[str, str], size: tuple[int, int]) -> Iterator[Found | None]:
    """Yield what the readers find, those first that are sure of their format."""
    if "invokeai_metadata" in texts:
        yield read_invokeai(texts["invokeai_metadata"])
    yield read_novelai(texts)
    for name in _COMMENTS:
        text = texts.get(name, "")
        if text.lstrip("\ufeff \n").startswith(("{", "[{", "[ {", "[\n")):
            yield from _json(text, size)
        elif text:
            yield read_plain_fields(_lines(text))
            yield read_a1111(text)
    if "prompt" in texts:
        yield read_comfyui(texts["prompt"], size)
    if "prompt" in texts or "Prompt" in texts:  # a chunk for each field
        yield read_plain_fields(texts)
    if "workflow" in texts:  # saved without the graph that was run
        yield read_comfyui(texts["workflow"], size)
    for name in ("xmp", "XML:com.adobe.xmp"):
        if name in texts:
            yield read_draw_things(texts[name])
    yield read_legacy_invokeai(texts)


def _lines(text: str) -> dict[str, str]:
    """Return the fields of a text with one on each line, as in Easy Diffusion's text files."""
    pairs = [line.partition(": ") for line in text[:_MAX_LINES].splitlines()]
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def _json(text: str, size: tuple[int, int]) -> Iterator[Found | None]:
    text = text.lstrip("\ufeff \n")
    value = parse_json(text)
    if isinstance(value, list) and value:  # an entry for each picture of a request
        value = value[0]
    if not isinstance(value, dict):
        return
    nested = {key: item for key, item in value.items() if isinstance(item, str)}
    yield read_swarmui(value)
    yield read_novelai(nested)
    yield read_draw_things_json(value)
    yield read_fooocus(value)
    yield read_comfyui(text, size)
    if "prompt" in nested:  # a graph as text in JSON
        yield read_comfyui(nested["prompt"], size)
    yield read_plain_fields(value)
