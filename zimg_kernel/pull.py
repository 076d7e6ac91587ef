"""Download a model through ModelScope (or Hugging Face), and halve it: the one online module."""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from . import settings
from .catalog import ModelCard
from .errors import WeightsMissing, ZimgError
from .params import BadInput
from .weights import (
    check_folder,
    copy_origin,
    find_weights,
    free_disk,
    modelscope_folders,
    newest_weights,
    note_origin,
    read_header,
    weight_files,
)

_SPARE_BYTES = 2_000_000_000  # left free on the disk after a download
_TRANSFORMER = "transformer/*.safetensors"
#: modelscope reads these when it is imported; what the user has set stays.
_MODELSCOPE_SETTINGS = {
    "MODELSCOPE_DOWNLOAD_TOTAL_TIMEOUT": "86400",  # s a file; its 3600 are few for 10 GB
    "MODELSCOPE_API_MAX_RETRIES": "2",  # its 5 take 20 s to notice that there is no network ...
    "MODELSCOPE_REPO_TREE_PAGE_MAX_ATTEMPTS": "3",  # ... and its 4 another 7 s
}
Say = Callable[[str], None]


def pull(card: ModelCard, say: Say, verify: bool = False) -> Path:
    """Make a model complete on this machine; return its folder.

    A download that was cut off goes on where it stopped, and ModelScope's files are checked
    against the repository's SHA-256.

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
        Too little disk, no network, or a repository that holds no complete model.
    """
    found = find_weights(card)
    if found.ready and found.folder is not None and not verify:
        say(f"{card.id} is complete in {found.folder}")
        return found.folder
    if not _repository(card):
        what = found.mend if found.problem else "its files cannot be verified"
        raise BadInput(f"{card.id} names no repository to download from; {what}.")
    copy = settings.converted_folder(card.id)
    whole = False
    if _stands_in(card):
        say(f"Downloading what {copy} links to; its own transformer stays")
        _download(card, skip=_TRANSFORMER)
        whole = find_weights(card).ready
    if not whole:
        _check_disk(card)
        say(f"Downloading {_repository(card)} into {_cache(card)}")
        _download(card)
        if copy_origin(card) is None:  # a copy of older files
            shutil.rmtree(copy, ignore_errors=True)
    found = find_weights(card)
    if not found.ready or found.folder is None:
        raise WeightsMissing(
            f"All of {_repository(card)} has been downloaded, but the model {card.id} "
            f"{found.problem}: the repository holds no complete diffusers model."
        )
    sums = ", every file's checksum is right" if card.source.modelscope else ""
    say(f"{card.id} is complete in {found.folder}{sums}")
    return found.folder


def _repository(card: ModelCard) -> str:
    return card.source.modelscope or card.source.huggingface or ""


def _cache(card: ModelCard) -> Path:
    online = card.source.modelscope
    return settings.modelscope_cache() if online else settings.huggingface_cache()


def _stands_in(card: ModelCard) -> bool:
    """Whether a bf16 copy has replaced the transformer of the downloaded files."""
    origin = copy_origin(card)
    if origin is None or _cache(card).resolve() not in origin.parents:
        return False
    return not newest_weights(origin)


def _check_disk(card: ModelCard) -> None:
    cache = _cache(card)
    need, have, free = _download_bytes(card), _arrived_bytes(card), free_disk(cache)
    if need > have and need - have + _SPARE_BYTES > free:
        variable = "MODELSCOPE_CACHE" if card.source.modelscope else "HF_HOME"
        raise WeightsMissing(
            f"{card.id} needs {(need - have) / 1e9:,.1f} GB more and the disk of {cache} has "
            f"{free / 1e9:,.1f} GB free: make room, or set {variable} to a folder on a larger disk."
        )


def _download_bytes(card: ModelCard) -> int:
    if card.download_gb is not None or not card.source.modelscope:
        return int((card.download_gb or 0) * 1e9)
    _prepare_modelscope()
    from modelscope_hub import HubApi

    try:
        files = HubApi().list_repo_files(card.source.modelscope, "model")
    except ConnectionError as error:
        raise WeightsMissing(_why_not_downloaded(card, error)) from error
    except Exception:  # the download itself will say what is wrong
        return 0
    return sum(file.size or 0 for file in files)


