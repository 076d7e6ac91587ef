"""Checks for the pictures of any model: text, colour, size, CLIP, a function."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from .check import CaseLike, Check, CheckResult

if TYPE_CHECKING:
    from zimg_kernel.images.image import GeneratedImage
    from zimg_kernel.models.catalog import ModelCard

Share = Annotated[float, Field(ge=0, le=1)]


def _quoted(value: Any) -> Any:
    """Refuse what YAML makes of a text without quotes, such as no, 2026 or 1:30."""
    if value is None or isinstance(value, bool | int | float):
        raise ValueError(f"put the text in quotes: YAML reads it as {value}, which is no text")
    if isinstance(value, str) and not value.strip():
        raise ValueError("the text is empty: write what the picture should say")
    return value


Text = Annotated[str, BeforeValidator(_quoted)]


class TextCheck(Check):
    """Check that the picture shows a text, read by optical character recognition (rapidocr).

    Width, case and spaces do not count: ＳＡＬＥ is sale. ``similarity`` is the least share of
    the text's characters that stand there in order, 0 to 1. ``exact``: and nothing else does.
    """

    short: ClassVar[str] = "says"
    kind: Literal["text"] = "text"
    says: Text
    exact: bool = False
    similarity: Share = 1.0

    def evaluate(self, image: GeneratedImage, case: CaseLike) -> CheckResult:
        """Read the picture and compare."""
        from .ocr import likeness, read_text

        found = read_text(image.image)
        value = likeness(self.says, found, whole=self.exact)
        message = f"reads {found!r}" if found else "no text was read"
        return CheckResult.of(value >= self.similarity - 1e-9, message, round(value, 4))

    def prepare(self) -> None:
        """Refuse to begin without the reader."""
        from .ocr import require

        require()

    def dependencies(self) -> str:
        """Return the reader's version: another one may read otherwise."""
        from .ocr import version

        return version()


class ColourCheck(Check):
    """Check that a share of the pixels is near a colour, by distance in CIE L*a*b* (D65).

    ``name`` is one of the miniature's colours (either language) or of CSS; or give ``hex``.
    ``where`` is the part looked at, such as left, top or 左上角; ``near`` the largest distance
    ΔE*ab, where 2.3 is just visible and 100 lies between black and white. ``min_share`` is 0.02
    unless only ``max_share`` is given.
    """

    short: ClassVar[str] = "name"
    kind: Literal["colour"] = "colour"
    name: Text | None = None
    hex: Text | None = None
    where: Text | None = None
    min_share: Share | None = None
    max_share: Share = 1.0
    near: Annotated[float, Field(gt=0, le=200)] = 25.0

    @field_validator("where")
    @classmethod
    def _known_place(cls, value: str | None) -> str | None:
        from .nano_names import canonical

        return None if value is None else canonical("place", value)

    @model_validator(mode="after")
    def _one_colour(self) -> ColourCheck:
        if (self.name is None) == (self.hex is None):
            raise ValueError("give the colour as one of name and hex")
        self.rgb()
        if self.least > self.max_share:
            raise ValueError(f"min_share {self.least:g} lies above max_share")
        return self

    @property
    def least(self) -> float:
        """The least share that passes, 0 to 1."""
        if self.min_share is None:
            return 0.02 if self.max_share == 1 else 0.0
        return self.min_share

    def rgb(self) -> tuple[int, int, int]:
        """Return the colour as sRGB, 0 to 255."""
        from PIL import ImageColor

        from zimg_kernel.nano.world.palette import COLOURS

        from .nano_names import find

        known = find("colour", self.name) if self.name else None
        if known:
            return COLOURS[known]
        colour = str(self.name or self.hex)
        try:
            return ImageColor.getrgb(colour)[:3]
        except ValueError:
            raise ValueError(
                f'{colour!r} is no colour: take a name such as red or 红色, or hex: "#dc2626"'
            ) from None

    def evaluate(self, image: GeneratedImage, case: CaseLike) -> CheckResult:
        """Count the pixels."""
        from .colour_share import share_near

        value = share_near(image.image, self.rgb(), self.near, self.where)
        passed = self.least <= value <= self.max_share
        return CheckResult.of(passed, f"{value:.1%} of the pixels", round(value, 4))


