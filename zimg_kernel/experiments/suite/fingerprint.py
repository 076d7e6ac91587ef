"""Tells whether a model's pictures, drawn before, would be the same today."""

from __future__ import annotations

import hashlib
from pathlib import Path

from zimg_kernel.engine.local import LocalEngine
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.engine.versions import software_versions
from zimg_kernel.models import embedded as family
from zimg_kernel.models.catalog import ModelCard
from zimg_kernel.models.weights import find_weights

_WHOLE = 64_000_000  # bytes: larger files are known by size and time, not by content


def weights_print(card: ModelCard, engine: Engine) -> str:
    """Return 12 hex digits that change with a model's files and the software.

    The files of an engine of another process or host are not seen: there the card and the
    software count alone.

    Parameters
    ----------
    card : ModelCard
        The model.
    engine : Engine
        What draws.
    """
    digest = hashlib.sha256(repr(sorted(software_versions().items())).encode())
    digest.update(card.id.encode())
    folder = find_weights(card).folder if isinstance(engine, LocalEngine) else None
    if folder is not None:
        for path in _files(card, folder):
            digest.update(f"{path.name}\0{_of_file(path)}\0".encode())
    return digest.hexdigest()[:12]


def _files(card: ModelCard, folder: Path) -> list[Path]:
    if card.source.embedded and folder == family.parts(card.source.embedded):
        files = family.stored_files(card.source.embedded)
    else:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if path.suffix != ".md"]


def _of_file(path: Path) -> str:
    state = path.stat()
    if state.st_size > _WHOLE:
        return f"{state.st_size}-{state.st_mtime_ns}"
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
