"""Attachment of this process to the shared engine of its user, where one runs."""

from __future__ import annotations

import os
import socket
import time
import warnings
from typing import TYPE_CHECKING

from zimg_kernel import settings
from zimg_kernel.errors import BadInput, ZimgError, ZimgWarning

from .place import Place, engine_folder
from .processes import bring_back

if TYPE_CHECKING:
    from zimg_kernel.gallery.gallery import Gallery

    from .client import ClusterEngine

CHOICES = ("auto", "local", "cluster", "comfy")
_ANSWER = 0.05  # seconds in which a service that runs takes a connection
_BACK = 20.0  # seconds in which one that was killed shall be back
_LOOK = 0.05


def attach(gallery: Gallery | None) -> ClusterEngine | None:
    """Return a client of the shared engine; None where this process shall draw for itself.

    ``ZIMG_ENGINE`` decides: auto (the default) uses one that is there and draws with the same
    settings, cluster asks for it, local and comfy leave it alone. One that was killed is brought
    back.

    Raises
    ------
    BadInput
        There is no such choice; or cluster was asked for, and there is none that suits.
    ZimgError
        It was asked for and cannot be brought back.
    """
    choice = (settings.settings().engine or "auto").lower()
    if choice not in CHOICES:
        raise BadInput(
            f"ZIMG_ENGINE={choice} is not known: use {', '.join(CHOICES)}.",
            code="unknown-choice",
            field="ZIMG_ENGINE",
        )
    if choice in ("local", "comfy") or not hasattr(socket, "AF_UNIX"):
        return None
    place = Place.find()
    reason = _why_not(place)
    lost = place is not None and not reason and not _is_back(place)
    if lost:
        reason = f"The shared engine in {engine_folder()} does not answer: see zimg status."
    if place is None or reason:
        if choice == "cluster":
            raise BadInput(
                f"{reason} ZIMG_ENGINE=cluster asks for it: leave that out to draw in this "
                "process.",
                code="no-engine",
                field="ZIMG_ENGINE",
            )
        if lost:
            warnings.warn(
                ZimgWarning(f"{reason} This process draws for itself.", code="no-engine"),
                stacklevel=4,
            )
        return None
    from .client import ClusterEngine

    return ClusterEngine(place, gallery)


def still_serves(engine: ClusterEngine) -> bool:
    """Whether an attached engine is still wanted, and this process still has its settings."""
    now = engine.place.now()
    return now.wanted == "up" and now.matches


def _why_not(place: Place | None) -> str:
    """Return why this process does not use an engine; an empty text if it does."""
    if place is None or place.wanted != "up":
        return "No shared engine runs (zimg up starts one)."
    if not place.here:
        return f"The shared engine of this home runs on {place.host}."
    if not place.matches:
        return "The shared engine was started with other settings (ZIMG_...)."
    return ""


def _is_back(place: Place) -> bool:
    """Whether the engine takes connections, after it was brought back where it was killed."""
    if _answers(place):
        return True
    deadline = time.monotonic() + _BACK
    while time.monotonic() < deadline:
        try:
            if not bring_back(place):
                return False
        except (ZimgError, OSError):
            return False
        if _answers(place):
            return True
        time.sleep(_LOOK)
    return False


def _answers(place: Place) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_ANSWER)
        try:
            connection.connect(os.fspath(place.socket))
        except OSError:
            return False
    return True
