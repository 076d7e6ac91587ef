"""Download a model through ModelScope (or Hugging Face): the one online module."""

from __future__ import annotations

import errno
import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from zimg_kernel import settings
from zimg_kernel.errors import BadInput, WeightsMissing

from .catalog import ModelCard, Source
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


@dataclass(frozen=True)
class Download:
    """What is to be downloaded.

    Attributes
    ----------
    name : str
        What it is called in sentences: a model's id.
    source : Source
        Its repository; with a ``file``, only that one is taken.
    command : str
        What the user gives to begin it, or to go on with it.
    gigabytes : float or None
        Its size in 10**9 bytes, if known.
    """

    name: str
    source: Source
    command: str
    gigabytes: float | None = None

    @property
    def repository(self) -> str:
        """The repository's id; empty if the source names none."""
        return self.source.modelscope or self.source.huggingface or ""

    @property
    def cache(self) -> Path:
        """The folder of the hub's cache."""
        online = self.source.modelscope
        return settings.modelscope_cache() if online else settings.huggingface_cache()

    def check_disk(self) -> None:
        """Raise :class:`WeightsMissing` if it would not fit on the disk."""
        _check_disk(self)

    def fetch(self, skip: str | None = None) -> None:
        """Download it, or what is missing of it, without files like ``skip``.

        Raises
        ------
        WeightsMissing
            No network, no such repository, or the disk is full; one sentence.
        """
        _download(self, skip)


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
    download = Download(card.id, card.source, f"zimg pull {card.id}", card.download_gb)
    if not download.repository:
        what = found.mend if found.problem else "its files cannot be verified"
        raise BadInput(f"{card.id} names no repository to download from; {what}.")
    copy = settings.converted_folder(card.id)
    whole = False
    if _stands_in(card, download.cache):
        say(f"Downloading what {copy} links to; its own transformer stays")
        download.fetch(skip=TRANSFORMER)
        whole = find_weights(card).ready
    if not whole:
        download.check_disk()
        say(f"Downloading {download.repository} into {download.cache}")
        download.fetch()
        if copy_origin(card) is None:  # a copy of older files
            shutil.rmtree(copy, ignore_errors=True)
    found = find_weights(card)
    if not found.ready or found.folder is None:
        raise WeightsMissing(
            f"All of {download.repository} has been downloaded, but the model {card.id} "
            f"{found.problem}: the repository holds no complete diffusers model."
        )
    sums = ", every file's checksum is right" if card.source.modelscope else ""
    say(f"{card.id} is complete in {found.folder}{sums}")
    return found.folder


def _stands_in(card: ModelCard, cache: Path) -> bool:
    """Whether a bf16 copy has replaced the transformer of the downloaded files."""
    origin = copy_origin(card)
    if origin is None or cache.resolve() not in origin.parents:
        return False
    return not newest_weights(origin)


def _check_disk(wanted: Download) -> None:
    cache = wanted.cache
    need, have, free = _download_bytes(wanted), _arrived_bytes(wanted), free_disk(cache)
    if need > have and need - have + SPARE_BYTES > free:
        variable = "MODELSCOPE_CACHE" if wanted.source.modelscope else "HF_HOME"
        raise WeightsMissing(
            f"{wanted.name} needs {(need - have) / 1e9:,.1f} GB more and the disk of {cache} has "
            f"{free / 1e9:,.1f} GB free: make room, or set {variable} to a folder on a larger disk."
        )


def _download_bytes(wanted: Download) -> int:
    if wanted.gigabytes is not None or not wanted.source.modelscope:
        return int((wanted.gigabytes or 0) * 1e9)
    _prepare_modelscope()
    from modelscope_hub import HubApi

    try:
        files = HubApi().list_repo_files(wanted.source.modelscope, "model")
    except ConnectionError as error:
        raise WeightsMissing(_why_not_downloaded(wanted, error)) from error
    except Exception:  # the download itself will say what is wrong
        return 0
    only = wanted.source.file
    return sum(file.size or 0 for file in files if only in (None, file.path))


def _arrived_bytes(wanted: Download) -> int:
    """Return how much of a repository lies in the cache, whole or in part."""
    if wanted.source.modelscope:
        folders = list(modelscope_folders(wanted.source.modelscope))
    else:
        folders = [wanted.cache / f"models--{wanted.repository.replace('/', '--')}" / "blobs"]
    return max(sum(path.stat().st_size for path in _files(folder)) for folder in folders)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _prepare_modelscope() -> None:
    for name, value in _MODELSCOPE_SETTINGS.items():
        os.environ.setdefault(name, value)
    import modelscope_hub  # noqa: F401  (it sets up its logger)

    # Its retries and failures are told in our one sentence; its progress bars stay.
    logging.getLogger("modelscope_hub").setLevel(logging.CRITICAL)


def _download(wanted: Download, skip: str | None = None) -> None:
    only = wanted.source.file
    try:
        if wanted.source.modelscope:
            _prepare_modelscope()
            from modelscope.hub.snapshot_download import snapshot_download

            repository, cache = wanted.source.modelscope, wanted.cache
            folder = snapshot_download(
                repository, cache_dir=cache, ignore_patterns=skip, allow_patterns=only
            )
            for path in Path(folder).rglob(
                "*.incomplete" if only is None else f"{only}.incomplete"
            ):
                path.unlink()  # the repository has them no longer
        else:
            from huggingface_hub import snapshot_download as hugging_face_download

            repository, cache = wanted.repository, wanted.cache
            hugging_face_download(
                repository, cache_dir=cache, ignore_patterns=skip, allow_patterns=only
            )
    except Exception as error:
        raise WeightsMissing(_why_not_downloaded(wanted, error)) from error


def _why_not_downloaded(wanted: Download, error: Exception) -> str:
    from huggingface_hub.errors import LocalEntryNotFoundError
    from modelscope_hub.errors import FileIntegrityError

    hub = "ModelScope" if wanted.source.modelscope else "Hugging Face"
    failed = getattr(error, "failed_files", None) or {"": error}
    file, cause = next(iter(failed.items()))
    status = getattr(getattr(cause, "response", None), "status_code", None)
    mend = ""
    if isinstance(cause, FileIntegrityError):
        why = f"{file} differs from its checksum (the repository's fault, if that stays so)"
    elif status in (401, 403, 404):
        why = f"{hub} has no public repository {wanted.repository}"
        mend = "correct the card's source or log in there, and "
    elif isinstance(cause, OSError) and cause.errno == errno.ENOSPC:
        why, mend = "the disk is full", "make room and "
    elif isinstance(cause, ConnectionError | TimeoutError | LocalEntryNotFoundError):
        why, mend = f"there is no connection to {hub}, or it broke", "check the network and "
    else:
        why = " ".join(str(cause).split())[:160] or type(cause).__name__
    return (
        f"{wanted.name} could not be downloaded because {why}; "
        f"{mend}run again: {wanted.command} (what has arrived is kept)"
    )
