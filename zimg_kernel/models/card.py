"""Model card: a model's source, sizes, limits and defaults, validated."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from zimg_kernel.errors import BadInput
from zimg_kernel.families.registry import family_named_by, get_family
from zimg_kernel.params import MAX_STEPS, GenerationParams, nearest_side

_ID = re.compile(r"\w[\w.+-]*")
_PIPELINE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_INSIDE = re.compile(r"(?:[\w-][\w.+-]*/)*[\w-][\w.+-]*\.safetensors")


class ModelSource(BaseModel):
    """Places of a model's files; the first that is complete is used.

    Parameters
    ----------
    embedded : str, optional
        A folder of the package's own weights.
    folder : str, optional
        A diffusers folder on this machine; ``~`` is understood, and a relative path
        counts from the models.yaml that names it.
    modelscope, huggingface : str, optional
        Repository ids such as ``Tongyi-MAI/Z-Image-Turbo``.
    file : str, optional
        One .safetensors file in that folder or repository, where it is no diffusers folder.
        Only a ``controlnet`` may be such a file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    embedded: str | None = None
    folder: str | None = None
    modelscope: str | None = None
    huggingface: str | None = None
    file: str | None = None

    @field_validator("file")
    @classmethod
    def _is_a_file_inside(cls, value: str | None) -> str | None:
        if value is not None and not _INSIDE.fullmatch(value):
            raise ValueError(f"{value!r} is no .safetensors file inside the folder or repository")
        return value

    @field_validator("modelscope", "huggingface")
    @classmethod
    def _is_a_repository_id(cls, value: str | None) -> str | None:
        if value is not None and not _REPOSITORY.fullmatch(value):
            raise ValueError(f"{value!r} is no repository id such as Tongyi-MAI/Z-Image-Turbo")
        return value

    @model_validator(mode="after")
    def _names_a_place(self) -> Self:
        if not (self.embedded or self.folder or self.modelscope or self.huggingface):
            raise ValueError("give a folder, or a modelscope or huggingface repository id")
        return self


def _size(value: Any) -> Any:
    pair = isinstance(value, list | tuple) and len(value) == 2
    if not pair or not all(type(side) is int for side in value):
        raise ValueError(f"a size is [width, height] in pixels, not {value!r}")
    return value


Size = Annotated[tuple[int, int], BeforeValidator(_size)]


class ModelCard(BaseModel):
    """One model of the catalogue, validated.

    ``family`` is the name of a :class:`zimg_kernel.families.ModelFamily`, or where its class is
    (``package.file:Class``); Z-Image without one.
    ``pipeline`` is a class of diffusers, or the dotted path of another one. Sizes are
    (width, height) in pixels; ``memory_gb`` is the peak at the default size in
    ``dtype``, ``download_gb`` what a download takes, both in 10**9 bytes. ``guided`` says
    whether the model was made for guidance (a distilled one was not), ``writes`` whether its
    text encoder has learned to write sentences, as a language model has and the miniature's
    has not. ``controlnet`` is the source of its ControlNet, if there is one. ``default_on`` says
    where it draws if no model is named: on a GPU once its files are there, or anywhere.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    about: str = ""
    family: str
    pipeline: str
    source: ModelSource
    controlnet: ModelSource | None = None
    default_size: Size
    sizes: tuple[Size, ...] = ()
    min_side: int = Field(default=256, ge=8)
    max_side: int = Field(default=2048, le=8192)
    steps: int = Field(ge=1, le=MAX_STEPS)
    guidance: float = Field(default=0, ge=0, le=30)
    guided: bool = False
    writes: bool = True
    max_tokens: int = Field(default=512, ge=16, le=1024)
    dtype: Literal["bfloat16", "float16", "float32"] = "bfloat16"
    download_gb: float | None = Field(default=None, gt=0)
    memory_gb: float | None = Field(default=None, gt=0)
    licence: str = ""
    default_on: Literal["gpu", "any"] | None = None

    @field_validator("id")
    @classmethod
    def _can_name_a_folder(cls, value: str) -> str:
        if not _ID.fullmatch(value):
            raise ValueError(f"{value!r} names a folder too: use letters, digits, '.', '_' and '-'")
        return value

    @field_validator("pipeline")
    @classmethod
    def _is_a_class(cls, value: str) -> str:
        if not _PIPELINE.fullmatch(value):
            raise ValueError(f"{value!r} is no class such as ZImagePipeline or package.file.Class")
        return value

    @model_validator(mode="after")
    def _is_a_whole_folder(self) -> Self:
        if self.source.file:
            raise ValueError("source.file: a model is a whole diffusers folder, not one file")
        return self

    @model_validator(mode="before")
    @classmethod
    def _has_a_family(cls, fields: Any) -> Any:
        if isinstance(fields, dict) and isinstance(fields.get("family", ""), str):
            return {**fields, "family": family_named_by(fields)}
        return fields

    @model_validator(mode="after")
    def _suits_its_family(self) -> Self:
        try:
            family = get_family(self.family)
        except BadInput as error:
            raise ValueError(f"family: {error}".rstrip(".")) from None
        named = [("default_size", self.default_size)]
        named += [(f"sizes.{number}", size) for number, size in enumerate(self.sizes)]
        for field, size in named:
            for side in size:
                multiple = family.side_multiple
                if side < multiple or side % multiple:
                    near = nearest_side(side, multiple=multiple)
                    raise ValueError(
                        f"{field}: {side} px is not a multiple of {multiple} (near it is {near})"
                    )
        if self.dtype not in family.dtypes:
            raise ValueError(
                f"dtype: {family.title} is drawn in {' or '.join(family.dtypes)}, not {self.dtype}"
            )
        return self

    @model_validator(mode="after")
    def _sizes_within_limits(self) -> Self:
        named = [("default_size", self.default_size), *(("sizes", size) for size in self.sizes)]
        for field, size in named:
            if not all(self.min_side <= side <= self.max_side for side in size):
                raise ValueError(
                    f"{field}: {size[0]}x{size[1]} px lies outside min_side {self.min_side} "
                    f"to max_side {self.max_side}"
                )
        return self

    def fill(self, params: GenerationParams) -> GenerationParams:
        """Return params with this model's defaults in every open field.

        A sampler or spacing left at the usual one becomes the first that the family knows.
        """
        width, height = self.default_size
        family = get_family(self.family)
        names = {"sampler": family.samplers, "sigmas": family.spacings}
        for field, known in names.items():
            usual = GenerationParams.model_fields[field].default
            if getattr(params, field) == usual and usual not in known:
                params = params.replace(**{field: known[0]})
        return params.replace(
            model=self.id,
            width=width if params.width is None else params.width,
            height=height if params.height is None else params.height,
            steps=self.steps if params.steps is None else params.steps,
            guidance=self.guidance if params.guidance is None else params.guidance,
        )
