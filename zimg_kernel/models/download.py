"""Downloads through ModelScope or Hugging Face: the one online module."""

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

from .card import ModelCard, ModelSource
from .weights import (
    Weights,
    copy_origin,
    find_weights,
    free_disk,
    modelscope_folders,
    newest_weights,
)

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
    """A repository, or one file of it, to be downloaded.

    Attributes
    ----------
    name : str
        Its name in sentences: a model's id.
    source : ModelSource
        Its repository; with a ``file``, only that one is taken.
    command : str
        The command that begins it, or goes on with it.
    gigabytes : float or None
        Its size in 10**9 bytes, if known.
    """

    name: str
    source: ModelSource
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

    def ensure(
        self,
        find: Callable[[], Weights],
        say: Say,
        *,
        verify: bool = False,
        incomplete: str = "the repository holds no complete model.",
    ) -> Path:
        """Download the files unless they are complete; return their folder or file.

        Parameters
        ----------
        find : callable
            Returns the state of the files on this machine.
        say : callable
            Gets lines for the user.
        verify : bool
            Go online also if the files look complete, and check their sums.
        incomplete : str
            Reason, if what has been downloaded is incomplete.

        Raises
        ------
        BadInput
            The source names no repository.
        WeightsMissing
            Too little disk, no network, or a repository without complete files.
        """
        found, sums = find(), ""
        if verify or not found.ready:
            self.require_repository(found)
            self.check_disk()
            wanted = f"{self.source.file} of " if self.source.file else ""
            say(f"Downloading {wanted}{self.repository} into {self.cache}")
            self.fetch()
            sums = ", every file's checksum is right" if self.source.modelscope else ""
            found = find()
        if not found.ready or found.folder is None:
            raise WeightsMissing(
                f"{self.name} {found.problem}, though all of {self.repository} has been "
                f"downloaded: {incomplete}",
                code="repository-incomplete",
                field="source",
            )
        say(f"{self.name} is complete in {found.folder}{sums}")
        return found.folder

    def require_repository(self, found: Weights) -> None:
        """Raise :class:`BadInput` if the source names no repository."""
        if not self.repository:
            what = found.remedy if found.problem else "its files cannot be verified"
            raise BadInput(
                f"{self.name} names no repository to download from; {what}.",
                code="no-repository",
                field="source",
            )

    def check_disk(self) -> None:
        """Raise :class:`WeightsMissing` if it would not fit on the disk."""
        cache = self.cache
        need, have, free = _download_bytes(self), _arrived_bytes(self), free_disk(cache)
        if need > have and need - have + SPARE_BYTES > free:
            variable = "MODELSCOPE_CACHE" if self.source.modelscope else "HF_HOME"
            raise WeightsMissing(
                f"{self.name} needs {(need - have) / 1e9:,.1f} GB more and the disk of {cache} has "
                f"{free / 1e9:,.1f} GB free: make room, or set {variable} to a folder on a larger "
                "disk.",
                code="disk-full",
                field=variable,
            )

    def fetch(self, skip: str | None = None) -> None:
        """Download it, or its missing files, without those that match ``skip``.

        Raises
        ------
        WeightsMissing
            No network, no such repository, or the disk is full; one sentence.
        """
        only = self.source.file
        patterns = {"ignore_patterns": skip, "allow_patterns": only}
        try:
            if self.source.modelscope:
                _prepare_modelscope()
                from modelscope.hub.snapshot_download import snapshot_download

                folder = snapshot_download(self.repository, cache_dir=self.cache, **patterns)
                for path in Path(folder).rglob(f"{only or '*'}.incomplete"):
                    path.unlink()  # the repository has them no longer
            else:
                import huggingface_hub

                huggingface_hub.snapshot_download(self.repository, cache_dir=self.cache, **patterns)
        except Exception as error:
            raise _not_downloaded(self, error) from error


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
    download = Download(card.id, card.source, f"zimg pull {card.id}", card.download_gb)
    copy = settings.converted_folder(card.id)
    found = find_weights(card)
    wanted = verify or not found.ready
    if wanted and _copy_replaces_download(card, download.cache):
        download.require_repository(found)
        say(f"Downloading what {copy} links to; its own transformer stays")
        download.fetch(skip=TRANSFORMER)
        verify = False
    path = download.ensure(
        lambda: find_weights(card),
        say,
        verify=verify,
        incomplete="the repository holds no complete diffusers model.",
    )
    if wanted and copy_origin(card) is None:  # a copy of older files
        shutil.rmtree(copy, ignore_errors=True)
    return path


def _copy_replaces_download(card: ModelCard, cache: Path) -> bool:
    """Return whether a bf16 copy has replaced the transformer of the downloaded files."""
    origin = copy_origin(card)
    if origin is None or cache.resolve() not in origin.parents:
        return False
    return not newest_weights(origin)


def _download_bytes(wanted: Download) -> int:
    if wanted.gigabytes is not None or not wanted.source.modelscope:
        return int((wanted.gigabytes or 0) * 1e9)
    _prepare_modelscope()
    from modelscope_hub import HubApi

    try:
        files = HubApi().list_repo_files(wanted.source.modelscope, "model")
    except ConnectionError as error:
        raise _not_downloaded(wanted, error) from error
    except Exception:  # the download itself will tell the reason
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

    # Its retries and failures are in our one sentence; its progress bars stay.
    logging.getLogger("modelscope_hub").setLevel(logging.CRITICAL)


def _not_downloaded(wanted: Download, error: Exception) -> WeightsMissing:
    from huggingface_hub.errors import LocalEntryNotFoundError
    from modelscope_hub.errors import FileIntegrityError

    hub = "ModelScope" if wanted.source.modelscope else "Hugging Face"
    failed = getattr(error, "failed_files", None) or {"": error}
    file, cause = next(iter(failed.items()))
    status = getattr(getattr(cause, "response", None), "status_code", None)
    remedy = ""
    if isinstance(cause, FileIntegrityError):
        why = f"{file} differs from its checksum (the repository's fault, if that stays so)"
    elif status in (401, 403, 404):
        why = f"{hub} has no public repository {wanted.repository}"
        remedy = "correct the card's source or log in there, and "
    elif isinstance(cause, OSError) and cause.errno == errno.ENOSPC:
        why, remedy = "the disk is full", "make room and "
    elif isinstance(cause, ConnectionError | TimeoutError | LocalEntryNotFoundError):
        why, remedy = f"there is no connection to {hub}, or it broke", "check the network and "
    else:
        why = " ".join(str(cause).split())[:160] or type(cause).__name__
    return WeightsMissing(
        f"{wanted.name} could not be downloaded because {why}; "
        f"{remedy}run again: {wanted.command} (what has arrived is kept)",
        code="not-downloaded",
        field="source",
    )
