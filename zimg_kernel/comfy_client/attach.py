"""Engine at the ComfyUI server of the settings."""

from __future__ import annotations

from zimg_kernel.gallery.gallery import Gallery

from .engine import ComfyEngine


def attach(gallery: Gallery | None) -> ComfyEngine:
    """Return an engine that draws at the server of ``ZIMG_COMFY_URL``.

    Raises
    ------
    BadInput
        The settings name no server.
    """
    return ComfyEngine(gallery=gallery)
