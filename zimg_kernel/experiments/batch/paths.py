"""Folders of batches, named by what was asked for, and paths of the files made of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from zimg_kernel import settings
from zimg_kernel.errors import BadInput


def content_hash(content: Any, digits: int) -> str:
    """Return the first hex digits of the SHA-256 of anything that JSON can hold."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:digits]


def batch_folder(given: str | Path | None, kind: str, content: Any) -> Path:
    """Return the absolute path of a folder given by the user, or of one for this content.

    Parameters
    ----------
    given : str, Path or None
        The user's own choice.
    kind : str
        Folder below the home of zimg, such as ``grids``.
    content : Any
        What was asked for: the same content has the same folder.
    """
    folder = settings.home() / kind / content_hash(content, 12) if given is None else Path(given)
    return folder.expanduser().absolute()


def output_path(path: str | Path, *endings: str) -> Path:
    """Return the absolute path of a file to write; a name of another format is refused.

    Raises
    ------
    BadInput
        The name does not end in one of the endings, such as ``.html``.
    """
    path = Path(path).expanduser().absolute()
    if path.suffix.lower() not in endings:
        raise BadInput(f"{path.name} must end in {endings[0]}.", code="wrong-ending", field="path")
    return path
