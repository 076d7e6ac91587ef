"""Everything that decides a picture, as one frozen, hashable, JSON-ready value."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from .errors import BadInput

SCHEMA_VERSION = 1
SIDE_MULTIPLE = 16  # VAE factor 8 times patch size 2 (diffusers' ZImagePipeline)
MAX_STEPS = 200
MAX_COUNT = 1000
MAX_SEED = 2**64 - 1  # the range of torch.Generator.manual_seed
_DRAWN_SEEDS = 2**32  # drawn seeds stay short enough to read out and to type

_Number = TypeVar("_Number", int, float, int | None, float | None)

#: What other tools call our fields, so that a refusal can name the right one.
_ALSO_KNOWN_AS = {
    "num_inference_steps": "steps",
    "guidance_scale": "guidance",
    "cfg": "guidance",
    "cfg_scale": "guidance",
    "num_images_per_prompt": "count",
    "n": "count",
    "batch_size": "count",
    "negative": "negative_prompt",
    "model_id": "model",
    "size": "width",
    "scheduler": "sampler",
    "generator": "seed",
}

EditKind = Literal["img2img", "inpaint", "outpaint", "instruct", "control", "upscale", "vary"]


class Edit(BaseModel):
    """What makes a picture out of another one; the functions of ``zimg_kernel.edit`` fill it in.

    Parameters
    ----------
    kind : str
        img2img, inpaint, outpaint, instruct, control, upscale or vary.
    source : str
        SHA-256 of the source's pixels, 64 hex digits (``zimg_kernel.images.reading.digest``).
    mask : str, optional
        The same of the mask; white is repainted.
    strength : float, optional
        How much noise the source gets, above 0 up to 1; with 1 it is not seen any more.
    fit : {"fit", "crop", "pad"}
        How a source of a size that the model does not draw is brought to one.
    feather : int
        Pixels of the source over which the repainted part fades in, inside the mask.
    padding : int
        Pixels around the mask that the model sees where only the masked area is drawn.
    area : {"whole", "masked"}
        What the model sees: the whole picture, or the masked area enlarged.
    left, right, top, bottom : int
        Pixels that an outpainting adds at each side.
    control : str, optional
        What is taken from the source as a map, such as canny or depth.
    scale : float, optional
        How strictly the control map is followed, 0 to 2.
    factor : float, optional
        How many times larger an enlargement is, above 1 up to 8.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: EditKind
    source: str = Field(pattern="^[0-9a-f]{64}$")
    mask: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    strength: float | None = Field(default=None, gt=0, le=1)
    fit: Literal["fit", "crop", "pad"] = "fit"
    feather: int = Field(default=0, ge=0, le=512)
    padding: int = Field(default=32, ge=0, le=1024)
    area: Literal["whole", "masked"] = "whole"
    left: int = Field(default=0, ge=0)
    right: int = Field(default=0, ge=0)
    top: int = Field(default=0, ge=0)
    bottom: int = Field(default=0, ge=0)
    control: str | None = None
    scale: float | None = Field(default=None, ge=0, le=2)
    factor: float | None = Field(default=None, gt=1, le=8)


