"""Settings from environment variables: folders, defaults, language."""

from __future__ import annotations

import locale
import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from .errors import BadInput

LANGUAGES = ("en", "zh")


def expanded(path: str | Path) -> Path:
    """Return a path with ``~`` and ``$NAME`` replaced, as far as the environment tells."""
    return Path(os.path.expanduser(os.path.expandvars(path)))


Folder = Annotated[Path, AfterValidator(expanded)]


class Settings(BaseSettings):
    """The environment variables that the package reads, without their prefix ``ZIMG_``."""

    model_config = SettingsConfigDict(
        env_prefix="ZIMG_", env_ignore_empty=True, extra="ignore", frozen=True,
        str_strip_whitespace=True,
    )  # fmt: skip

    home: Folder | None = Field(
        default=None,
        description="Folder of pictures, own model cards and converted weights: ~/zimg.",
    )
    gallery: Folder | None = Field(
        default=None, description="Folder of the pictures: HOME/gallery."
    )
    models: Folder | None = Field(default=None, description="Own catalogue: HOME/models.yaml.")
    cache: Folder | None = Field(
        default=None, description="Folder where embedded models are put together: HOME/cache."
    )
    loras: Folder | None = Field(default=None, description="Folder of LoRA files: HOME/loras.")
    model: str | None = Field(default=None, description="Id of the default model.")
    device: str | None = Field(
        default=None, description="Device to draw on, such as cuda:1 or cpu."
    )
    dtype: str | None = Field(default=None, description="Number format: bf16 or fp32.")
    speed: str | None = Field(
        default=None, description="Way of computing: exact, fast, stock, or auto."
    )
    runtime: str | None = Field(
        default=None, description="What runs models: torch, or on the CPU onnx or onnx-int8."
    )
    memory: str | None = Field(
        default=None, description="Memory of the GPU to keep to, such as 8GB, or auto."
    )
    split: str | None = Field(
        default=None, description="Cards that draw one picture together: 1 or 2."
    )
    engine: str | None = Field(
        default=None,
        description="What draws: auto (the engine of zimg up where it runs), local, cluster or "
        "comfy (the ComfyUI server of COMFY_URL).",
    )
    comfy_url: str | None = Field(
        default=None, description="Address of a ComfyUI server to draw at.", repr=False
    )
    comfy_token: str | None = Field(default=None, description="Token to show to it.", repr=False)
    comfy_timeout: str | None = Field(
        default=None, description="Seconds that it may take to answer, or be away: 60."
    )
    disk_free: str | None = Field(
        default=None,
        description="Room to leave on the gallery's disk, such as 500MB or 2GB; 0 to fill it.",
    )
    idle_minutes: str | None = Field(
        default=None,
        description="Minutes without work after which models leave the memory; 0 for never.",
    )
    language: str | None = Field(default=None, description="Language of messages: en or zh.")
    enhancer_url: str | None = Field(default=None, description="Endpoint that rewrites prompts.")
    enhancer_model: str | None = Field(default=None, description="Model to ask for there.")
    enhancer_key: str | None = Field(default=None, description="Secret to show there.", repr=False)
    clip: Folder | None = Field(default=None, description="Folder of a CLIP model.")
    depth: Folder | None = Field(default=None, description="Folder of a depth estimator.")
    pose: Folder | None = Field(default=None, description="Folder of a pose estimator.")
    person: Folder | None = Field(default=None, description="Folder of a person detector.")
    # The hubs' own variables, without our prefix.
    modelscope_cache: Folder | None = Field(default=None, validation_alias="MODELSCOPE_CACHE")
    hf_home: Folder | None = Field(default=None, validation_alias="HF_HOME")
    hf_hub_cache: Folder | None = Field(default=None, validation_alias="HF_HUB_CACHE")


def settings() -> Settings:
    """Return the settings as the environment stands now."""
    relevant = ("ZIMG_", "MODELSCOPE_CACHE", "HF_H")
    return _read(tuple(item for item in os.environ.items() if item[0].startswith(relevant)))


@lru_cache(maxsize=1)
def _read(environment: tuple[tuple[str, str], ...]) -> Settings:
    return Settings()


def home() -> Path:
    """Return the folder of pictures, own model cards and converted weights, in plain sight."""
    return settings().home or user_home() / "zimg"


def user_home() -> Path:
    """Return the user's home folder; ``ZIMG_HOME`` where the system knows none.

    Raises
    ------
    BadInput
        There is neither, as in a container with a user id that is in no list of users.
    """
    try:
        return Path.home()
    except RuntimeError:
        instead = settings().home
    if instead is None:
        raise BadInput(
            "This user has no home folder: set ZIMG_HOME (or HOME) to a folder that can be "
            "written, for pictures and models.",
            code="home-missing",
            field="ZIMG_HOME",
        )
    return instead


def gallery_folder() -> Path:
    """Return the folder of the pictures."""
    return settings().gallery or home() / "gallery"


def models_file() -> Path:
    """Return the user's own catalogue."""
    return settings().models or home() / "models.yaml"


def converted_folder(model: str) -> Path:
    """Return the folder for the copy of a model with a bf16 transformer."""
    return home() / "models" / model / "bf16"


def cache_folder() -> Path:
    """Return the folder where embedded models are put together."""
    return settings().cache or home() / "cache"


def loras_folder() -> Path:
    """Return the folder of LoRA files."""
    return settings().loras or home() / "loras"


def modelscope_cache() -> Path:
    """Return ModelScope's cache."""
    return settings().modelscope_cache or user_home() / ".cache" / "modelscope"


def huggingface_cache() -> Path:
    """Return Hugging Face's cache: ``HF_HUB_CACHE``, ``HF_HOME``/hub, or its default."""
    base = settings().hf_home or user_home() / ".cache" / "huggingface"
    return settings().hf_hub_cache or base / "hub"


def chosen_language(wanted: str | None = None) -> str:
    """Return the language to use: the one wanted, else ``ZIMG_LANGUAGE``, else the locale's.

    Raises
    ------
    BadInput
        A language was asked for that there is not.
    """
    named = wanted or settings().language
    if named:
        short = named.lower().replace("_", "-").split("-")[0]
        if short not in LANGUAGES:
            raise BadInput(
                f"There is no language {named!r}: choose en or zh.",
                code="unknown-language",
                field="language",
            )
        return short
    names = (os.environ.get("LC_ALL"), os.environ.get("LC_MESSAGES"), os.environ.get("LANG"))
    name = next((n for n in names if n), None) or locale.getlocale()[0] or ""
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"
