"""Fields of a request, their limits, and their JSON."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from zimg_kernel.errors import BadInput, one_sentence_errors

from .docstring import add_parameters
from .edit import Edit
from .unknown import refuse_unknown

SCHEMA_VERSION = 1
MAX_STEPS = 200
MAX_COUNT = 1000
MAX_SEED = 2**64 - 1  # the range of torch.Generator.manual_seed
_DRAWN_SEEDS = 2**32  # drawn seeds stay short enough to read out and to type

_SIDE = "Size in pixels, a multiple of 16 for Z-Image."


class GenerationParams(BaseModel):
    """Parameters of one request.

    A field that is None takes the default of the model's card when the request is
    submitted; what a picture carries has every field filled in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, validate_default=False)

    schema_version: int = Field(
        default=SCHEMA_VERSION, ge=1, description="Version of this schema; filled in by itself."
    )
    model: str | None = Field(
        default=None,
        description="Id of a card in the catalogue; left open, the engine chooses.",
    )
    prompt: str = Field(description="What to draw, in Chinese or English.")
    negative_prompt: str = Field(
        default="", description="What to keep out. It has an effect only where guidance is above 0."
    )
    width: int | None = Field(default=None, ge=1, description=_SIDE)
    height: int | None = Field(default=None, ge=1, description=_SIDE)
    steps: int | None = Field(
        default=None, ge=1, le=MAX_STEPS, title="Steps", description="Denoising steps, 1 to 200."
    )
    guidance: float | None = Field(
        default=None,
        ge=0,
        le=30,
        title="Guidance",
        description="Guidance scale g of pos + g * (pos - neg) as in diffusers' ZImagePipeline, "
        '0 to 30; 0 turns guidance off. The "cfg" of ComfyUI and A1111 is 1 + g.',
    )
    seed: int = Field(
        default=-1,
        ge=-1,
        le=MAX_SEED,
        description="0 to 2**64 - 1; -1 draws one, and the picture reports which.",
    )
    count: int = Field(
        default=1,
        ge=1,
        le=MAX_COUNT,
        title="The count of pictures",
        description="Number of pictures, 1 to 1000, with seeds seed, seed + 1, ...",
    )
    sampler: str = Field(
        default="euler",
        max_length=64,
        description="Sampler; for Z-Image euler, lcm or unipc, by flow matching.",
    )
    sigmas: str = Field(
        default="linear",
        max_length=64,
        description="Spacing of the noise levels: linear, karras, exponential or beta; unipc knows "
        "linear only.",
    )
    shift: float | None = Field(
        default=None,
        ge=0.1,
        le=20,
        title="Shift",
        description="Time shift of the noise levels, 0.1 to 20; left open, the model's own.",
    )
    cfg_normalization: bool = Field(
        default=False,
        description="Keep the guided prediction no longer than the unguided one.",
    )
    cfg_truncation: float = Field(
        default=1.0,
        ge=0,
        le=1,
        title="cfg_truncation",
        description="Turn guidance off from this point of the way on, 0 to 1; 1 never does.",
    )
    embedding_noise: float = Field(
        default=0.0,
        ge=0,
        le=1,
        title="embedding_noise",
        description="Noise on the prompt's embeddings, 0 to 1, in standard deviations of the "
        "embeddings; the seed draws it. Pictures differ more from seed to seed and keep less to "
        "the prompt.",
    )
    loras: tuple[tuple[str, float], ...] = Field(
        default=(),
        description="Names of LoRA files (zimg lora list shows them) and their weights, -4 to 4; "
        'also as {"style": 0.8}, or names alone, whose weight is 1.',
    )
    edit: Edit | None = Field(
        default=None,
        description="What makes it a change of another picture; the prompt then describes the "
        "result, or, for an instruction, the change.",
    )

    def __init__(self, **fields: Any) -> None:
        refuse_unknown(fields, type(self).model_fields)
        with one_sentence_errors(type(self)):
            super().__init__(**fields)

    @classmethod
    def explain(cls, name: str, value: Any) -> str | None:
        """Return the sentence that refuses a number, if this class has a better one of its own."""
        if name in ("width", "height"):
            return f"A side must be at least 1 px, not {value}."
        if name == "seed":
            return f"Seed {value} is out of range: take 0 to {MAX_SEED}, or -1 to have one drawn."
        return None

    @field_validator("prompt")
    @classmethod
    def _prompt_not_empty(cls, value: str) -> str:
        if not value.strip():
            raise BadInput(
                "The prompt is empty: say in a few words what to draw.", code="empty-prompt"
            )
        return value

    @field_validator("prompt", "negative_prompt")
    @classmethod
    def _is_unicode(cls, value: str, info: ValidationInfo) -> str:
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise BadInput(
                f"Character {error.start + 1} of the {(info.field_name or '').replace('_', ' ')} "
                f"is half of one ({value[error.start]!r}): delete it, or type it again.",
                code="not-unicode",
                field=info.field_name,
            ) from None
        return value

    @field_validator("loras", mode="before")
    @classmethod
    def _loras_are_pairs(cls, value: Any) -> Any:
        if isinstance(value, Mapping):
            value = list(value.items())
        listed = [value] if isinstance(value, str | os.PathLike) else value
        if not isinstance(listed, list | tuple):
            return value
        pairs = [(item, 1.0) if isinstance(item, str | os.PathLike) else item for item in listed]
        if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
            raise BadInput(
                'LoRAs are names with weights, such as loras=[("style", 0.8)].', code="wrong-type"
            )
        for name, weight in pairs:
            if weight is None:
                raise BadInput(
                    f"The weight of the LoRA {name} is a number, not None.", code="wrong-type"
                )
        paths = os.PathLike
        return tuple((os.fspath(n) if isinstance(n, paths) else n, w) for n, w in pairs)

    @field_validator("loras")
    @classmethod
    def _loras_in_range(cls, value: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
        names = [name for name, _ in value]
        if len(set(names)) < len(names):
            raise BadInput(
                "A LoRA stands in loras twice: name each once, with its weight.",
                code="named-twice",
            )
        for name, weight in value:
            if not -4 <= weight <= 4:
                raise BadInput(
                    f"The weight of the LoRA {name} must lie between -4 and 4, not {weight:g}.",
                    code="out-of-range",
                )
        return value

    @model_validator(mode="after")
    def _sampler_knows_the_spacing(self) -> Self:
        if self.sampler == "unipc" and self.sigmas != "linear":
            raise BadInput(
                f"The unipc sampler spaces its noise levels itself: {self.sigmas} sigmas go with "
                "euler or lcm.",
                code="sampler-without-sigmas",
                field="sigmas",
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
    def from_json(cls, text: str | bytes, *, prompt: str | None = None) -> Self:
        """Read what :meth:`to_json` wrote, in this version or an earlier one.

        Parameters
        ----------
        text : str or bytes
        prompt : str, optional
            Takes the place of the one in the text, which may then be empty.
        """
        try:
            fields = json.loads(text)
        except ValueError as error:
            raise BadInput(
                f"These parameters are not valid JSON ({error}).", code="invalid-json"
            ) from None
        if not isinstance(fields, dict):
            raise BadInput(
                'Parameters are a JSON object such as {"prompt": "a red circle"}.',
                code="invalid-json",
            )
        return cls.from_dict(fields if prompt is None else {**fields, "prompt": prompt})

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """Read a mapping of fields; one written by a newer schema is refused by name."""
        version = fields.get("schema_version", SCHEMA_VERSION)
        unknown = sorted(set(fields) - set(cls.model_fields))
        if isinstance(version, int) and version > SCHEMA_VERSION and unknown:
            raise BadInput(
                f"These parameters were written by a newer zimg workbench (schema {version}) and "
                f"use {', '.join(unknown)}, which this version does not know: upgrade it with "
                "pip install -U zimg-workbench.",
                code="newer-schema",
                field="schema_version",
            )
        return cls(**dict(fields))


add_parameters(GenerationParams)
