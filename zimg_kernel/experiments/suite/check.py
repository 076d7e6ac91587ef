"""Base class of checks, and their verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from zimg_kernel.experiments.batch.paths import content_hash

if TYPE_CHECKING:
    from zimg_kernel.images.image import GeneratedImage
    from zimg_kernel.models.catalog import ModelCard

Status = Literal["passed", "failed", "error", "skipped"]
_VERSION = "1"  # of the checks' own code: counted up, it makes stored verdicts void


class CaseLike(Protocol):
    """The fields of a case that checks use."""

    @property
    def id(self) -> str:
        """Name of the case."""

    @property
    def prompt(self) -> str:
        """The thing asked for."""

    @property
    def folder(self) -> Path | None:
        """Folder of the suite's file."""


@dataclass(frozen=True)
class CheckResult:
    """Verdict of a check on a picture.

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
        """True for a picture that is as it should be."""
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
        return f"{self.kind} {_plain(next(iter(fields.values())) if len(fields) == 1 else fields)}"

    def evaluate(self, image: GeneratedImage, case: CaseLike) -> CheckResult:
        """Judge a picture; whatever this raises becomes an error of this check alone."""
        raise NotImplementedError

    def skip_reason(self, card: ModelCard, case: CaseLike) -> str:
        """Return why this check cannot be made on a model's pictures here, or an empty text."""
        return ""

    def prepare(self) -> None:
        """Raise a ZimgError if something that has to be installed is missing."""

    def dependencies(self) -> str | None:
        """Return what the verdict rests on besides the fields; None: it is never stored."""
        return ""

    @property
    def key(self) -> str | None:
        """Identity of this check in stored verdicts, 16 hex digits; None: it is never stored."""
        rest = self.dependencies()
        return None if rest is None else content_hash([_VERSION, self.model_dump(), rest], 16)


def _plain(value: Any) -> str:
    """Return fields as in a suite, without brackets: "red circle left, blue square"."""
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, dict):
        if set(value) <= {"colour", "shape", "place"}:
            return " ".join(str(part) for part in value.values() if part)
        return ", ".join(f"{name}: {_plain(part)}" for name, part in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
