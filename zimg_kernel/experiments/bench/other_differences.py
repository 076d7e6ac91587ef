"""What differs between two results beside their figures: machine, settings, files."""

from __future__ import annotations

from typing import Any

from .result import BenchResult


def other_differences(before: BenchResult, after: BenchResult, shared: list[str]) -> list[str]:
    """Return a sentence for each; ``shared`` are the competitors that both have."""
    notes = []
    for what in ("cpu", "gpu", "cores", "packages", "variables"):
        old, new = before.environment.get(what), after.environment.get(what)
        if old != new:
            notes.append(f"Note: {what} differs: {_differences(old, new)}.")
    for what in sorted(set(before.settings) | set(after.settings)):
        old, new = before.settings.get(what), after.settings.get(what)
        if old != new and what != "rounds":
            notes.append(f"Note: the setting {what} differs: {old} and {new}.")
    for result, words in ((before, "before"), (after, "after")):
        alone = [one.name for one in result.competitors if one.name not in shared]
        if alone:
            notes.append(f"Note: only {words}: {', '.join(alone)}.")
    prints = [{one.name: one.facts.get("fingerprint") for one in result.competitors}
              for result in (before, after)]  # fmt: skip
    notes += [f"Note: the files or software of {name} are not the same." for name in shared
              if prints[0][name] != prints[1][name]]  # fmt: skip
    return notes


def _differences(old: Any, new: Any) -> str:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return f"{old} and {new}"
    keys = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
    return ", ".join(f"{key} {old.get(key, 'none')} and {new.get(key, 'none')}" for key in keys)
