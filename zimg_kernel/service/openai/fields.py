"""Fields of OpenAI's image requests as our parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zimg_kernel.engine.model_status import ModelStatus
from zimg_kernel.errors import BadInput
from zimg_kernel.families.registry import family_of
from zimg_kernel.models.card import ModelCard
from zimg_kernel.params import GenerationParams, nearest_side
from zimg_kernel.service.pictures import FORMATS

_SIZE = re.compile(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})")
# Fields that say how the answer is to be.
_ANSWER = {"n", "size", "response_format", "output_format", "output_compression", "stream",
           "partial_images", "prompt", "model"}  # fmt: skip
# Fields that OpenAI's models heed and ours have no counterpart of, with what changes nothing.
_WITHOUT_EFFECT: dict[str, tuple[str, ...]] = {
    "background": ("auto", "opaque"),
    "input_fidelity": ("low", "high"),
    "moderation": ("auto", "low"),
    "quality": ("auto", "standard", "medium"),
    "style": (),
    "user": (),
}
_OURS = frozenset(GenerationParams.model_fields) - {
    "schema_version", "count", "width", "height", "prompt", "model", "edit",
}  # fmt: skip


@dataclass
class Wanted:
    """What a request of OpenAI's form asks for.

    Attributes
    ----------
    fields : dict
        Of :class:`GenerationParams`.
    url : bool
        Whether the answer names addresses instead of holding the pictures.
    output_format : {"png", "jpeg", "webp"}
    compression : int
        Quality of JPEG and WebP, 0 to 100.
    stream : bool
    partial_images : int
        Previews of each picture in a stream, 0 to 3.
    notes : list of str
        What was decided otherwise than asked for.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    url: bool = False
    output_format: str = "png"
    compression: int = 100
    stream: bool = False
    partial_images: int = 0
    notes: list[str] = field(default_factory=list)


def read_fields(given: Mapping[str, Any], models: list[ModelStatus], default: str) -> Wanted:
    """Return what a request asks for.

    Parameters
    ----------
    given : mapping
        Its fields; null stands for one that is absent, and numbers may be texts, as in forms.
    models : list of ModelStatus
    default : str
        Id of the model for names that are not known, such as OpenAI's own.

    Raises
    ------
    BadInput
        A field is of another kind or out of range.
    """
    fields = {name: value for name, value in given.items() if value is not None}
    wanted = Wanted()
    prompt = fields.get("prompt")
    if not isinstance(prompt, str):
        raise BadInput(
            "The prompt is missing: say in a text what to draw.",
            code="missing-parameter" if prompt is None else "wrong-type",
            field="prompt",
        )
    card = _model(fields.get("model"), models, default, wanted)
    wanted.fields |= {"prompt": prompt, "model": card.id, "count": _whole(fields, "n", 1, 1, 10)}
    _size(fields.get("size"), card, wanted)
    wanted.url = _choice(fields, "response_format", ("b64_json", "url"), "b64_json") == "url"
    wanted.output_format = _choice(fields, "output_format", tuple(FORMATS), "png")
    wanted.compression = _whole(fields, "output_compression", 100, 0, 100)
    wanted.stream = _choice(fields, "stream", (True, False), False)
    wanted.partial_images = _whole(fields, "partial_images", 0, 0, 3)
    for name, value in fields.items():
        if name in _OURS:
            if isinstance(value, bool) and name != "cfg_normalization":
                raise BadInput(f"{name} is no true or false.", code="wrong-type", field=name)
            wanted.fields[name] = value
        elif name in _WITHOUT_EFFECT:
            if value not in _WITHOUT_EFFECT[name] and name not in ("user", "style"):
                wanted.notes.append(f"{name} has no effect here.")
        elif name not in _ANSWER:
            wanted.notes.append(f"{name[:40]!r} is not known here and has no effect.")
    return wanted


def _model(value: Any, models: list[ModelStatus], default: str, wanted: Wanted) -> ModelCard:
    cards = {status.card.id: status.card for status in models}
    if value is not None and not isinstance(value, str):
        raise BadInput("model is a model's id.", code="wrong-type", field="model")
    if value in cards:
        return cards[value]
    if value:
        wanted.notes.append(f"There is no model {value[:60]!r} here: {default} draws.")
    return cards[default]


def _size(value: Any, card: ModelCard, wanted: Wanted) -> None:
    if value in (None, "auto"):
        return
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise BadInput(
            'size is "auto", or width and height in pixels such as "1024x1024".',
            code="invalid-value",
            field="size",
        )
    width, height = int(found[1]), int(found[2])
    scale = min(1.0, card.max_side / max(width, height))
    scale = max(scale, card.min_side / min(width, height))
    multiple = family_of(card).side_multiple
    sides = [
        nearest_side(round(side * scale), card.min_side, card.max_side, multiple)
        for side in (width, height)
    ]
    if sides != [width, height]:
        wanted.notes.append(
            f"{card.title} does not draw {width}x{height}: it is {sides[0]}x{sides[1]}."
        )
    wanted.fields |= {"width": sides[0], "height": sides[1]}


def _whole(fields: Mapping[str, Any], name: str, default: int, low: int, high: int) -> int:
    value = fields.get(name, default)
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadInput(f"{name} is a whole number.", code="wrong-type", field=name)
    if not low <= value <= high:
        raise BadInput(
            f"{name} must lie between {low} and {high}, not {str(value)[:20]}.",
            code="out-of-range",
            field=name,
        )
    return value


def _choice(fields: Mapping[str, Any], name: str, known: tuple[Any, ...], default: Any) -> Any:
    value = fields.get(name, default)
    if known == (True, False) and isinstance(value, str):
        value = {"true": True, "false": False, "1": True, "0": False}.get(value.lower(), value)
    if not any(value is choice or (value == choice and isinstance(value, str)) for choice in known):
        listed = ", ".join(str(choice) for choice in known)
        raise BadInput(
            f"{name} is one of {listed}, not {str(value)[:40]!r}.",
            code="unknown-choice",
            field=name,
        )
    return value