class GenerationParams(BaseModel):
    """The parameters of one request.

    A field that is None takes the default of the model's card when the request is
    submitted; what a picture carries has every field filled in.

    Parameters
    ----------
    prompt : str
        What to draw, Chinese or English.
    model : str, optional
        Id of a card in the catalogue; None lets the engine choose.
    negative_prompt : str
        What to keep out. It has an effect only where guidance is above 0.
    width, height : int, optional
        Size in pixels, multiples of 16.
    steps : int, optional
        Denoising steps, 1 to 200.
    guidance : float, optional
        Guidance scale g of ``pos + g * (pos - neg)`` as in diffusers' ZImagePipeline,
        0 to 30; 0 turns guidance off. ComfyUI's and A1111's "cfg" is 1 + g.
    seed : int
        0 to 2**64 - 1; -1 draws one, and the picture reports which.
    count : int
        How many pictures, 1 to 1000, with seeds ``seed``, ``seed + 1``, ...
    sampler : {"euler", "lcm", "unipc"}
        Flow-matching sampler.
    sigmas : {"linear", "karras", "exponential", "beta"}
        How noise levels are spaced; unipc knows linear only.
    shift : float, optional
        Time shift of the noise levels, 0.1 to 20; None takes the model's own.
    cfg_normalization : bool
        Keep the guided prediction no longer than the unguided one.
    cfg_truncation : float
        Turn guidance off from this point of the way on (0 to 1; 1 never does).
    embedding_noise : float
        Noise on the prompt's embeddings, 0 to 1, in standard deviations of the embeddings; the
        seed draws it. Pictures differ more from seed to seed and keep less to the prompt.
    loras : tuple of (str, float)
        Names of LoRA files (``zimg lora list`` tells what is there) and their weights, -4 to 4;
        also as ``{"style": 0.8}``, or names alone, whose weight is 1.
    edit : Edit, optional
        What makes it a change of another picture; the prompt then describes the result, or,
        for an instruction, the change.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, validate_default=False)

    schema_version: int = Field(default=SCHEMA_VERSION, ge=1)
    model: str | None = None
    prompt: str
    negative_prompt: str = ""
    width: int | None = None
    height: int | None = None
    steps: int | None = None
    guidance: float | None = None
    seed: int = -1
    count: int = 1
    sampler: Literal["euler", "lcm", "unipc"] = "euler"
    sigmas: Literal["linear", "karras", "exponential", "beta"] = "linear"
    shift: float | None = None
    cfg_normalization: bool = False
    cfg_truncation: float = 1.0
    embedding_noise: float = 0.0
    loras: tuple[tuple[str, float], ...] = ()
    edit: Edit | None = None

    def __init__(self, **fields: Any) -> None:
        _refuse_unknown(fields, type(self).model_fields)
        with one_sentence_errors():
            super().__init__(**fields)

    @field_validator("prompt")
    @classmethod
    def _prompt_says_something(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("The prompt is empty: say in a few words what to draw.")
        return value

    @field_validator("width", "height")
    @classmethod
    def _side_fits_the_patches(cls, value: int | None) -> int | None:
        if value is not None and (value < SIDE_MULTIPLE or value % SIDE_MULTIPLE):
            raise ValueError(
                f"A side of {value} px is not a multiple of {SIDE_MULTIPLE}: "
                f"the nearest valid one is {nearest_side(value)} px."
            )
        return value

    @field_validator("steps")
    @classmethod
    def _steps_in_range(cls, value: int | None) -> int | None:
        return _within("Steps", value, 1, MAX_STEPS)

    @field_validator("count")
    @classmethod
    def _count_in_range(cls, value: int) -> int:
        return _within("The count of pictures", value, 1, MAX_COUNT)

    @field_validator("guidance")
    @classmethod
    def _guidance_in_range(cls, value: float | None) -> float | None:
        return _within("Guidance", value, 0, 30)

    @field_validator("shift")
    @classmethod
    def _shift_in_range(cls, value: float | None) -> float | None:
        return _within("Shift", value, 0.1, 20)

    @field_validator("cfg_truncation")
    @classmethod
    def _truncation_in_range(cls, value: float) -> float:
        return _within("cfg_truncation", value, 0, 1)

    @field_validator("embedding_noise")
    @classmethod
    def _noise_in_range(cls, value: float) -> float:
        return _within("embedding_noise", value, 0, 1)

    @field_validator("loras", mode="before")
    @classmethod
    def _loras_are_pairs(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            return tuple(value.items())
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list | tuple):
            return value
        pairs = [(item, 1.0) if isinstance(item, str) else item for item in listed]
        if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
            raise ValueError('LoRAs are names with weights, such as loras=[("style", 0.8)].')
        return tuple(tuple(pair) for pair in pairs)

    @field_validator("loras")
    @classmethod
    def _loras_in_range(cls, value: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
        names = [name for name, _ in value]
        if len(set(names)) < len(names):
            raise ValueError("A LoRA stands in loras twice: name each once, with its weight.")
        for name, weight in value:
            _within(f"The weight of the LoRA {name}", weight, -4, 4)
        return value

    @field_validator("seed")
    @classmethod
    def _seed_in_range(cls, value: int) -> int:
        if not -1 <= value <= MAX_SEED:
            raise ValueError(
                f"Seed {value} is out of range: take 0 to {MAX_SEED}, or -1 to have one drawn."
            )
        return value

    @model_validator(mode="after")
    def _sampler_knows_the_spacing(self) -> Self:
        if self.sampler == "unipc" and self.sigmas != "linear":
            raise ValueError(
                f"The unipc sampler spaces its noise levels itself: {self.sigmas} sigmas go with "
                "euler or lcm."
            )
        return self

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, checked like a new one."""
        return type(self)(**{**self.model_dump(), **changes})

    def with_seed(self) -> Self:
        """Return params whose seed is a number: drawn here if it was -1."""
        return self if self.seed >= 0 else self.replace(seed=secrets.randbelow(_DRAWN_SEEDS))

    def singles(self) -> list[Self]:
        """Return the parameters of each picture of this request, ``count`` of them."""
        first = self.with_seed()
        seeds = ((first.seed + i) % (MAX_SEED + 1) for i in range(self.count))
        return [first.replace(seed=seed, count=1) for seed in seeds]

    @property
    def hash(self) -> str:
        """SHA-256 over the fields that differ from their default, as 64 hex digits.

        A field added later with a default leaves the hashes of older pictures alone.
        """
        fields = self.model_dump(exclude_defaults=True)
        fields.pop("schema_version", None)
        text = json.dumps(fields, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def to_json(self, indent: int | None = None) -> str:
        """Return the JSON text from which :meth:`from_json` makes an equal value."""
        return json.dumps(self.model_dump(), ensure_ascii=False, indent=indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what :meth:`to_json` wrote, in this version or an earlier one."""
        try:
            fields = json.loads(text)
        except ValueError as error:
            raise BadInput(f"These parameters are not valid JSON ({error}).") from None
        if not isinstance(fields, dict):
            raise BadInput('Parameters are a JSON object such as {"prompt": "a red circle"}.')
        return cls.from_dict(fields)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """Read a mapping of fields; one written by a newer schema is refused by name."""
        version = fields.get("schema_version", SCHEMA_VERSION)
        unknown = sorted(set(fields) - set(cls.model_fields))
        if isinstance(version, int) and version > SCHEMA_VERSION and unknown:
            raise BadInput(
                f"These parameters were written by a newer zimg workbench (schema {version}) and "
                f"use {', '.join(unknown)}, which this version does not know: upgrade it with "
                "pip install -U zimg-workbench."
            )
        return cls(**dict(fields))


def nearest_side(value: int, low: int = SIDE_MULTIPLE, high: int | None = None) -> int:
    """Return the multiple of 16 nearest to ``value`` px within ``low`` to ``high``."""
    side = max(low, round(value / SIDE_MULTIPLE) * SIDE_MULTIPLE)
    return side if high is None else min(side, high)


@contextmanager
def one_sentence_errors() -> Iterator[None]:
    """Turn pydantic's report into :class:`BadInput`, a sentence for each problem."""
    try:
        yield
    except ValidationError as error:
        raise BadInput(" ".join(_sentence(item) for item in error.errors())) from None


def _sentence(item: Any) -> str:
    if item["type"] == "value_error":
        return str(item["ctx"]["error"])
    name = ".".join(str(part) for part in item["loc"]) or "value"
    if item["type"] == "missing":
        return f"{name} is missing: give it as {name}=..."
    shown = repr(item["input"])
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    reason = item["msg"][:1].lower() + item["msg"][1:]
    return f"{name} cannot be {shown}: {reason}."


def _refuse_unknown(given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    for name in given:
        if name in known:
            continue
        close = get_close_matches(name, known, n=1)
        meant = _ALSO_KNOWN_AS.get(name) or (close[0] if close else None)
        hint = f"did you mean {meant}?" if meant else f"known are {', '.join(known)}."
        raise BadInput(f"There is no parameter called {name!r}: {hint}")


def _within(name: str, value: _Number, low: float, high: float) -> _Number:
    if value is not None and not low <= value <= high:
        raise ValueError(f"{name} must lie between {low:g} and {high:g}, not {value:g}.")
    return value
