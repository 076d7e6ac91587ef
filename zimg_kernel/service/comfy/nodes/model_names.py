"""File names of models as workflows write them, and the cards of the catalogue they mean."""

from __future__ import annotations

from zimg_kernel.errors import BadInput
from zimg_kernel.lora.files import ENDING
from zimg_kernel.lora.files import names as lora_files

from .services import Services
from .values import Model

# Names of the files that ComfyUI's Z-Image templates load, the model that each means, and the
# miniature that takes its place where it is not here.
_TEMPLATES = {
    "z_image_turbo_bf16.safetensors": ("z-image-turbo", "nano-turbo"),
    "z_image_bf16.safetensors": ("z-image", "nano-base"),
}
TEXT_ENCODERS = ("qwen_3_4b.safetensors",)
VAES = ("ae.safetensors",)


def model_files(services: Services) -> list[str]:
    """Return the names under which models can be loaded here."""
    ready = services.ready()
    named = [name for name, cards in _TEMPLATES.items() if ready & set(cards)]
    listed = [status.card.id for status in services.engine.models()]
    return [*named, *(f"{card}{ENDING}" for card in listed if card in ready)]


def model_of(services: Services, name: str) -> tuple[Model, str]:
    """Return the model that a file name means, and what the user should know of the choice.

    Raises
    ------
    BadInput
        There is none of this name.
    """
    ready = services.ready()
    if name in _TEMPLATES:
        wanted, instead = _TEMPLATES[name]
        if wanted in ready:
            return Model(wanted), ""
        if instead in ready:
            return Model(instead, stands_in=True), (
                f"{wanted} is not on this server: the miniature {instead} draws in its place, "
                f"in its own size. zimg pull {wanted} brings it."
            )
    card = name.removesuffix(ENDING)
    if card in ready:
        return Model(card), ""
    raise BadInput(
        f"There is no model {name[:80]!r} here: object_info lists those there are.",
        code="unknown-model",
        field="unet_name",
    )


def lora_names(services: Services) -> list[str]:
    """Return the file names of the LoRAs that there are."""
    return [name + ENDING for name in lora_files()]
