"""Tiles of an autoencoder, for pictures larger than a model's own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def roomy(vae: Any, wanted: bool) -> Iterator[None]:
    """Let an autoencoder work in tiles of its own for as long as this lasts."""
    before = vae.use_tiling
    if wanted:
        vae.enable_tiling()
    try:
        yield
    finally:
        vae.use_tiling = before
