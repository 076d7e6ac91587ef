"""Diffusers folders on disk: completeness check, headers, sizes of components."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .component_tensors import component_fault

_WEIGHT_NAMES = ("diffusion_pytorch_model", "model")
_PARTS = ("transformer", "vae", "text_encoder", "tokenizer", "scheduler")
_SMALL = 100_000  # bytes; a tokenizer's file of that size is parsed
_TOKENIZER_FILES = ("tokenizer.json", "vocab.json", "spiece.model")
LIBRARIES = ("diffusers", "transformers")
"""Whose classes ``model_index.json`` may name."""
_LONGEST_HEADER = 100_000_000  # bytes; the limit of the safetensors library


class FaultyError(Exception):
    """An incomplete or damaged folder; the reason in a few words."""


def check_folder(folder: Path) -> str:
    """Return the fault of a diffusers folder in a few words, or an empty string.

    Reads only headers: every component that ``model_index.json`` names must be there, every
    safetensors file must be as long as its own header says (so a download that was cut off, or
    a damaged header, is seen in milliseconds whatever the size), and its tensors must be those
    that the component's config asks for.
    """
    try:
        index = read_json(folder / "model_index.json")
        named = {
            name: value[1]
            for name, value in index.items()
            if isinstance(value, list) and len(value) == 2 and isinstance(value[1], str)
        }
        if not named:
            raise FaultyError("damaged (model_index.json names no components)")
        _check_whole(index.get("_class_name"), named)
        for name, kind in named.items():
            _check_class(name, index[name][0], kind)
            _check_component(folder / name, kind)
    except FaultyError as fault:
        return f"in {folder} is {fault}"
    return ""


def _check_whole(pipeline: Any, named: dict[str, str]) -> None:
    """Refuse an index that lacks its pipeline's class, or what each of Z-Image's consists of."""
    if not isinstance(pipeline, str) or not pipeline:
        raise FaultyError("damaged (model_index.json names no pipeline)")
    absent = [name for name in _PARTS if name not in named]
    if pipeline.startswith("ZImage") and absent:
        raise FaultyError(f"incomplete (model_index.json names no {' and no '.join(absent)})")


def _check_class(name: str, library: Any, kind: str) -> None:
    """Refuse a class of any other module: importing one runs its code."""
    if library not in LIBRARIES or not kind.isidentifier():
        raise FaultyError(
            f"not one to load ({name} is a {library}.{kind}; classes of {' and '.join(LIBRARIES)} "
            "are taken)"
        )


def _check_component(folder: Path, kind: str) -> None:
    if not folder.is_dir():
        raise FaultyError(f"incomplete ({folder.name}/ is absent)")
    if any(folder.rglob("*.incomplete")):
        raise FaultyError(f"incomplete (the download of {folder.name}/ was cut off)")
    if "Tokenizer" in kind:
        _check_tokenizer(folder)
    elif "Scheduler" in kind:
        read_json(folder / "scheduler_config.json")
    elif not ("Processor" in kind or "Extractor" in kind):
        config = read_json(folder / "config.json")
        header: dict[str, Any] = {}
        for path in weight_files(folder):
            header |= read_header(path)
        if fault := component_fault(folder.name, kind, config, header):
            raise FaultyError(fault)


def _check_tokenizer(folder: Path) -> None:
    there = [folder / name for name in _TOKENIZER_FILES if (folder / name).is_file()]
    if not there:
        raise FaultyError(f"incomplete ({folder.name}/{_TOKENIZER_FILES[0]} is absent)")
    for path in there:
        if path.suffix == ".json":  # up to 11 MB: look at the end instead of parsing it
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - 64))
                if not file.read().rstrip().endswith(b"}"):
                    raise FaultyError(f"damaged ({_short(path)} is cut off)")
        small = path.name == "tokenizer.json" and path.stat().st_size < _SMALL
        if small and not isinstance(read_json(path).get("model"), dict):
            raise FaultyError(f"damaged ({_short(path)} holds no tokenizer)")


def weight_files(folder: Path) -> list[Path]:
    """Return the safetensors files of one component, shards in order.

    Raises
    ------
    FaultyError
        They are not all there.
    """
    for stem in _WEIGHT_NAMES:
        index = folder / f"{stem}.safetensors.index.json"
        if index.is_file():
            places = read_json(index).get("weight_map")
            if not isinstance(places, dict) or not places:
                raise FaultyError(f"damaged ({_short(index)} names no weights)")
            parts = [folder / name for name in sorted({str(place) for place in places.values()})]
            whole = folder / f"{stem}.safetensors"
            if whole.exists() and not all(part.exists() for part in parts):
                raise FaultyError(
                    f"incomplete ({_short(index)} names absent files: if {whole.name} beside it "
                    "is whole, delete the index)"
                )
            return parts
        if (folder / f"{stem}.safetensors").exists():
            return [folder / f"{stem}.safetensors"]
    raise FaultyError(f"incomplete ({folder.name}/ has no safetensors weights)")


def read_header(path: Path) -> dict[str, Any]:
    """Return the header of a safetensors file, whose length is checked against the file's.

    Format: 8 bytes little-endian header length, JSON header, then the data that the
    header's ``data_offsets`` describe (the safetensors specification).

    Raises
    ------
    FaultyError
        The file is absent, cut off or damaged.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= _LONGEST_HEADER:
                raise FaultyError(f"damaged ({_short(path)} has no valid header)")
            raw = file.read(length)
    except FileNotFoundError:
        raise FaultyError(f"incomplete ({_short(path)} is absent)") from None
    except OSError as error:
        raise FaultyError(f"damaged ({_short(path)} cannot be read: {error.strerror})") from None
    if len(raw) < length:
        raise FaultyError(f"incomplete ({_short(path)} is cut off at {size:,} bytes)")
    try:
        header: dict[str, Any] = json.loads(raw)
        places = [value["data_offsets"] for key, value in header.items() if key != "__metadata__"]
        wanted = 8 + length + max((end for _, end in places), default=0)
    except (ValueError, AttributeError, TypeError, LookupError, RecursionError):
        raise FaultyError(f"damaged ({_short(path)} has no valid header)") from None
    if size < wanted:
        raise FaultyError(f"incomplete ({_short(path)} has {size:,} of {wanted:,} bytes)")
    if size > wanted:
        raise FaultyError(f"damaged ({_short(path)} has {size:,} bytes instead of {wanted:,})")
    return header


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file; raise :class:`FaultyError` if there is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FaultyError(f"incomplete ({_short(path)} is absent)") from None
    except (OSError, ValueError, RecursionError):
        raise FaultyError(f"damaged ({_short(path)} is not valid JSON)") from None
    if not isinstance(data, dict):
        raise FaultyError(f"damaged ({_short(path)} holds no JSON object)")
    return data


def _short(path: Path) -> str:
    at_the_top = path.name == "model_index.json"
    return path.name if at_the_top else f"{path.parent.name}/{path.name}"


def component_bytes(folder: Path, bytes_per_value: int) -> int:
    """Return the memory that a component takes at so many bytes a value, bytes."""
    values = 0
    for path in weight_files(folder):
        for key, tensor in read_header(path).items():
            if key != "__metadata__":
                count = 1
                for side in tensor["shape"]:
                    count *= side
                values += count
    return values * bytes_per_value


def weighted_components(folder: Path) -> dict[str, tuple[str, str]]:
    """Return the components of a diffusers folder that have weights: name → (library, class)."""
    index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    found = {}
    for name, value in index.items():
        named = not name.startswith("_") and isinstance(value, list) and value[0]
        if named and (folder / name / "config.json").is_file():
            found[name] = (value[0], value[1])
    return found
