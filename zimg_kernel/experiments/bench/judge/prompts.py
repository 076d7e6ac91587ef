"""Prompts of the suites whose pictures are judged, with the checks of their pictures."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from zimg_kernel.errors import BadInput
from zimg_kernel.experiments.suite.check_kinds import Checks
from zimg_kernel.experiments.suite.checks import TextCheck
from zimg_kernel.experiments.suite.nano_checks import SignCheck
from zimg_kernel.experiments.suite.parametrize import parametrize
from zimg_kernel.experiments.suite.spec import Case, Suite, language_of
from zimg_kernel.experiments.yaml_source import YamlSource

from ..cases import prompt_items

_CHECKLIST = Path(__file__).with_name("checklist.yaml")
_QUALITY = ("simple", "text", "layout")  # ready suites
_LEVELS = ("simple", "medium", "complex")

Family = Literal["nano", "full"]
JUDGED = ("quality", "checklist")
"""Suites of judged prompts."""
GRADED = ("complexity", "sizes", "steps")
"""Suites of few prompts, whose pictures are judged where a machine can."""


class JudgedPrompt(BaseModel):
    """A prompt and the named items that its pictures are judged by.

    Attributes
    ----------
    family : {"nano", "full"} or None
        Only for the miniatures, or only for all other models.
    complexity : {"simple", "medium", "complex"} or None
        Where the prompt is graded.
    items : dict of str to list of Check or None
        An item is right if all its checks are passed; None is for people.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str
    prompt: str
    family: Family | None = None
    complexity: str | None = None
    group: str = ""
    items: dict[str, Checks | None]

    @property
    def language(self) -> Literal["zh", "en"]:
        """The prompt's language, lettering aside."""
        return "zh" if language_of(self.prompt) == "zh" else "en"

    @property
    def lettering(self) -> str:
        """The longest text that the picture should show; empty for none."""
        checks = [check for checks in self.items.values() for check in checks or ()]
        texts = [one.says for one in checks if isinstance(one, TextCheck | SignCheck)]
        return max(texts, key=len, default="")

    @property
    def facts(self) -> dict[str, str]:
        """What tables are grouped by."""
        found = {"language": self.language, "complexity": self.complexity, "group": self.group}
        return {name: value for name, value in found.items() if value}


def judged_prompts(suite: str, family: Family | None = None) -> list[JudgedPrompt]:
    """Return the prompts of a judged suite.

    Parameters
    ----------
    suite : {"quality", "checklist"}
        quality holds the ready prompt suites simple, text and layout.
    family : {"nano", "full"}, optional
        Only what is for the miniatures, or for all other models.

    Raises
    ------
    BadInput
        There is no such suite.
    """
    if suite not in JUDGED:
        raise BadInput(
            f"There is no judged suite {suite!r}: choose {' or '.join(JUDGED)}.",
            code="unknown-choice",
            field="suite",
        )
    found = _checklist() if suite == "checklist" else _quality()
    return [one for one in found if family is None or one.family in (None, family)]


@lru_cache(maxsize=1)
def graded_prompts() -> dict[str, JudgedPrompt]:
    """Return the prompts of the other suites that have items, by their text."""
    return {text: JudgedPrompt(id=text, prompt=text, items=items)
            for text, items in prompt_items().items()}  # fmt: skip


def _checklist() -> list[JudgedPrompt]:
    raw = YamlSource.read(_CHECKLIST, "cases").data["cases"]
    return [JudgedPrompt(group="checklist", **one) for _, one in parametrize(raw)]


def _quality() -> list[JudgedPrompt]:
    return [_of_case(name, case) for name in _QUALITY for case in Suite.load(name).cases]


def _of_case(group: str, case: Case) -> JudgedPrompt:
    items: dict[str, Any] = {check.label: [check] for check in case.checks}
    level = next((tag for tag in case.tags if tag in _LEVELS), None) if group == "simple" else None
    return JudgedPrompt(
        id=case.id,
        prompt=case.prompt,
        family=case.family,
        complexity=level,
        group=group,
        items=items,
    )
