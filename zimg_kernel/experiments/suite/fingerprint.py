"""Fingerprint of a model: the same as long as it draws the same pictures."""

from __future__ import annotations

import hashlib
from pathlib import Path

from zimg_kernel.engine.protocol import Engine
from zimg_kernel.engine.versions import software_versions
from zimg_kernel.models import embedded
from zimg_kernel.models.catalog import ModelCard

_WHOLE = 64_000_000  # bytes: larger files are known by size and time, not by content


def model_fingerprint(card: ModelCard, engine: Engine) -> str:
    """Return 12 hex digits that change with a model's files and the software.

    The files of an engine of another process or host are not seen: there the card and the
    software count alone.

    Parameters
    ----------
    card : ModelCard
        The model.
    engine : Engine
        The engine that draws.
    """
    digest = hashlib.sha256(repr(sorted(software_versions().items())).encode())
    digest.update(card.id.encode())
    folder = next((one.folder for one in engine.models() if one.card.id == card.id), None)
    if folder is not None:
        for path in _files(card, folder):
            digest.update(f"{path.name}\0{_file_state(path)}\0".encode())
    return digest.hexdigest()[:12]


def _files(card: ModelCard, folder: Path) -> list[Path]:
    if card.source.embedded and folder == embedded.stored_folder(card.source.embedded):
        files = embedded.stored_files(card.source.embedded)
    else:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if path.suffix != ".md"]


def _file_state(path: Path) -> str:
    state = path.stat()
    if state.st_size > _WHOLE:
        return f"{state.st_size}-{state.st_mtime_ns}"
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
