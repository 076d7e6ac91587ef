"""Checks by the miniature's judge: objects, counts, relations, signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from . import nano_names as names
from .check import CaseLike, Check, CheckResult
from .checks import Share, Text
from .expected_objects import ExpectedObjects

if TYPE_CHECKING:
    from zimg_kernel.images.image import GeneratedImage
    from zimg_kernel.models.catalog import ModelCard


class NanoCheck(Check):
    """Base class of checks that only pictures of the miniature can be put to."""

    def skip_reason(self, card: ModelCard, case: CaseLike) -> str:
        """Return that the judge knows the miniature's pictures only, for other models."""
        if card.family == "nano":
            return ""
        return f"The judge of {self.kind} reads the miniature's pictures only, not {card.title}'s."


class ObjectsCheck(NanoCheck):
    """Check that these objects are there, each as described, and (``only``) no others."""

    short: ClassVar[str] = "each"
    kind: Literal["objects"] = "objects"
    each: ExpectedObjects
    only: bool = True

    def evaluate(self, image: GeneratedImage, case: CaseLike) -> CheckResult:
        """Find the objects and pair them with those wanted."""
        from .nano_judge import describe, judge

        found, held = judge(image, self.each)
        parts = (*(("count",) if self.only else ()), "colour", "shape", "place")
        wrong = [part for part in parts if not held.get(part, True)]
        prefix = f"{', '.join(wrong)} wrong: " if wrong else ""
        return CheckResult.of(not wrong, f"{prefix}sees {describe(found)}")


class CountCheck(NanoCheck):
    """Check the number of objects: ``count: {red star: 3}``, by colour, shape, both, or ``all``."""

    short: ClassVar[str] = "of"
    kind: Literal["count"] = "count"
    of: Annotated[dict[str, Annotated[int, Field(ge=0, le=20)]], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _from_mapping(cls, value: Any) -> Any:
        if isinstance(value, dict) and "of" not in value:
            return {"kind": "count", "of": {k: v for k, v in value.items() if k != "kind"}}
        return value

    @field_validator("of")
    @classmethod
    def _known(cls, value: dict[str, int]) -> dict[str, int]:
        for noun in value:
            if noun != "all":
                names.noun(noun)
        return value

    def evaluate(self, image: GeneratedImage, case: CaseLike) -> CheckResult:
        """Count what was found."""
        from .nano_judge import count, describe, objects

        found = objects(image)
        numbers = {
            noun: len(found) if noun == "all" else count(found, *names.noun(noun))
            for noun in self.of
        }
        counted = ", ".join(f"{number} {noun}" for noun, number in numbers.items())
        first = float(next(iter(numbers.values())))
        message = f"counts {counted}; sees {describe(found)}"
        return CheckResult.of(numbers == self.of, message, first)


class _OrderCheck(NanoCheck):
    """Base class of checks of objects in an order; others may be there too."""

    _relation: ClassVar[str]
    short: ClassVar[str] = "each"
    each: Annotated[ExpectedObjects, Field(min_length=2)]

    def evaluate(self, image: GeneratedImage, case: CaseLike) -> CheckResult:
        """Pair the objects with those wanted and compare where they stand."""
        from .nano_judge import describe, judge

        found, held = judge(image, self.each, self._relation)
        right = held["colour"] and held["shape"] and held["relation"]
        return CheckResult.of(right, f"sees {describe(found)}")


class LeftOfCheck(_OrderCheck):
    """Check that each object is left of the next: ``left_of: [red circle, blue square]``."""

    _relation = "left"
    kind: Literal["left_of"] = "left_of"


class AboveCheck(_OrderCheck):
    """Check that each object is above the next: ``above: [星星, 方块]``."""

    _relation = "above"
    kind: Literal["above"] = "above"


class BackgroundCheck(NanoCheck):
    """Check that of all backgrounds the picture's is most like this one."""

    short: ClassVar[str] = "background"
    kind: Literal["background"] = "background"
    background: Text

    @field_validator("background")
    @classmethod
    def _known(cls, value: str) -> str:
        return names.canonical("background", value)

    def evaluate(self, image: GeneratedImage, case: CaseLike) -> CheckResult:
        """Compare the picture's edges with those of all backgrounds."""
        from .nano_judge import background

        name, distance = background(image)
        return CheckResult.of(name == self.background, f"is most like {name}", round(distance, 4))


class SignCheck(NanoCheck):
    """Check that a sign says a text, by comparison with the miniature's glyphs.

    ``least`` is the least share of its characters that stand there in order; with 1, the
    default, the picture says the text and nothing else.
    """

    short: ClassVar[str] = "says"
    kind: Literal["sign"] = "sign"
    says: Text
    least: Share = 1.0

    @field_validator("says")
    @classmethod
    def _has_glyphs(cls, value: str) -> str:
        from zimg_kernel.nano.draw.glyphs import CHARS

        text = "".join(value.split())
        unknown = "".join(dict.fromkeys(char for char in text if char not in CHARS))
        if unknown:
            raise ValueError(f"the miniature has no glyphs for {unknown!r}: use text: instead")
        return text

    def evaluate(self, image: GeneratedImage, case: CaseLike) -> CheckResult:
        """Read the sign."""
        from .nano_judge import sign

        read, share = sign(image, self.says)
        passed = read == self.says if self.least >= 1 else share >= self.least
        message = f"says {read!r}" if read else "no sign was read"
        return CheckResult.of(passed, message, round(share, 4))
