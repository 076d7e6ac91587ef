"""Reader of Draw Things' records, JSON in XMP's exif:UserComment."""

from __future__ import annotations

import html
import re
from typing import Any

from ..text import parse_json
from .found import Found
from .numbers import size_of

_COMMENT = re.compile(
    r"<exif:UserComment\b[^>]{0,200}>(.{1,200000}?)</exif:UserComment>"
    r"|\bexif:UserComment\s{0,9}=\s{0,9}\"([^\"]{1,200000})\"",
    re.S,
)


def read_draw_things(xmp: str) -> Found | None:
    """Return what the XMP text says, or None if it is not Draw Things'."""
    match = _COMMENT.search(xmp)
    if match is None:
        return None
    inner = re.sub(r"</?rdf:[^>]{0,200}>", "", match[1] or match[2])
    return read_draw_things_json(parse_json(html.unescape(inner)))


def read_draw_things_json(value: Any) -> Found | None:
    """Return what the JSON says: ``c`` is the prompt, ``uc`` the negative one."""
    if not isinstance(value, dict) or not isinstance(value.get("c"), str):
        return None
    newer: Any = value.get("v2") if isinstance(value.get("v2"), dict) else {}
    listed = value.get("lora") or newer.get("loras")
    return Found(
        software="Draw Things",
        prompt=value["c"],
        negative=value["uc"] if isinstance(value.get("uc"), str) else "",
        seed=value.get("seed"),
        steps=value.get("steps"),
        cfg=value.get("scale"),
        sampler=value.get("sampler"),
        shift=value.get("shift", newer.get("shift")),
        size=size_of(value.get("size", "")),
        loras=[
            (str(item.get("model", item.get("file", ""))), item.get("weight"))
            for item in (listed if isinstance(listed, list) else [])
            if isinstance(item, dict)
        ],
        models=[value["model"]] if isinstance(value.get("model"), str) else [],
    )
