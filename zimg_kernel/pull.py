"""Download a model through ModelScope (or Hugging Face), and halve it: the one online module."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from . import settings
from .catalog import ModelCard
from .errors import WeightsMissing, ZimgError
from .params import BadInput
from .weights import check_folder, find_weights, free_disk, read_header, weight_files

_SPARE_BYTES = 2_000_000_000  # left free on the disk after a download
Say = Callable[[str], None]


def pull(card: ModelCard, say: Say, verify: bool = False) -> Path:
    """Make a model complete on this machine; return its folder.

    A download that was cut off goes on where it stopped, and every file is checked against
    the repository's SHA-256.

    Parameters
    ----------
    card : ModelCard
        The model.
    say : callable
        Gets lines for the user.
    verify : bool
        Go online also if the files look complete, and check their sums.

    Raises
    ------
    BadInput
        The card names no repository.
    WeightsMissing
        Too little disk, no network, or files that are still not whole afterwards.
    """
    found = find_weights(card)
    if found.ready and found.folder is not None and not verify:
        say(f"{card.id} is complete in {found.folder}")
        return found.folder
    source = card.source
    if not (source.modelscope or source.huggingface):
        raise BadInput(f"{card.id} names no repository to download from; {found.mend}.")
    cache = settings.modelscope_cache() if source.modelscope else settings.huggingface_cache()
    _check_disk(card, cache)
    say(f"Downloading {source.modelscope or source.huggingface} into {cache}")
    try:
        folder = Path(_download(card))
    except Exception as error:
        raise WeightsMissing(_why_not_downloaded(card, error)) from error
    problem = check_folder(folder)
    if problem:
        raise WeightsMissing(f"The model {card.id} {problem} after the download; try again.")
    shutil.rmtree(settings.converted_folder(card.id), ignore_errors=True)  # made from older files
    say(f"{card.id} is complete in {folder}, every file's checksum is right")
    return folder


def _check_disk(card: ModelCard, cache: Path) -> None:
    need = int((card.download_gb or 0) * 1e9)
    have = sum(path.stat().st_size for path in cache.rglob("*.incomplete")) if cache.exists() else 0
    free = free_disk(cache)
    if need - have + _SPARE_BYTES > free:
        raise WeightsMissing(
            f"{card.id} needs {(need - have) / 1e9:.1f} GB and the disk of {cache} has "
            f"{free / 1e9:.1f} GB free: make room, or set MODELSCOPE_CACHE to a larger disk."
        )


def _download(card: ModelCard) -> str:
    if card.source.modelscope:
        from modelscope.hub.snapshot_download import snapshot_download

        return str(snapshot_download(card.source.modelscope))
    from huggingface_hub import snapshot_download as hugging_face_download

    return str(hugging_face_download(str(card.source.huggingface)))


def _why_not_downloaded(card: ModelCard, error: Exception) -> str:
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return (
        f"{card.id} could not be downloaded ({reason}). What has arrived is kept: check the "
        f"network and run again: zimg pull {card.id}"
    )


def convert_to_bf16(card: ModelCard, folder: Path, say: Say, drop: bool = False) -> Path:
    """Make a copy of a model whose transformer is stored in bf16; return its folder.

    Z-Image-Turbo's transformer is published in fp32 (24.6 GB), but used in bf16: the copy
    loads in half the time. The other components are linked, not copied.

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
    """
    copy = settings.converted_folder(card.id)
    if folder == copy:
        say(f"The bf16 copy of {card.id} is in {copy}")
        return copy
    files = weight_files(folder / "transformer")
    if not any(_is_fp32(path) for path in files):
        say(f"{card.id} is stored in bf16 already")
        return folder
    need = sum(path.stat().st_size for path in files) // 2 + _SPARE_BYTES
    if free_disk(copy) < need:
        raise ZimgError(
            f"A bf16 copy of {card.id} needs {need / 1e9:.1f} GB on the disk of {copy}: make room, "
            "or set ZIMG_HOME to a larger disk."
        )
    say(f"Converting the transformer of {card.id} to bf16")
    unfinished = copy.with_name("bf16.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    _convert_files(files, unfinished / "transformer", say)
    shutil.copy(folder / "transformer" / "config.json", unfinished / "transformer")
    for path in folder.iterdir():
        if path.name == "model_index.json":
            shutil.copy(path, unfinished)
        elif path.is_dir() and path.name != "transformer" and not path.name.startswith("."):
            _link(path.resolve(), unfinished / path.name)
    shutil.rmtree(copy, ignore_errors=True)
    unfinished.rename(copy)
    problem = check_folder(copy)
    if problem:
        raise ZimgError(f"The bf16 copy of {card.id} {problem}; the original is untouched.")
    if drop:
        for path in files:
            path.resolve().unlink()
            path.unlink(missing_ok=True)
    say(f"The bf16 copy of {card.id} is in {copy}")
    return copy


def _is_fp32(path: Path) -> bool:
    header = read_header(path)
    return any(value["dtype"] == "F32" for key, value in header.items() if key != "__metadata__")


def _convert_files(files: list[Path], target: Path, say: Say) -> None:
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file

    target.mkdir(parents=True)
    places, total = {}, 0
    for number, path in enumerate(files, 1):
        tensors = {}
        with safe_open(path, framework="pt") as source:
            for name in source.keys():
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
