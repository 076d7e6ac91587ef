"""Suites as data: cases, their prompts and checks, and what they have in common."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    field_validator,
    model_validator,
)

from zimg_kernel.errors import BadInput, one_sentence_errors
from zimg_kernel.families.family import ModelFamily
from zimg_kernel.families.registry import families, get_family
from zimg_kernel.models.catalog import load_catalog
from zimg_kernel.params import MAX_SEED, GenerationParams, require_choice, require_multiple

from .check_kinds import Checks
from .parametrize import parametrize

_MOST_SEEDS = 1000

_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|「[^」]*」|'[^']*'|《[^》]*》")


def _seeds(value: Any) -> Any:
    """Return the seeds 0 to n - 1 for a number n."""
    if isinstance(value, int) and not isinstance(value, bool):
        if not 1 <= value <= _MOST_SEEDS:
            raise ValueError(f"seeds is a list such as [0, 1], or how many, 1 to {_MOST_SEEDS}")
        return list(range(value))
    return value


Seeds = Annotated[
    list[Annotated[int, Field(ge=0, le=MAX_SEED)]],
    BeforeValidator(_seeds),
    Field(min_length=1, max_length=_MOST_SEEDS),
]


class Fields(BaseModel):
    """Fields that ``defaults`` and every case may set; those of the case come first.

    ``models`` are ids of the catalogue (``model`` for one), ``seeds`` a list or how many; the
    others are fields of :class:`~zimg_kernel.params.GenerationParams`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    model: str | None = None
    models: list[str] | None = Field(default=None, min_length=1)
    seeds: Seeds | None = None
    width: int | None = None
    height: int | None = None
    steps: int | None = None
    guidance: float | None = None
    negative_prompt: str | None = None
    sampler: str | None = None
    sigmas: str | None = None
    shift: float | None = None

    @model_validator(mode="after")
    def _valid(self) -> Self:
        if self.model is not None and self.models is not None:
            raise ValueError("give model or models, not both")
        GenerationParams(prompt="any", **self.settings())
        possible = self._families()
        multiple = min(family.side_multiple for family in possible)
        for side in ("width", "height"):
            require_multiple(side, getattr(self, side), multiple)
        for field, names in (("sampler", "samplers"), ("sigmas", "spacings")):
            known = dict.fromkeys(name for family in possible for name in getattr(family, names))
            require_choice(field, getattr(self, field), known)
        return self

    def _families(self) -> list[ModelFamily]:
        """Return the families of the models named here; all where none is."""
        cards = load_catalog() if self.chosen_models() else {}
        named = [cards[name].family for name in self.chosen_models() if name in cards]
        return [get_family(name) for name in named or families()]

    def settings(self) -> dict[str, Any]:
        """Return what is set of a picture's parameters, besides model and seed."""
        known = set(Fields.model_fields) - {"model", "models", "seeds"}
        return self.model_dump(include=known, exclude_none=True)

    def chosen_models(self) -> list[str]:
        """Return the models named here."""
        return [self.model] if self.model else list(self.models or ())


class Case(Fields):
    """A prompt and what its pictures must show.

    Parameters
    ----------
    id : str
        Names the case in reports; once in a suite.
    prompt : str
        Chinese or English.
    checks : mapping or list
        By kind: text, sign, objects, count, left_of, above, background, colour, clip, size,
        function. A list holds several of a kind.
    language : {"zh", "en"}, optional
        By default zh if the prompt, less what is in quotes, has Chinese characters.
    family : {"nano", "full"}, optional
        Only for the miniatures, or only for all other models.
    tags : list of str
        Words to group by, such as simple or complex.
    """

    id: str = Field(min_length=1, max_length=80)
    prompt: str
    checks: Checks
    language: Literal["zh", "en"] = "en"
    family: Literal["nano", "full"] | None = None
    tags: list[str] = []
    _folder: Path | None = PrivateAttr(default=None)

    @property
    def folder(self) -> Path | None:
        """Folder of the suite's file; None for a suite made in Python."""
        return self._folder

    @model_validator(mode="before")
    @classmethod
    def _language(cls, value: Any) -> Any:
        if isinstance(value, dict) and "language" not in value:
            return {**value, "language": language_of(str(value.get("prompt", "")))}
        return value

    @field_validator("prompt")
    @classmethod
    def _not_empty(cls, value: str) -> str:
        return GenerationParams(prompt=value).prompt

    def with_prompt(self, prompt: str) -> Case:
        """Return the same case with another prompt."""
        changed = self.model_copy(update={"prompt": prompt})
        changed._folder = self._folder
        return changed


def language_of(prompt: str) -> str:
    """Return zh for a prompt with Chinese characters outside quotes, else en."""
    bare = _QUOTED.sub("", prompt)
    return "zh" if any("\u4e00" <= char <= "\u9fff" for char in bare) else "en"


class SuiteFields(BaseModel):
    """Fields of a suite, without the constructor that turns pydantic's report into a sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str = Field(min_length=1, max_length=120)
    about: str = ""
    defaults: Fields = Fields()
    cases: list[Case] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _parametrized(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("cases"), list):
            return {**value, "cases": [case for _, case in parametrize(value["cases"])]}
        return value

    @model_validator(mode="after")
    def _ids_differ(self) -> Self:
        seen: set[str] = set()
        for case in self.cases:
            if case.id in seen:
                raise BadInput(
                    f"Two cases have the id {case.id!r}: give each its own.",
                    code="named-twice",
                    field="cases",
                )
            seen.add(case.id)
        return self


class Suite(SuiteFields):
    """Cases to draw and check, from a YAML file or made in Python.

    Parameters
    ----------
    name : str
        Names the suite, its report, and where its pictures and verdicts are kept.
    about : str
        A sentence on what it tests.
    defaults : Fields
        What all cases share: models, seeds, width, height, steps ...
    cases : list of Case

    Raises
    ------
    BadInput
        A field is unknown or cannot be so; the sentence names the case.

    Examples
    --------
    >>> suite = Suite(name="one", cases=[
    ...     {"id": "red", "prompt": "a red circle", "checks": {"objects": ["red circle"]}}])
    >>> len(suite)
    1
    """

    def __init__(self, **fields: Any) -> None:
        with one_sentence_errors():
            super().__init__(**fields)

    @classmethod
    def load(cls, path: str | Path) -> Suite:
        """Read a suite's YAML file; or a ready suite by its name: simple, text, layout.

        Raises
        ------
        BadInput
            The file cannot be read, or a mistake in it: one sentence with its line.
        """
        from .yaml_file import load_suite

        return load_suite(path)

    def __len__(self) -> int:
        return len(self.cases)

    def only(self, *words: str) -> Suite:
        """Return a suite of the cases whose id or one of whose tags is among the words."""
        selected = [case for case in self.cases if {case.id, *case.tags} & set(words)]
        if not selected:
            ids = ", ".join(case.id for case in self.cases)
            raise BadInput(
                f"No case has the id or tag {', '.join(words)}: there are {ids}.",
                code="unknown-case",
                field="only",
            )
        return self.model_copy(update={"cases": selected})
