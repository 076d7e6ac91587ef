"""Recall, false alarms and time of the prompt checker on labelled prompts, by label and language.

Each line of a file is ``{"text": ..., "lang": "en" or "zh", "faults": [label, ...]}``; a prompt
without labels is a good one. Usage:
``python tests/benchmarks/judge_prompts.py FILE... [--list | --times]``.

For each label: ``named`` are the prompts with that fault in which the rule for it finds
something, at any level; ``sure`` are those of them in which it is a warning or an error. For
"good", ``alarms`` are the good prompts with a warning or an error of any rule; ``hints`` are those
with a hint and no more than that. The hint that a prompt names no material or light is left out
(rule ``vague``): it is advice, not a fault that the sets are labelled with.

With --times it tells how long the checker takes for prompts of about 300 words instead: those of
the files, several joined to one, and lists of 300 colours, numbers, commas or quotes; and how long
the first use in a process takes, import included. Processor time, which other programs on the
machine lengthen less than they do the time on the clock.

Of the sets in ``tests/benchmarks/prompts`` the third one was written along with the rules, all
others without sight of them; half of the good prompts of the fifth one are near misses. The rules
have been mended with these in view since, so that their figures say little of other prompts.
The ``tune`` and ``dev`` sets hold contradictions (in Chinese lettering, too), and good prompts; the
nineteenth one has lettering, praise and what cannot be seen, too. The last 308 lines of the
twenty-first ones are by an author of their own, with all labels.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
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
    parser.add_argument("--times", action="store_true")
    chosen = parser.parse_args()
    cases = [case for path in chosen.files for case in read(path)]
    if chosen.times:
        print_times(cases)
        return
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


def print_times(cases: list[dict[str, Any]]) -> None:
    """Print the times of the first use, and of the median and the slowest of long prompts."""
    for language in ("en", "zh"):
        texts = [case["text"] for case in cases if case["lang"] == language]
        for name, prompts in (("joined", joined(texts)), ("lists", lists(language))):
            if not prompts:
                continue
            times = {text: min(_timed(text) for _ in range(3)) for text in prompts}
            slowest = max(times, key=lambda text: times[text])
            print(
                f"{language} {name:7} {len(times):3} prompts of 300 words: "
                f"{statistics.median(times.values()):5.1f} ms median, {times[slowest]:5.1f} ms "
                f"most ({slowest[:40]!r})"
            )
        text = (
            joined(texts)[0] if joined(texts) else "雪地里的红狐狸" if language == "zh" else "fox"
        )
        for prompt in (text[:40], text):
            first = statistics.median(_first_use(prompt) for _ in range(5))
            print(f"{language} first use, {len(prompt):4} characters: {first:4.0f} ms")


_FIRST = """
import sys, time
start = time.process_time()
from zimg_kernel.prompts import lint
lint(sys.argv[1], language="en")
print((time.process_time() - start) * 1000)
"""


def _first_use(prompt: str) -> float:
    command = [sys.executable, "-c", _FIRST, prompt]
    surroundings = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, capture_output=True, check=True, env=surroundings)
    return float(done.stdout)


def _timed(text: str) -> float:
    start = time.process_time()
    alarms(text)
    return (time.process_time() - start) * 1000


def words_in(text: str) -> int:
    """Return the number of words, a Chinese character counted as one."""
    return len(re.findall(r"[\u3400-\u9fff]|[A-Za-z0-9'’-]+", text))


def joined(texts: list[str]) -> list[str]:
    """Return prompts of about 300 words, each made of the next few."""
    found, parts, count = [], [], 0
    for text in texts:
        parts.append(text.rstrip(".。"))
        count += words_in(text)
        if count >= 290:
            if count <= 330:
                found.append(("。" if "。" in text or "，" in text else ". ").join(parts))
            parts, count = [], 0
    return found


def lists(language: str) -> list[str]:
    """Return what no writer would write, but a program may: 300 words of one sort."""
    if language == "zh":
        colours, things = "红橙黄绿蓝紫粉棕黑白灰金银", "狐狸河城堡雨伞老人灯笼街市场小船"
        many = [f"{n}{w}" for n in "两三四五六" for w in ("只猫", "个女孩", "位老人", "艘船")]
        painted = [f"{c}色的{w}" for c in colours for w in ("猫", "雨伞", "裙子", "车")]
        hues, quoted = [f"{c}色" for c in colours], [f"“{w}”" for w in things]
        every = [hues, many, painted, [*things], quoted]
    else:
        colours = [
            "red",
            "orange",
            "yellow",
            "green",
            "blue",
            "purple",
            "pink",
            "brown",
            "black",
            "white",
        ]
        things = [
            "fox",
            "river",
            "castle",
            "umbrella",
            "lantern",
            "street",
            "market",
            "boat",
            "child",
            "garden",
        ]
        numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
        many = [f"{n} {w}s" for n in numbers for w in things]
        painted = [f"a {c} {w}" for c in colours for w in things]
        every = [colours, numbers, many, painted, things, [f'"{w}"' for w in things]]
    prompts = []
    for words in every:
        times = 300 // words_in("".join(words[:1])) // len(words) + 1
        for mark in (" ", ", ", "\n") if language == "en" else ("", "，", "\n"):
            prompts.append(mark.join((words * times)[: 300 // words_in(words[0])]))
    return prompts


if __name__ == "__main__":
    main()
