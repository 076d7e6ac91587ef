"""The written sets of prompts, and how the checker does on one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from zimg_kernel.prompts import Findings, lint

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """A prompt and the rule that should find its one fault; None for a good prompt."""

    text: str
    fault: str | None
    language: str
    model: str | None = None

    def check(self) -> Findings:
        """What the checker says of it."""
        return lint(self.text, self.model, language="en")

    def found(self) -> bool:
        """Whether the fault was found by its rule."""
        return any(finding.rule == self.fault for finding in self.check())

    def alarms(self) -> list[str]:
        """Rules that raise more than a hint."""
        return [f"{f.rule}: {f.why}" for f in self.check() if f.severity != "hint"]


def load(name: str) -> list[Case]:
    """Read a set."""
    return [*_cases(yaml.safe_load((FOLDER / name).read_text(encoding="utf-8")))]


def _cases(data: dict[str, dict[str, list[object]]]) -> Iterator[Case]:
    for fault, languages in data.items():
        for language, prompts in languages.items():
            for item in prompts:
                fields = item if isinstance(item, dict) else {"text": item}
                text = fields["text"] * fields.get("repeat", 1)
                yield Case(text, None if fault == "good" else fault, language, fields.get("model"))


def main() -> None:
    """Print the figures of the sets named, with all that was missed and all false alarms."""
    for name in sys.argv[1:] or sorted(path.name for path in FOLDER.glob("*.yaml")):
        cases = load(name)
        good, faulty = [c for c in cases if not c.fault], [c for c in cases if c.fault]
        missed = [case for case in faulty if not case.found()]
        false = [case for case in good if case.alarms()]
        hinted = [case for case in good if case.check() and not case.alarms()]
        extra = [
            case for case in faulty if [a for a in case.alarms() if not a.startswith(case.fault)]
        ]
        for case in missed:
            print(f"  missed {case.fault} {case.text[:100]}")
        for case in false:
            print(f"  alarm  {case.text[:100]}  {case.alarms()}")
        print(f"{name}: {len(faulty) - len(missed)} of {len(faulty)} faults found, "
              f"{len(false)} of {len(good)} good ones raise an alarm, {len(hinted)} only a hint; "
              f"{len(extra)} faulty ones raise another alarm too")  # fmt: skip


if __name__ == "__main__":
    main()
