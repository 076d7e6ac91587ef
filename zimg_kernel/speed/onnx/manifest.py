"""Manifest of an export: what it was made from, with what, and what its files take and give."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

Precision = Literal["fp32", "int8"]

VERSION = 1
"""Of the layout and of the forwards: an export of another version is made anew."""

FILE = "manifest.json"
MODEL = "model.onnx"
"""Of each part, in a folder of the part's name; its weights lie beside it."""


@dataclass(frozen=True)
class Manifest:
    """What an export is.

    Attributes
    ----------
    version : int
        :data:`VERSION`.
    model : str
        Id of the model's card.
    precision : str
        Of the products of the transformer and the text encoder: fp32, or int8.
    fingerprints : dict of str to str
        Of the components that the parts were made from.
    parts : dict
        Of each part: ``inputs`` and ``outputs`` with names, types and shapes, the version of the
        ONNX operators as ``opset``, and ``bytes``.
    vae : dict
        ``scaling_factor`` and ``shift_factor`` of latents before they are decoded.
    made_with : dict of str to str
        Versions of packages.
    """

    version: int
    model: str
    precision: Precision
    fingerprints: dict[str, str]
    parts: dict[str, Any]
    vae: dict[str, float]
    made_with: dict[str, str]

    def write(self, folder: Path) -> None:
        """Write it into the folder of the export."""
        text = json.dumps(asdict(self), indent=2) + "\n"
        (folder / FILE).write_text(text, encoding="utf-8")


def read(folder: Path) -> Manifest | None:
    """Return the manifest of an export; None where there is none, or one of another version."""
    try:
        found = Manifest(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    whole = found.version == VERSION and isinstance(found.parts, dict)
    return found if whole and all(_is_whole(folder, found, name) for name in found.parts) else None


def _is_whole(folder: Path, manifest: Manifest, name: str) -> bool:
    part = folder / name
    sizes = sum(file.stat().st_size for file in part.glob("*") if file.is_file())
    return (part / MODEL).is_file() and sizes == manifest.parts[name].get("bytes")


def describe(path: Path) -> dict[str, Any]:
    """Return names, types and shapes of a file's inputs and outputs, and its bytes."""
    import onnx

    model = onnx.load(str(path), load_external_data=False)
    graph = model.graph

    def values(found: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": value.name,
                "type": onnx.TensorProto.DataType.Name(value.type.tensor_type.elem_type).lower(),
                "shape": [
                    side.dim_param or side.dim_value for side in value.type.tensor_type.shape.dim
                ],
            }
            for value in found
        ]

    return {
        "inputs": values(graph.input),
        "outputs": values(graph.output),
        "opset": next(one.version for one in model.opset_import if not one.domain),
        "bytes": sum(file.stat().st_size for file in path.parent.glob("*") if file.is_file()),
    }


def made_with() -> dict[str, str]:
    """Return the versions of what writes an export."""
    names = ("zimg-workbench", "torch", "diffusers", "transformers", "onnx", "onnxscript")
    return {name: version(name) for name in (*names, "onnxruntime")}


def digest(fingerprints: dict[str, str], precision: Precision) -> str:
    """Return what names an export among those of a model: of its files, format and version."""
    text = json.dumps([VERSION, precision, fingerprints], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
