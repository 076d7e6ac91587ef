"""Export of a model's parts as ONNX files with their weights beside them."""

from __future__ import annotations

import logging
import shutil
import tempfile
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel import settings
from zimg_kernel.errors import BadInput, OutOfMemory, ZimgError
from zimg_kernel.files import make_folder
from zimg_kernel.models import device as devices
from zimg_kernel.models.diffusers_folder import (
    component_bytes,
    read_json,
    weight_files,
    weighted_components,
)
from zimg_kernel.models.fingerprints import fingerprint
from zimg_kernel.models.weights import free_disk

from .manifest import MODEL, VERSION, Manifest, Precision, describe, digest, made_with, read
from .parts import PARTS, Part
from .quantise import quantise

if TYPE_CHECKING:
    from zimg_kernel.models.card import ModelCard

Say = Callable[[str], object]

_NEEDED = ("onnx", "onnxscript", "onnxruntime")
_CLASSES = {
    "text_encoder": "Qwen3Model",
    "transformer": "ZImageTransformer2DModel",
    "vae": "AutoencoderKL",
}
_SPARE = 1 << 28  # bytes of a disk or of memory beside the weights
_ALSO = ("tokenizer", "scheduler")


def export_folder(card: ModelCard, folder: Path, precision: Precision) -> Path:
    """Return where a model's export lies unless another folder is named."""
    name = f"{card.id}-{precision}-{digest(fingerprints(folder), precision)}"
    return settings.cache_folder() / "onnx" / name


def export(
    card: ModelCard,
    folder: Path,
    say: Say,
    *,
    precision: Precision = "fp32",
    output: Path | None = None,
) -> Path:
    """Write a model's text encoder, transformer and decoder as ONNX; return the folder.

    An export of the same files that is there already is left as it is.

    Parameters
    ----------
    card, folder
        The model and its files.
    say : callable
        Gets lines for the user.
    precision : {"fp32", "int8"}
        With int8 the products of transformer and text encoder are in 8 bits.
    output : Path, optional
        A folder to write to; one of the cache otherwise, where drawing finds it.

    Raises
    ------
    BadInput
        The model is of another architecture, or the folder holds something else.
    ZimgError
        A package is missing, the disk is full, or the files could not be written.
    OutOfMemory
        The weights do not fit into memory.
    """
    require_exportable(card, folder)
    target = (output or export_folder(card, folder, precision)).absolute()
    prints = fingerprints(folder)
    found = read(target)
    if found and (found.fingerprints, found.precision) == (prints, precision):
        return target
    if output is not None and found is None and target.exists() and any(target.iterdir()):
        raise BadInput(
            f"{target} holds other files already: name a new folder, or an empty one.",
            code="folder-not-empty",
            field="output",
        )
    require_packages()
    _require_room(folder, target, precision)
    _quiet()
    unfinished = None
    try:
        make_folder(target.parent)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        unfinished.chmod(0o755)
        for part in PARTS:
            say(f"Exporting {part.name} of {card.id}")
            _write(part, folder / part.component, unfinished, precision)
        for name in _ALSO:
            if (folder / name).is_dir():
                shutil.copytree(folder / name, unfinished / name)
        config = read_json(folder / "vae" / "config.json")
        Manifest(
            version=VERSION,
            model=card.id,
            precision=precision,
            fingerprints=prints,
            parts={part.name: describe(unfinished / part.name / MODEL) for part in PARTS},
            vae={key: config.get(key) or 0.0 for key in ("scaling_factor", "shift_factor")},
            made_with=made_with(),
        ).write(unfinished)
        shutil.rmtree(target, ignore_errors=True)
        unfinished.rename(target)
    except OSError as error:
        raise ZimgError(
            f"The export of {card.id} could not be written to {target} "
            f"({error.strerror or error}): make room there, or name another folder with --output.",
            code="not-written",
            field="output",
        ) from error
    finally:
        if unfinished is not None:
            shutil.rmtree(unfinished, ignore_errors=True)
    return target


