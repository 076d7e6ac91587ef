"""Recall, false alarms and time of the prompt checker on labelled prompts, by label and language.

Each line of a file is ``{"text": ..., "lang": "en" or "zh", "faults": [label, ...]}``; a prompt
without labels is a good one. Usage: ``python tests/benchmarks/judge_prompts.py FILE... [--list]``.

For each label: ``named`` are the prompts with that fault in which the rule for it finds
something, at any level; ``sure`` are those of them in which it is a warning or an error. For
"good", ``alarms`` are the good prompts with a warning or an error of any rule; ``hints`` are those
with a hint and no more than that. The hint that a prompt names no material or light is left out
(rule ``vague``): it is advice, not a fault that the sets are labelled with.

Of the sets in ``tests/benchmarks/prompts`` the third one was written along with the rules, all
others without sight of them; half of the good prompts of the fifth one are near misses. The rules
have been mended with these in view since, so that their figures say little of other prompts.
The ``tune`` and ``dev`` sets hold contradictions (in Chinese lettering, too), and good prompts; the
nineteenth one has lettering, praise and what cannot be seen, too.
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
    return [f for f in _findings(text) if f.severity != "hint"]


def judge(cases: list[dict[str, Any]]) -> dict[tuple[str, str], list[tuple[bool, bool, str]]]:
    """Return for each label and language whether it was named, whether for sure, and in what.

    Under "good", where nothing is wrong: whether there is no alarm, and no hint either.
    """
    results: dict[tuple[str, str], list[tuple[bool, bool, str]]] = defaultdict(list)
    for case in cases:
        found = _findings(case["text"])
        sure = [f for f in found if f.severity != "hint"]
        told = [(f.rule, f.severity, case["text"][f.start : f.end]) for f in found]
        said = f"{case['text']}  {told}"
        for label in case["faults"]:
            rule = RULES[label]
            named, surely = (any(f.rule == rule for f in some) for some in (found, sure))
            results[label, case["lang"]].append((named, surely, said))
        if not case["faults"]:
            results["good", case["lang"]].append((not sure, not found, said))
    return results


def _findings(text: str) -> list[Finding]:
    return [f for f in lint(text, language="en") if f.rule != "vague"]


def main() -> None:
    """Print the table; with --list also each prompt that was judged wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--list", action="store_true")
    chosen = parser.parse_args()
    cases = [case for path in chosen.files for case in read(path)]
    alarms("暖 warm")
    for (label, language), results in sorted(judge(cases).items()):
        count = len(results)
        first, second = (sum(result[i] for result in results) for i in (0, 1))
        if label == "good":
            numbers = {"alarms": count - first, "hints": first - second}
        else:
            numbers = {"named": first, "sure": second}
        shares = "  ".join(f"{name} {n:4} {n / count:6.1%}" for name, n in numbers.items())
        print(f"{label:22}{language}  of {count:4}  {shares}")
        for right, _, said in results:
            if chosen.list and not right:
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
