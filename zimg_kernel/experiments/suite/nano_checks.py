"""The checks that the miniature's own judge makes: objects, counts, relations, signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from . import nano_names as naming
from .check import Check, CheckResult
from .checks import Share, Words

if TYPE_CHECKING:
    from zimg_kernel.images.image import GeneratedImage
    from zimg_kernel.models.catalog import ModelCard

    from .spec import Case

_MOST = 5  # objects that the judge pairs; more would be slow


class Item(BaseModel):
    """An object: "red circle", "红色的圆", or colour, shape and place apart."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    colour: str | None = None
    shape: str | None = None
    place: str | None = None

    @field_validator("colour", "shape", "place")
    @classmethod
    def _known(cls, value: str | None, info: Any) -> str | None:
        return None if value is None else naming.canonical(info.field_name, value)

    @model_validator(mode="after")
    def _says_something(self) -> Item:
        if self.colour is None and self.shape is None:
            raise ValueError("say the object's colour, its shape, or both")
        return self


def _item(value: Any) -> Any:
    if isinstance(value, str):
        colour, shape = naming.noun(value)
        return {"colour": colour, "shape": shape}
    return value


Items = Annotated[
    list[Annotated[Item, BeforeValidator(_item)]], Field(min_length=1, max_length=_MOST)
]
Pair = Annotated[Items, Field(min_length=2)]


class _OfMiniature(Check):
    """A check that only pictures of the miniature can be put to."""

    def pardon(self, card: ModelCard, case: Case) -> str:
        """Say that the judge knows the miniature's pictures only."""
        if card.source.embedded:
            return ""
        return f"The judge of {self.kind} reads the miniature's pictures only, not {card.title}'s."


class ObjectsCheck(_OfMiniature):
    """These objects are there, each with what is said of it, and (``only``) no others."""

    short: ClassVar[str] = "each"
    kind: Literal["objects"] = "objects"
    each: Items
    only: bool = True

    def look(self, image: GeneratedImage, case: Case) -> CheckResult:
        """Find the objects and pair them with those wanted."""
        from .nano_judge import judge, said

        found, held = judge(image, self.each)
        need = {"colour", "shape", "place"} | ({"count"} if self.only else set())
        wrong = [part for part in ("count", "colour", "shape", "place")
                 if part in need and not held.get(part, True)]  # fmt: skip
        words = f"{', '.join(wrong)} wrong: " if wrong else ""
        return CheckResult.of(not wrong, f"{words}sees {said(found)}")


class CountCheck(_OfMiniature):
    """How many there are: ``count: {red star: 3}``, by colour, shape, both, or ``all``."""

    short: ClassVar[str] = "of"
    kind: Literal["count"] = "count"
    of: Annotated[dict[str, Annotated[int, Field(ge=0, le=20)]], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _written_flat(cls, value: Any) -> Any:
        if isinstance(value, dict) and "of" not in value:
            return {"kind": "count", "of": {k: v for k, v in value.items() if k != "kind"}}
        return value

    @field_validator("of")
    @classmethod
    def _known(cls, value: dict[str, int]) -> dict[str, int]:
        for words in value:
            if words != "all":
                naming.noun(words)
        return value

    def look(self, image: GeneratedImage, case: Case) -> CheckResult:
        """Count what was found."""
        from .nano_judge import count, objects, said

        found = objects(image)
        numbers = {
            words: len(found) if words == "all" else count(found, *naming.noun(words))
            for words in self.of
        }
        right = all(numbers[words] == wanted for words, wanted in self.of.items())
        counted = ", ".join(f"{number} {words}" for words, number in numbers.items())
        first = float(next(iter(numbers.values())))
        return CheckResult.of(right, f"counts {counted}; sees {said(found)}", first)


class _OrderCheck(_OfMiniature):
    """Objects in an order, each with what is said of it; others may be there too."""

    _relation: ClassVar[str]
    short: ClassVar[str] = "each"
    each: Pair

    def look(self, image: GeneratedImage, case: Case) -> CheckResult:
        """Pair the objects with those wanted and compare where they stand."""
        from .nano_judge import judge, said

        found, held = judge(image, self.each, self._relation)
        right = held["colour"] and held["shape"] and held["relation"]
        return CheckResult.of(right, f"sees {said(found)}")


class LeftOfCheck(_OrderCheck):
    """Each object is left of the next: ``left_of: [red circle, blue square]``."""

    _relation = "left"
    kind: Literal["left_of"] = "left_of"


class AboveCheck(_OrderCheck):
    """Each object is above the next: ``above: [星星, 方块]``."""

    _relation = "above"
    kind: Literal["above"] = "above"


class BackgroundCheck(_OfMiniature):
    """The background is, of all that the miniature knows, most like this one."""

    short: ClassVar[str] = "background"
    kind: Literal["background"] = "background"
    background: Words

    @field_validator("background")
    @classmethod
    def _known(cls, value: str) -> str:
        return naming.canonical("background", value)

    def look(self, image: GeneratedImage, case: Case) -> CheckResult:
        """Compare the picture's edges with those of all backgrounds."""
        from .nano_judge import background

        name, distance = background(image)
        return CheckResult.of(name == self.background, f"is most like {name}", round(distance, 4))


class SignCheck(_OfMiniature):
    """A sign says a text, by comparison with the miniature's glyphs.

    ``least`` is the least share of its characters that stand there in order; with 1, the
    default, the picture says the text and nothing else.
    """

    short: ClassVar[str] = "says"
    kind: Literal["sign"] = "sign"
    says: Words
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

    def look(self, image: GeneratedImage, case: Case) -> CheckResult:
        """Read the sign."""
        from .nano_judge import sign

        read, share = sign(image, self.says)
        passed = read == self.says if self.least >= 1 else share >= self.least
        says = f"says {read!r}" if read else "no sign was read"
        return CheckResult.of(passed, says, round(share, 4))
