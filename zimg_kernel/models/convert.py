"""Conversion of a downloaded model to bf16, which halves its transformer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from zimg_kernel import settings
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.files import make_folder

from .catalog import ModelCard
from .diffusers_folder import FaultyError, check_folder, read_header, read_json, weight_files
from .download import SPARE_BYTES, TRANSFORMER, Say
from .weights import copy_origin, free_disk, note_origin


def convert_to_bf16(card: ModelCard, folder: Path, say: Say, drop: bool = False) -> Path:
    """Make a copy of a model whose transformer is stored in bf16; return its folder.

    Z-Image-Turbo's transformer is published in fp32 (24.6 GB), but used in bf16: the copy
    has half the bytes to keep and to read. The other components are linked, not copied.

    Parameters
    ----------
    card : ModelCard
        The model.
    folder : Path
        Its complete folder.
    say : callable
        Gets lines for the user.
    drop : bool
        Remove the original transformer's weights afterwards, which halves the disk too.

    Raises
    ------
    BadInput
        The model ships inside the package, has no transformer, or is to be dropped from a
        folder of the user's own.
    ZimgError
        The copy could not be written; the original is untouched.
    """
    copy = settings.converted_folder(card.id)
    if card.source.embedded:
        raise BadInput(
            f"{card.id} ships inside the package and is not converted.",
            code="model-not-convertible",
            field="model",
        )
    if drop and card.source.folder:
        raise BadInput(
            f"{card.id} lies in a folder of your own, {card.source.folder}: nothing is removed "
            "there. Leave --drop-fp32 out.",
            code="folder-not-ours",
            field="drop_fp32",
        )
    if not (folder / "transformer").is_dir():
        raise BadInput(
            f"{card.id} has no transformer that could be converted.",
            code="model-not-convertible",
            field="model",
        )
    if _is_quantized(folder / "transformer"):
        raise BadInput(
            f"{card.id} has a quantized transformer, which is smaller than bf16 already.",
            code="model-not-convertible",
            field="model",
        )
    if folder != copy:
        files = weight_files(folder / "transformer")
        if not any(_is_fp32(path) for path in files):
            say(f"{card.id} is stored in bf16 already")
            return folder
        _make_copy(card, folder, files, say)
    say(f"The bf16 copy of {card.id} is in {copy}")
    if drop:
        _drop_original(card, say)
    return copy


def _make_copy(card: ModelCard, folder: Path, files: list[Path], say: Say) -> None:
    copy = settings.converted_folder(card.id)
    need = sum(path.stat().st_size for path in files) // 2 + SPARE_BYTES
    if free_disk(copy) < need:
        raise ZimgError(
            f"A bf16 copy of {card.id} needs {need / 1e9:.1f} GB on the disk of {copy}: make room, "
            "or set ZIMG_HOME to a folder on a larger disk.",
            code="disk-full",
            field="ZIMG_HOME",
        )
    say(f"Converting the transformer of {card.id} to bf16")
    unfinished = copy.with_name("bf16.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        _convert_files(files, unfinished / "transformer", say)
        shutil.copy(folder / "transformer" / "config.json", unfinished / "transformer")
        shutil.copy(folder / "model_index.json", unfinished)
        for path in folder.iterdir():
            if path.is_dir() and path.name != "transformer" and not path.name.startswith("."):
                _link(path.resolve(), unfinished / path.name)
        note_origin(card, folder, unfinished)
        if problem := check_folder(unfinished):
            raise OSError(f"what was written {problem}")
        shutil.rmtree(copy, ignore_errors=True)
        unfinished.rename(copy)
    except Exception as error:
        raise ZimgError(
            f"The bf16 copy of {card.id} could not be written ({' '.join(str(error).split())}); "
            "the original is untouched.",
            code="not-written",
            field="ZIMG_HOME",
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _drop_original(card: ModelCard, say: Say) -> None:
    origin = copy_origin(card)
    files = sorted(origin.glob(TRANSFORMER)) if origin is not None else []
    freed = sum(path.stat().st_size for path in files)
    for path in files:
        path.resolve().unlink()  # Hugging Face's cache links to the file itself
        path.unlink(missing_ok=True)
    say(f"Removed {freed / 1e9:.1f} GB of fp32 weights from {origin}")


def _is_fp32(path: Path) -> bool:
    header = read_header(path)
    return any(value["dtype"] == "F32" for key, value in header.items() if key != "__metadata__")


def _is_quantized(folder: Path) -> bool:
    try:
        return bool(read_json(folder / "config.json").get("quantization_config"))
    except FaultyError:
        return False  # making the copy will say what is wrong


def _convert_files(files: list[Path], target: Path, say: Say) -> None:
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file

    make_folder(target.parent)
    target.mkdir()
    places, total = {}, 0
    for number, path in enumerate(files, 1):
        tensors = {}
        with safe_open(path, framework="pt") as source:
            for name in source.keys():  # noqa: SIM118 (it is no mapping)
                tensor = source.get_tensor(name)
                tensors[name] = tensor.to(torch.bfloat16) if tensor.is_floating_point() else tensor
                total += tensors[name].nbytes
                places[name] = path.name
        save_file(tensors, target / path.name, metadata={"format": "pt"})
        say(f"  {number} of {len(files)} files")
    if len(files) > 1:
        index = {"metadata": {"total_size": total}, "weight_map": places}
        text = json.dumps(index, indent=2, sort_keys=True)
        (target / "diffusion_pytorch_model.safetensors.index.json").write_text(text)


def _link(source: Path, target: Path) -> None:
    try:
        target.symlink_to(source, target_is_directory=True)
    except OSError:  # Windows without the right to link
        shutil.copytree(source, target)
