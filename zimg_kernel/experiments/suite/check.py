"""What a check is: something said of a picture, and the verdict on it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from zimg_kernel.images.image import GeneratedImage
    from zimg_kernel.models.catalog import ModelCard

    from .spec import Case

Status = Literal["passed", "failed", "error", "skipped"]
_VERSION = "1"  # of the checks' own code: counted up, it makes kept verdicts void


@dataclass(frozen=True)
class CheckResult:
    """A verdict.

    Attributes
    ----------
    status : {"passed", "failed", "error", "skipped"}
        An error means that the check itself broke, or that there is no picture. A skipped
        check could not be made here; it is not passed, and enters no pass rate.
    message : str
        What was seen, or why there is no verdict.
    value : float or None
        What was measured, where there is a number.
    """

    status: Status
    message: str = ""
    value: float | None = None

    @property
    def passed(self) -> bool:
        """Whether the picture is as it should be."""
        return self.status == "passed"

    @classmethod
    def of(cls, passed: bool, message: str = "", value: float | None = None) -> CheckResult:
        """Return passed or failed."""
        return cls("passed" if passed else "failed", message, value)


class Check(BaseModel):
    """One check of a case; each kind is a subclass with its own fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    short: ClassVar[str] = ""
    """The field that a value written without field names means."""
    kind: str
    """As written in a suite: ``"text"``."""

    @property
    def label(self) -> str:
        """The kind and what is asked for, on one line."""
        fields = self.model_dump(exclude={"kind"}, exclude_defaults=True)
        said = next(iter(fields.values())) if len(fields) == 1 else fields
        return f"{self.kind} {_words(said)}"

    def look(self, image: GeneratedImage, case: Case) -> CheckResult:
        """Judge a picture; whatever this raises becomes an error of this check alone."""
        raise NotImplementedError

    def pardon(self, card: ModelCard, case: Case) -> str:
        """Return why this check cannot be made on a model's pictures here, or an empty text."""
        return ""

    def prepare(self) -> None:
        """Raise a ZimgError if something that has to be installed is missing."""

    def depends(self) -> str | None:
        """Return what the verdict rests on besides the fields; None: it is never kept."""
        return ""

    @property
    def key(self) -> str | None:
        """Return what tells this check from others in kept verdicts, 16 hex digits."""
        rest = self.depends()
        if rest is None:
            return None
        text = json.dumps([_VERSION, self.model_dump(), rest], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def _words(value: Any) -> str:
    """Fields as in a suite, without brackets: "red circle left, blue square"."""
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    if isinstance(value, dict):
        if set(value) <= {"colour", "shape", "place"}:
            return " ".join(str(word) for word in value.values() if word)
        return ", ".join(f"{name}: {_words(word)}" for name, word in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
