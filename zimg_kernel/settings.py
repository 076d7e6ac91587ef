"""Where the user's files lie, and the environment variables that move them."""

from __future__ import annotations

import locale
import os
from pathlib import Path

from .errors import BadInput

LANGUAGES = ("en", "zh")


def home() -> Path:
    """Return the folder of pictures, own model cards and converted weights.

    ``ZIMG_HOME``; else ``zimg`` in the user's home folder, in plain sight.
    """
    return _folder("ZIMG_HOME", Path.home() / "zimg")


def gallery_folder() -> Path:
    """Return where pictures are kept: ``ZIMG_GALLERY``, else ``gallery`` in :func:`home`."""
    return _folder("ZIMG_GALLERY", home() / "gallery")


def models_file() -> Path:
    """Return the user's own catalogue: ``ZIMG_MODELS``, else ``models.yaml`` in :func:`home`."""
    return _folder("ZIMG_MODELS", home() / "models.yaml")


def converted_folder(model: str) -> Path:
    """Return where the copy of a model with a bf16 transformer is kept."""
    return home() / "models" / model / "bf16"


def cache_folder() -> Path:
    """Return where embedded models are put together: ``ZIMG_CACHE``, else ``cache`` in home."""
    return _folder("ZIMG_CACHE", home() / "cache")


def loras_folder() -> Path:
    """Return where LoRA files are looked for: ``ZIMG_LORAS``, else ``loras`` in :func:`home`."""
    return _folder("ZIMG_LORAS", home() / "loras")


def modelscope_cache() -> Path:
    """Return ModelScope's cache: ``MODELSCOPE_CACHE``, else ``~/.cache/modelscope``."""
    return _folder("MODELSCOPE_CACHE", Path.home() / ".cache" / "modelscope")


def huggingface_cache() -> Path:
    """Return Hugging Face's cache: ``HF_HUB_CACHE``, ``HF_HOME``/hub, or its default."""
    base = _folder("HF_HOME", Path.home() / ".cache" / "huggingface")
    return _folder("HF_HUB_CACHE", base / "hub")


def default_model() -> str | None:
    """Return the model that ``ZIMG_MODEL`` names, if it is set."""
    return os.environ.get("ZIMG_MODEL") or None


def enhancer_url() -> str | None:
    """Return the address of the endpoint that rewrites prompts: ``ZIMG_ENHANCER_URL``, if set."""
    return os.environ.get("ZIMG_ENHANCER_URL", "").strip() or None


def enhancer_model() -> str | None:
    """Return the model to ask for there: ``ZIMG_ENHANCER_MODEL``, if set."""
    return os.environ.get("ZIMG_ENHANCER_MODEL", "").strip() or None


def enhancer_key() -> str | None:
    """Return the secret to show there: ``ZIMG_ENHANCER_KEY``, if set."""
    return os.environ.get("ZIMG_ENHANCER_KEY", "").strip() or None


def _folder(variable: str, otherwise: Path) -> Path:
    value = os.environ.get(variable)
    return Path(value).expanduser() if value else otherwise


def chosen_language(wanted: str | None = None) -> str:
    """The language to use: the one wanted, else ``ZIMG_LANGUAGE``, else that of the locale.

    Raises
    ------
    BadInput
        A language was asked for that there is not.
    """
    said = wanted or os.environ.get("ZIMG_LANGUAGE") or ""
    if said:
        short = said.lower().replace("_", "-").split("-")[0]
        if short not in LANGUAGES:
            raise BadInput(f"There is no language {said!r}: choose en or zh.")
        return short
    names = (os.environ.get("LC_ALL"), os.environ.get("LC_MESSAGES"), os.environ.get("LANG"))
    name = next((n for n in names if n), None) or locale.getlocale()[0] or ""
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"
