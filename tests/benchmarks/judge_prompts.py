"""Recall, false alarms and time of the prompt checker on labelled prompts, by label and language.

Each line of a file is ``{"text": ..., "lang": "en" or "zh", "faults": [label, ...]}``; a prompt
without labels is a good one. Usage: ``python tests/benchmarks/judge_prompts.py FILE... [--list]``.
Of the sets in ``tests/benchmarks/prompts`` the independent and the second one were written
without sight of the rules, the third one along with them, the fourth one without sight of them.
The rules have been mended with all of these in view since, so that their figures say little of
other prompts. With the fifth one, half of whose good prompts are near misses, none has been: its
figures are those for new prompts.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from zimg_kernel.prompts import Finding, lint

RULES = {
    "talking-to-the-model": "clause",
    "unseen": "clause",
    "contradiction": "contradiction",
    "unquoted-lettering": "lettering",
    "negation": "negative",
    "praise": "praise",
    "weights": "weights",
    "mixing": "mixing",
}


def read(path: Path) -> list[dict[str, Any]]:
    """Return the labelled prompts of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def alarms(text: str) -> list[Finding]:
    """Return the findings that are more than a hint."""
    return [f for f in lint(text, language="en") if f.severity != "hint"]


def judge(cases: list[dict[str, Any]]) -> dict[tuple[str, str], list[tuple[bool, str]]]:
    """Return for each label and language whether it was found, "good" where nothing is wrong."""
    results: dict[tuple[str, str], list[tuple[bool, str]]] = defaultdict(list)
    for case in cases:
        found = alarms(case["text"])
        said = f"{case['text']}  {[(f.rule, case['text'][f.start : f.end]) for f in found]}"
        for label in case["faults"]:
            named = any(finding.rule == RULES[label] for finding in found)
            results[label, case["lang"]].append((named, said))
        if not case["faults"]:
            results["good", case["lang"]].append((not found, said))
    return results


def main() -> None:
    """Print the table; with --list also each prompt that was judged wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--list", action="store_true")
    chosen = parser.parse_args()
    cases = [case for path in chosen.files for case in read(path)]
    alarms("暖 warm")
    for (label, language), results in sorted(judge(cases).items()):
        right = sum(named for named, _ in results)
        print(f"{label:22}{language}  {right:4} of {len(results):4}  {right / len(results):.1%}")
        for named, said in results:
            if chosen.list and not named:
                print("    ", said)
    for language in ("en", "zh"):
        times = []
        for case in cases:
            if case["lang"] == language:
                start = time.perf_counter()
                alarms(case["text"])
                times.append((time.perf_counter() - start) * 1000)
        if times:
            print(f"{language}: {statistics.median(times):.1f} ms median, {max(times):.1f} ms most")


if __name__ == "__main__":
    main()
