"""Download a model through ModelScope (or Hugging Face): the one online module."""

from __future__ import annotations

import errno
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from . import settings
from .catalog import ModelCard
from .errors import WeightsMissing
from .params import BadInput
from .weights import copy_origin, find_weights, free_disk, modelscope_folders, newest_weights

SPARE_BYTES = 2_000_000_000  # left free on the disk after a download
TRANSFORMER = "transformer/*.safetensors"
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
        _download(card, skip=TRANSFORMER)
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
    if need > have and need - have + SPARE_BYTES > free:
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
