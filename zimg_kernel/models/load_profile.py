"""Load profile: how a model's weights stand in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from zimg_kernel.errors import BadInput

from .device import pick_dtype

if TYPE_CHECKING:
    import torch

    from .card import ModelCard

Offload = Literal["auto", "never", "model"]
"""Where the parts wait: as the room is, on the device, or in RAM, each brought there in turn."""


@dataclass(frozen=True)
class LoadProfile:
    """How a model is loaded; one model may stand in memory in several ways at once.

    Attributes
    ----------
    dtype : str
        Number format, as torch calls it.
    quantisation : str
        Method that stores weights in fewer bits; "" for none.
    offload : {"auto", "never", "model"}
        Where the parts wait for their turn.
    compile : bool
        Whether the transformer is compiled.
    attention : str
        Attention backend of diffusers; "" for the usual one.
    """

    dtype: str
    quantisation: str = ""
    offload: Offload = "auto"
    compile: bool = False
    attention: str = ""

    @property
    def torch_dtype(self) -> torch.dtype:
        """The number format as torch's value."""
        import torch

        found: torch.dtype = getattr(torch, self.dtype)
        return found

    @property
    def variant(self) -> str:
        """What tells components of this profile from others of the same files and format."""
        parts = (self.quantisation, "compiled" if self.compile else "", self.attention)
        return "-".join(part for part in parts if part)

    def require_loras(self, card: ModelCard) -> None:
        """Refuse LoRAs where layers cannot be exchanged for a picture.

        Raises
        ------
        BadInput
            Says which profile would do.
        """
        if self.compile or self.quantisation:
            raise BadInput(
                f"{card.title} takes no LoRAs in the way in which it is loaded: load it without "
                "quantisation and compilation.",
                code="lora-not-supported",
                field="loras",
            )

    def require_possible(self) -> None:
        """Refuse what no loader here can do.

        Raises
        ------
        BadInput
            Names it.
        """
        wanted = [self.quantisation, "compilation" if self.compile else ""]
        missing = " and ".join(name for name in wanted if name)
        if missing:
            raise BadInput(
                f"Models are not loaded with {missing} here: leave it out of the profile.",
                code="profile-not-possible",
                field="profile",
            )


def profile_of(card: ModelCard, device: torch.device) -> LoadProfile:
    """Return the profile that settings and card ask for on a device."""
    return LoadProfile(str(pick_dtype(card, device)).removeprefix("torch."))
