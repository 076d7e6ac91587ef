"""Places of tensors in safetensors files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .diffusers_folder import read_header, weight_files

if TYPE_CHECKING:
    import torch

_DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
}


@dataclass(frozen=True)
class Place:
    """Where a tensor's values stand in a file.

    Attributes
    ----------
    path, key : Path, str
        The file, and the tensor's name in it.
    start, size : int
        The first byte in the file, and the number of bytes.
    dtype : torch.dtype
        The file's number format.
    shape : tuple of int
    """

    path: Path
    key: str
    start: int
    size: int
    dtype: torch.dtype
    shape: tuple[int, ...]


def places_in(folder: Path) -> dict[str, Place] | None:
    """Return the places of a component's tensors by name, of all its files.

    None if one of them holds other numbers than floating-point ones.

    Raises
    ------
    FaultyError
        The files are incomplete or damaged.
    """
    found: dict[str, Place] = {}
    for path in weight_files(folder):
        some = places_in_file(path)
        if some is None:
            return None
        found |= some
    return found


def places_in_file(path: Path) -> dict[str, Place] | None:
    """Return the places of the tensors of one file, as :func:`places_in`."""
    import torch

    header = read_header(path)
    with path.open("rb") as file:
        data = 8 + int.from_bytes(file.read(8), "little")
    found = {}
    for key, told in header.items():
        if key == "__metadata__":
            continue
        dtype = getattr(torch, _DTYPES.get(told["dtype"], ""), None)
        if dtype is None:
            return None
        begin, end = told["data_offsets"]
        found[key] = Place(path, key, data + begin, end - begin, dtype, tuple(told["shape"]))
    return found