def fingerprints(folder: Path) -> dict[str, str]:
    """Return the fingerprint of each component that is exported, as its files are."""
    import torch

    return {name: fingerprint(folder / name, torch.float32) for name in _CLASSES}


def why_not_exportable(card: ModelCard, folder: Path) -> str:
    """Return what stands in the way of an export of a model's architecture; "" for nothing."""
    if "Omni" in card.pipeline.rpartition(".")[2]:
        return "it reads pictures beside its prompt, which an export does not"
    found = {name: kind for name, (_, kind) in weighted_components(folder).items()}
    for name, kind in _CLASSES.items():
        if found.get(name) != kind:
            return f"its {name} is a {found.get(name, 'missing one')}, not a {kind}"
    if any(kind != "full_attention" for kind in _layer_types(folder)):
        return "its text encoder attends within windows"
    quantised = read_json(folder / "transformer" / "config.json").get("quantization_config")
    return "its transformer is stored quantised" if quantised else ""


def _layer_types(folder: Path) -> list[str]:
    config = read_json(folder / "text_encoder" / "config.json")
    return list(config.get("layer_types") or [])


def require_exportable(card: ModelCard, folder: Path) -> None:
    """Refuse a model of another architecture.

    Raises
    ------
    BadInput
        Says what stands in the way.
    """
    why = why_not_exportable(card, folder)
    if why:
        raise BadInput(
            f"{card.title} cannot be exported: {why}. Take a model of the stock ZImagePipeline, "
            "such as z-image-turbo or nano-turbo.",
            code="model-not-exportable",
            field="model",
        )


def require_packages(names: tuple[str, ...] = _NEEDED) -> None:
    """Refuse to go on without the packages of the extra.

    Raises
    ------
    ZimgError
        With the command that installs them.
    """
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise ZimgError(
            f"ONNX files need {' and '.join(missing)}: run pip install 'zimg-workbench[onnx]'.",
            code="package-missing",
            field="onnx",
        )


def _quiet() -> None:
    """Leave out bars and notes of the libraries."""
    import diffusers
    import transformers

    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)


def _require_room(folder: Path, target: Path, precision: Precision) -> None:
    import torch

    sizes = [component_bytes(folder / name, 4) for name in _CLASSES]
    # 8-bit files are made from those in fp32, one part after the other.
    need = sum(sizes) if precision == "fp32" else sum(sizes) // 4 + max(sizes)
    if free_disk(target) < need + _SPARE:
        raise ZimgError(
            f"The export needs {(need + _SPARE) / 1e9:.1f} GB on the disk of {target} and "
            f"{free_disk(target) / 1e9:.1f} GB are free: make room, or name a folder on another "
            "disk with --output.",
            code="disk-full",
            field="output",
        )
    largest, free = max(sizes) + _SPARE, devices.free_bytes(torch.device("cpu"))
    if largest > free:
        raise OutOfMemory(
            f"The export reads {largest / 1e9:.1f} GB into memory at a time and {free / 1e9:.1f} "
            "GB are free: close other programs, or export on a larger machine and copy the "
            "folder.",
            code="out-of-memory",
            field="model",
        )


def _write(part: Part, source: Path, folder: Path, precision: Precision) -> None:
    weight_files(source)  # says what is wrong with them
    place = folder / part.name / MODEL
    place.parent.mkdir(parents=True)
    if precision == "fp32" or part.component == "vae":
        write_part(part, part.load(source), place)
        return
    with tempfile.TemporaryDirectory(dir=folder) as between:
        plain = Path(between) / MODEL
        write_part(part, part.load(source), plain)
        quantise(plain, place)


def write_part(part: Part, module: Any, place: Path) -> None:
    """Write one module as an ONNX file with its weights beside it."""
    import torch

    arguments, sides = part.example(module)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module,
            arguments,
            dynamo=True,
            opset_version=part.opset,
            input_names=list(part.inputs),
            output_names=list(part.outputs),
            dynamic_shapes=sides,
            verbose=False,
        )
        assert program is not None
        program.save(str(place), external_data=True)
