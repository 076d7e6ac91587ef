"""LoRA files without effect: alphas or factors that are all zero; no torch is needed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from .keys import Contents, Layer

_PIECE = 1 << 20  # bytes
_ZEROS = b"\0\x80"  # a zero may have a sign


def has_no_effect(path: Path, header: Mapping[str, Any], contents: Contents) -> bool:
    """Return whether every layer's change is zero.

    Of a LoRA's layer, that is where its alpha or one of its factors is; other forms count as
    having an effect. It ends at the first such layer, so that little of the file is read.
    """
    with open(path, "rb") as file:
        start = 8 + int.from_bytes(file.read(8), "little")  # behind the header

        def zero(layer: Layer, part: str) -> bool:
            key = layer.keys.get(part)
            if key is None:
                return False
            first, end = header[key]["data_offsets"]
            if type(first) is not int or type(end) is not int or not 0 <= first < end:
                return False
            return _all_zero(file, start + first, end - first)

        return bool(contents.layers) and all(
            layer.kind == "lora"
            and not {"dora", "magnitude"} & layer.keys.keys()
            and any(zero(layer, part) for part in ("alpha", "up", "down"))
            for layer in contents.layers
        )


def _all_zero(file: BinaryIO, at: int, length: int) -> bool:
    file.seek(at)
    while length > 0:
        piece = file.read(min(_PIECE, length))
        if not piece or piece.translate(None, _ZEROS):
            return False
        length -= len(piece)
    return True
