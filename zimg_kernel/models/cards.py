"""Cards that draw one picture together: the setting, and where it is possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zimg_kernel.errors import BadInput
from zimg_kernel.settings import settings

if TYPE_CHECKING:
    import torch

    from .load_profile import LoadProfile


def wanted_split() -> int:
    """Return the number of cards that ``ZIMG_SPLIT`` names, 1 or 2."""
    given = settings().split or "1"
    if given not in ("1", "2"):
        raise BadInput(
            f"ZIMG_SPLIT={given} is not known: use 1, or 2 for two cards that draw one picture.",
            code="unknown-choice",
            field="ZIMG_SPLIT",
        )
    return int(given)


def require_cards(profile: LoadProfile, device: torch.device) -> None:
    """Refuse to draw on several cards where that cannot be.

    Raises
    ------
    BadInput
        Says why.
    """
    import torch

    seen = torch.cuda.device_count() if device.type == "cuda" else 0
    why = ""
    if seen < profile.split:
        why = f"it needs {profile.split} NVIDIA cards, and {seen} can be seen here"
    elif profile.speed == "stock":
        why = "only speed=exact and speed=fast draw one picture on several cards"
    elif profile.memory or profile.offload == "model":
        why = "it cannot keep to a memory limit or let parts wait in RAM"
    if why:
        raise BadInput(
            f"split={profile.split} is not possible: {why}. Leave split (ZIMG_SPLIT) out to draw "
            "on one card.",
            code="profile-not-possible",
            field="split",
        )
