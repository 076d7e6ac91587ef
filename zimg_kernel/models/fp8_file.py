"""Weights in 8 bits (fp8) made beforehand for ``speed="fast"``, which rounds them otherwise.

A safetensors file holds, for each of the layers that a family's ``fp8_layers`` names, its values as
``NAME.weight`` and its scales as ``NAME.scale``, to the bit what loading makes of the transformer's
files. What it was made from stands in its metadata.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from zimg_kernel import settings
from zimg_kernel.errors import BadInput, WeightsMissing, ZimgError
from zimg_kernel.families.registry import family_of
from zimg_kernel.files import atomic_file

from .card import ModelCard
from .diffusers_folder import FaultyError, read_header, read_json
from .tensor_places import Place, places_in, places_in_file
from .weights import free_disk, newest_weights, require_weights

if TYPE_CHECKING:
    from .component_loading import Fp8Places
    from .download import Say

_VERSION = "1"  # of the rounding and of the names
_SCALE = 4  # bytes


def fp8_path(card: ModelCard) -> Path:
    """Return where the file of a model is, or would be."""
    return settings.converted_folder(card.id).with_name("fp8.safetensors")


def fp8_state(card: ModelCard) -> Literal["", "ready", "stale"]:
    """Return whether there is a file, and whether it is of the weights that would be loaded."""
    if not fp8_path(card).is_file():
        return ""
    try:
        return "ready" if find_fp8(card, require_weights(card)) is not None else "stale"
    except ZimgError:
        return "stale"


def find_fp8(card: ModelCard, folder: Path) -> Fp8Places | None:
    """Return where the layers of a model stand in 8 bits.

    None if there is no file, if it is damaged, or if it was made from other weights.
    """
    path, pattern = fp8_path(card), family_of(card).fp8_layers
    try:
        if not pattern or not path.is_file():
            return None
        told = read_header(path).get("__metadata__", {})
        origin = _origin(folder)
        if {key: told.get(key) for key in origin} != origin:
            return None
        places = places_in_file(path)
    except (FaultyError, OSError, ValueError, KeyError):
        return None
    names = {key.rpartition(".")[0] for key in places or {}}
    if places is None or not all(re.fullmatch(pattern, name) for name in names):
        return None
    pairs = {name: (places.get(f"{name}.weight"), places.get(f"{name}.scale")) for name in names}
    whole = {name: (one, two) for name, (one, two) in pairs.items() if one and two}
    return whole if whole and len(whole) == len(names) else None


def _origin(folder: Path) -> dict[str, str]:
    """Return what tells the weights that a file was made from."""
    import torch

    from .fingerprints import fingerprint

    return {
        "zimg_fp8": _VERSION,
        "made_from": fingerprint(folder / "transformer", torch.bfloat16),
        "newest": str(newest_weights(folder)),
    }


def make_fp8(card: ModelCard, folder: Path, say: Say) -> Path:
    """Write the weights of a model's transformer in 8 bits; return the file.

    On a CUDA device where there is one, else on the CPU, with the same bits.

    Parameters
    ----------
    card : ModelCard
        The model.
    folder : Path
        Its complete folder.
    say : callable
        Gets lines for the user.

    Raises
    ------
    BadInput
        ``speed="fast"`` is not for this model.
    ZimgError
        The file could not be written; one that was there before is untouched.
    """
    from .download import SPARE_BYTES

    path = fp8_path(card)
    layers = _layers(card, folder)
    if find_fp8(card, folder) is not None:
        say(f"The fp8 file of {card.id} is there already: {path}")
        return path
    size = sum(_values(place) + _SCALE * place.shape[0] for place in layers.values())
    if free_disk(path) < size + SPARE_BYTES:
        raise ZimgError(
            f"The fp8 file of {card.id} needs {(size + SPARE_BYTES) / 1e9:.1f} GB on the disk of "
            f"{path.parent}: make room, or set ZIMG_HOME to a folder on a larger disk.",
            code="disk-full",
            field="ZIMG_HOME",
        )
    say(f"Rounding the transformer of {card.id} to 8 bits ({size / 1e9:.1f} GB)")
    origin = _origin(folder)  # before it is read: what changes meanwhile makes the file stale
    with atomic_file(path, hint="A file that was there before is untouched.") as file:
        _write(file, layers, origin, say)
    say(f"The fp8 file of {card.id} is {path}")
    return path


def _layers(card: ModelCard, folder: Path) -> dict[str, Place]:
    """Return the places of the weights to be rounded, by the names of their layers."""
    pattern = family_of(card).fp8_layers
    found: dict[str, Place] = {}
    if pattern and (folder / "transformer").is_dir():
        try:
            places = places_in(folder / "transformer") or {}
            if read_json(folder / "transformer" / "config.json").get("quantization_config"):
                places = {}
        except FaultyError as fault:
            raise WeightsMissing(
                f"The model {card.id} in {folder} is {fault}: mend it with zimg pull {card.id}.",
                code="weights-missing",
                field="model",
            ) from None
        for key, place in places.items():
            name, _, kind = key.rpartition(".")
            if kind == "weight" and re.fullmatch(pattern, name):
                found[name] = place
    if not found:
        raise BadInput(
            f"{card.id} has no transformer that speed=fast would round to 8 bits: leave --fp8 out.",
            code="model-not-convertible",
            field="fp8",
        )
    return found


def _write(file: BinaryIO, layers: dict[str, Place], origin: dict[str, str], say: Say) -> None:
    import torch
    from safetensors import safe_open

    from .fp8_rounding import quantise_weights

    header: dict[str, Any] = {"__metadata__": {"format": "pt", **origin}}
    end = 0
    for name, place in layers.items():  # scales first, so that each begins at a multiple of 4
        begin, end = end, end + _SCALE * place.shape[0]
        told = {"dtype": "F32", "shape": [place.shape[0]], "data_offsets": [begin, end]}
        header[f"{name}.scale"] = told
    between = end
    for name, place in layers.items():
        begin, end = end, end + _values(place)
        told = {"dtype": "F8_E4M3", "shape": list(place.shape), "data_offsets": [begin, end]}
        header[f"{name}.weight"] = told
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little") + text + bytes(between))
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    scales = []
    opened: dict[Path, Any] = {}
    for number, place in enumerate(layers.values(), 1):
        if place.path not in opened:
            opened = {place.path: safe_open(place.path, framework="pt", device="cpu")}
        weight = opened[place.path].get_tensor(place.key).to(device).to(torch.bfloat16)
        values, scale = quantise_weights(weight)
        file.write(values.view(torch.uint8).cpu().numpy().tobytes())
        scales.append(scale.cpu().numpy().tobytes())
        if number % 50 == 0 or number == len(layers):
            say(f"  {number} of {len(layers)} layers")
    file.seek(8 + len(text))
    file.write(b"".join(scales))


def _values(place: Place) -> int:
    """Return how many values a tensor has."""
    return place.size // place.dtype.itemsize