class SizeCheck(Check):
    """Check that the picture has this width and height in px: ``size: [256, 192]``."""

    short: ClassVar[str] = "size"
    kind: Literal["size"] = "size"
    size: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=2, max_length=2)]

    def evaluate(self, image: GeneratedImage, case: CaseLike) -> CheckResult:
        """Compare."""
        width, height = image.image.size
        return CheckResult.of([width, height] == self.size, f"{width}×{height} px")


class ClipCheck(Check):
    """Check that picture and prompt agree by a CLIP in the local cache: 100 × the cosine.

    It lies between 0 and 100: the score of Hessel et al., "CLIPScore" (EMNLP 2021), with weight
    100 as in torchmetrics. ``text`` is compared instead of the prompt where it is given. Nothing
    is ever downloaded.
    """

    short: ClassVar[str] = "min_score"
    kind: Literal["clip"] = "clip"
    min_score: Annotated[float, Field(ge=0, le=100)]
    text: Text | None = None

    def evaluate(self, image: GeneratedImage, case: CaseLike) -> CheckResult:
        """Score the picture."""
        from zimg_kernel.experiments.clip import Clip, find_clip

        text = self.text or case.prompt
        found = find_clip(text)
        if found.folder is None:
            return CheckResult("skipped", found.reason)
        value = Clip.load(found.folder).percent_score(image.image, text)
        return CheckResult.of(value >= self.min_score, f"scores {value:.1f}", round(value, 2))

    def skip_reason(self, card: ModelCard, case: CaseLike) -> str:
        """Return why there is no CLIP, if there is none."""
        from zimg_kernel.experiments.clip import find_clip

        return find_clip(self.text or case.prompt).reason

    def dependencies(self) -> str:
        """Return the CLIPs that are here: another one scores otherwise."""
        from zimg_kernel.experiments.clip import installed

        return ",".join(str(folder) for folder in installed())


class FunctionCheck(Check):
    """Check by the user's function of picture and case: ``module:name``, or the function itself.

    It gets the :class:`~zimg_kernel.GeneratedImage` and the :class:`Case`, and returns a
    bool, a number (passed from ``at_least`` on), or a :class:`CheckResult`. A module is looked
    for on Python's path and beside the suite's file.
    """

    short: ClassVar[str] = "function"
    kind: Literal["function"] = "function"
    function: Any
    at_least: float = 0.5

    @field_validator("function")
    @classmethod
    def _callable(cls, value: Any) -> Any:
        if isinstance(value, str):
            module, _, name = value.partition(":")
            if module and name.isidentifier() and all(map(str.isidentifier, module.split("."))):
                return value
        elif callable(value):
            return value
        raise ValueError(f"the function cannot be {value!r}: write module:name, as in my_checks:ok")

    @property
    def label(self) -> str:
        """The function's name."""
        name = self.function
        if isinstance(name, partial):
            name = name.func
        return f"function {name if isinstance(name, str) else getattr(name, '__name__', name)}"

    def evaluate(self, image: GeneratedImage, case: CaseLike) -> CheckResult:
        """Call it."""
        from .function_check import load

        call = load(self.function, case.folder) if isinstance(self.function, str) else self.function
        answer = call(image, case)
        if isinstance(answer, CheckResult):
            return answer
        if type(answer).__name__ in ("bool_", "bool"):  # also numpy's
            return CheckResult.of(bool(answer))
        try:
            value = float(answer)
        except (TypeError, ValueError):
            kind = type(answer).__name__
            return CheckResult(
                "error", f"{self.label} returned {kind}: return a bool, a number or a CheckResult."
            )
        return CheckResult.of(value >= self.at_least, f"{value:g}", value)

    def dependencies(self) -> None:
        """Return None: what a function rests on is not known, it is called each time."""