def _arrived_bytes(card: ModelCard) -> int:
    """Return how much of a card's repository lies in the cache, whole or in part."""
    if card.source.modelscope:
        folders = list(modelscope_folders(card.source.modelscope))
    else:
        folders = [_cache(card) / f"models--{_repository(card).replace('/', '--')}" / "blobs"]
    return max(sum(path.stat().st_size for path in _files(folder)) for folder in folders)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _prepare_modelscope() -> None:
    for name, value in _MODELSCOPE_SETTINGS.items():
        os.environ.setdefault(name, value)
    import modelscope_hub  # noqa: F401  (it sets up its logger)

    # Its retries and failures are told in our one sentence; its progress bars stay.
    logging.getLogger("modelscope_hub").setLevel(logging.CRITICAL)


def _download(card: ModelCard, skip: str | None = None) -> None:
    try:
        if card.source.modelscope:
            _prepare_modelscope()
            from modelscope.hub.snapshot_download import snapshot_download

            repository, cache = card.source.modelscope, _cache(card)
            folder = snapshot_download(repository, cache_dir=cache, ignore_patterns=skip)
            for path in Path(folder).rglob("*.incomplete"):  # the repository has them no longer
                path.unlink()
        else:
            from huggingface_hub import snapshot_download as hugging_face_download

            repository, cache = _repository(card), _cache(card)
            hugging_face_download(repository, cache_dir=cache, ignore_patterns=skip)
    except Exception as error:
        raise WeightsMissing(_why_not_downloaded(card, error)) from error


def _why_not_downloaded(card: ModelCard, error: Exception) -> str:
    from huggingface_hub.errors import LocalEntryNotFoundError
    from modelscope_hub.errors import FileIntegrityError

    hub = "ModelScope" if card.source.modelscope else "Hugging Face"
    failed = getattr(error, "failed_files", None) or {"": error}
    file, cause = next(iter(failed.items()))
    status = getattr(getattr(cause, "response", None), "status_code", None)
    mend = ""
    if isinstance(cause, FileIntegrityError):
        why = f"{file} differs from its checksum (the repository's fault, if that stays so)"
    elif status in (401, 403, 404):
        why = f"{hub} has no public repository {_repository(card)}"
        mend = "correct the card's source or log in there, and "
    elif isinstance(cause, OSError) and cause.errno == errno.ENOSPC:
        why, mend = "the disk is full", "make room and "
    elif isinstance(cause, ConnectionError | TimeoutError | LocalEntryNotFoundError):
        why, mend = f"there is no connection to {hub}, or it broke", "check the network and "
    else:
        why = " ".join(str(cause).split())[:160] or type(cause).__name__
    return (
        f"{card.id} could not be downloaded because {why}; "
        f"{mend}run again: zimg pull {card.id} (what has arrived is kept)"
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

    Raises
    ------
    BadInput
        The model ships inside the package, or has no transformer.
    ZimgError
        The copy could not be written; the original is untouched.
    """
    copy = settings.converted_folder(card.id)
    if card.source.embedded:
        raise BadInput(f"{card.id} ships inside the package and is not converted.")
    if not (folder / "transformer").is_dir():
        raise BadInput(f"{card.id} has no transformer that could be converted.")
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
    need = sum(path.stat().st_size for path in files) // 2 + _SPARE_BYTES
    if free_disk(copy) < need:
        raise ZimgError(
            f"A bf16 copy of {card.id} needs {need / 1e9:.1f} GB on the disk of {copy}: make room, "
            "or set ZIMG_HOME to a folder on a larger disk."
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
            "the original is untouched."
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _drop_original(card: ModelCard, say: Say) -> None:
    origin = copy_origin(card)
    files = sorted(origin.glob(_TRANSFORMER)) if origin is not None else []
    freed = sum(path.stat().st_size for path in files)
    for path in files:
        path.resolve().unlink()  # Hugging Face's cache links to the file itself
        path.unlink(missing_ok=True)
    say(f"Removed {freed / 1e9:.1f} GB of fp32 weights from {origin}")


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
