"""The catalogue: a card for each model, from the package and from the user's models.yaml."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from . import settings
from .params import BadInput, GenerationParams, one_sentence_errors

_OWN = Path(__file__).with_name("catalog.yaml")


class Source(BaseModel):
    """Where a model's files come from; the first that is complete is used.

    Parameters
    ----------
    embedded : str, optional
        A folder of the package's own weights.
    folder : str, optional
        A diffusers folder on this machine; ``~`` is understood, and a relative path
        counts from the models.yaml that names it.
    modelscope, huggingface : str, optional
        Repository ids such as ``Tongyi-MAI/Z-Image-Turbo``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    embedded: str | None = None
    folder: str | None = None
    modelscope: str | None = None
    huggingface: str | None = None


class ModelCard(BaseModel):
    """What the workbench knows of one model: the file's fields, checked.

    Sizes are (width, height) in pixels; ``memory_gb`` is the peak at the default size in
    ``dtype``, ``download_gb`` what a download takes, both in 10**9 bytes. ``guided`` says
    whether the model was made for guidance (a distilled one was not).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    about: str = ""
    family: str
    pipeline: str
    source: Source
    default_size: tuple[int, int]
    sizes: tuple[tuple[int, int], ...] = ()
    min_side: int = Field(default=256, ge=16)
    max_side: int = Field(default=2048, le=8192)
    steps: int = Field(ge=1, le=200)
    guidance: float = Field(default=0, ge=0)
    guided: bool = False
    max_tokens: int = Field(default=512, ge=16, le=1024)
    dtype: Literal["bfloat16", "float32"] = "bfloat16"
    download_gb: float | None = None
    memory_gb: float | None = None
    licence: str = ""

    def fill(self, params: GenerationParams) -> GenerationParams:
        """Return params with this model's defaults in every field that was left open."""
        width, height = self.default_size
        return params.replace(
            model=self.id,
            width=width if params.width is None else params.width,
            height=height if params.height is None else params.height,
            steps=self.steps if params.steps is None else params.steps,
            guidance=self.guidance if params.guidance is None else params.guidance,
        )


def load_catalog(own: Path | None = None) -> dict[str, ModelCard]:
    """Return all cards by id: the package's, then the user's, which add or override.

    Parameters
    ----------
    own : Path, optional
        The user's catalogue; :func:`zimg_kernel.settings.models_file` by default.

    Raises
    ------
    BadInput
        The user's file is not valid; the message names the card and the field.
    """
    raw: dict[str, Any] = yaml.safe_load(_OWN.read_text(encoding="utf-8"))
    cards = {name: _card(name, fields, _OWN) for name, fields in raw.items()}
    path = settings.models_file() if own is None else own
    if not path.is_file():
        return cards
    for name, fields in _read_own(path).items():
        base = _base(name, fields, raw, path)
        fields = {key: value for key, value in fields.items() if key != "like"}
        raw[name] = _anchor({**base, **fields}, path)
        cards[name] = _card(name, raw[name], path)
    return cards


def get_card(model: str) -> ModelCard:
    """Return the card of a model id; an unknown one is refused with the nearest known."""
    cards = load_catalog()
    if model in cards:
        return cards[model]
    close = get_close_matches(model.lower(), cards, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(cards)}."
    raise BadInput(
        f"There is no model called {model!r}: {hint} "
        f"Your own models go into {settings.models_file()}."
    )


def _read_own(path: Path) -> dict[str, dict[str, Any]]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise BadInput(f"{path} is not valid YAML: {reason}.") from None
    if not isinstance(data, dict) or not all(isinstance(value, dict) for value in data.values()):
        raise BadInput(f"{path} must hold a mapping of model ids to their fields.")
    return {str(name): fields for name, fields in data.items()}


def _base(name: str, fields: dict[str, Any], raw: dict[str, Any], path: Path) -> dict[str, Any]:
    like = fields.get("like", name)
    if like not in raw and "like" in fields:
        raise BadInput(f"In {path}, {name} is like {like!r}, which is no known model.")
    base = dict(raw.get(like, {}))
    if like != name and "source" in fields:
        # A card made from another keeps its memory figures but not its download.
        base.pop("download_gb", None)
    if like != name and "title" not in fields:
        base["title"] = name
    return base


def _anchor(fields: dict[str, Any], path: Path) -> dict[str, Any]:
    source = fields.get("source")
    if isinstance(source, dict) and source.get("folder"):
        folder = (path.parent / Path(str(source["folder"])).expanduser()).resolve()
        return {**fields, "source": {**source, "folder": str(folder)}}
    return fields


def _card(name: str, fields: dict[str, Any], path: Path) -> ModelCard:
    try:
        with one_sentence_errors():
            return ModelCard(id=name, **fields)
    except (BadInput, TypeError) as error:
        raise BadInput(f"In {path}, the card {name}: {error}") from None
