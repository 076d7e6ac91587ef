"""Measures what reading prompts in known words gains where people type as people do.

    python tests/benchmarks/typed_prompts.py --n 80 --json notebooks/reports/typed_prompts.json

Fresh prompts of the evaluation (``zimg nano eval``; the seed is one that training did not use)
get words of courtesy around them and, in half of the English ones, a slip of the finger in one
word. Nano-turbo draws each three times with the same noise: the prompt as it was, what was
typed, and what the workbench reads of that. The judge counts the pictures in which everything is
right.
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from zimg_kernel.engine.versions import software_versions
from zimg_kernel.nano import TURBO
from zimg_kernel.nano.evaluate.cases import EvaluationCase, check, share, text_cases
from zimg_kernel.nano.evaluate.drawing import FastDraw
from zimg_kernel.nano.text.known_words import in_known_words

AROUND = {
    "en": (
        ("Could you show me {}", "I would love to see {}", "Hey, give me {}", "{}"),
        ("", " thanks a lot", ", for my little daughter", ", just that and nothing else"),
    ),
    "zh": (
        ("麻烦您帮我画{}", "我想要看{}", "给我来{}", "{}"),
        ("", "，谢谢您", "，送给我女儿", "，别的都不要"),
    ),
}


def typed(case: EvaluationCase, rng: random.Random) -> str:
    """The case's prompt as somebody might have typed it."""
    before, after = (rng.choice(texts) for texts in AROUND[case.lang])
    text = case.prompt
    if case.lang == "en" and case.scene.sign is None and rng.random() < 0.5:
        text = slip(text, rng)
    return before.format(text) + after


def slip(text: str, rng: random.Random) -> str:
    """Change two neighbouring inner letters of one word of at least five letters about."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
    if not long:
        return text
    i = rng.choice(long)
    at = rng.randrange(1, len(words[i]) - 2)
    word = words[i]
    words[i] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


def right(case: EvaluationCase, checks: dict[str, Any]) -> bool:
    """Whether everything that is judged holds."""
    return bool(checks["word"] if case.scene.sign is not None else checks["all"])


def main() -> None:
    """Draw, judge, print the rates, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=80, help="how many prompts")
    parser.add_argument("--seed", type=int, default=20262)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rng = random.Random(f"typed {given.seed}")
    plain = text_cases(given.n, given.seed)
    said = [replace(case, prompt=typed(case, rng)) for case in plain]
    ways = {
        "as in training": plain,
        "as typed": said,
        "as read": [replace(case, prompt=in_known_words(case.prompt)) for case in said],
    }
    draw = FastDraw(TURBO, given.device, batch=16)
    report: dict[str, Any] = {
        "what": "nano-turbo, 256x256, 8 steps: everything right",
        "n": len(plain),
        "seed": given.seed,
        "versions": software_versions(),
        "read_as_in_training": share(
            sum(a.prompt == b.prompt for a, b in zip(ways["as read"], plain, strict=True)),
            len(plain),
        ),
        "examples": [
            {"typed": a.prompt, "read": b.prompt}
            for a, b in list(zip(said, ways["as read"], strict=True))[:: max(1, len(plain) // 12)]
        ],
    }
    for name, cases in ways.items():
        pictures = draw(cases, steps=8, guidance=0.0)
        hits = [
            right(case, check(case, picture)) for case, picture in zip(cases, pictures, strict=True)
        ]
        for lang in ("zh", "en", "all"):
            chosen = [h for h, c in zip(hits, cases, strict=True) if lang in (c.lang, "all")]
            report.setdefault(name, {})[lang] = share(sum(chosen), len(chosen))
        low, high = report[name]["all"]["interval"]
        rate = report[name]["all"]["rate"]
        print(f"{name}: {100 * rate:.1f} % right ({100 * low:.1f}-{100 * high:.1f})")
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
