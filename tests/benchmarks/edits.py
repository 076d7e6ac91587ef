"""Fresh edits through zimg_kernel.edit.instruct, judged by the ground truth of their scenes.

    python tests/benchmarks/edits.py --n 200 --seed 777 --json notebooks/reports/edits_nano.json

Sources are exact drawings of scenes from a seed that training did not use; each of the five
kinds has n / 5 edits, half of them in Chinese.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import time
from pathlib import Path
from typing import Any

from zimg_kernel import LocalEngine, edit
from zimg_kernel.intervals import wilson_interval
from zimg_kernel.nano.judge.edit_score import picture_of, score_edit
from zimg_kernel.nano.world.edits import sample_edit

KINDS = ("recolour", "move", "add", "remove", "background")


def measure(n: int, seed: int) -> dict[str, Any]:
    """Do the edits and judge them; return rates with 95 % intervals."""
    rng, engine, start = random.Random(seed), LocalEngine(), time.time()
    scores: list[dict[str, Any]] = []
    for index in range(n):
        kind, lang = KINDS[index % len(KINDS)], ("zh", "en")[index // len(KINDS) % 2]
        asked = sample_edit(rng, kind, lang)
        source = picture_of(asked.source, 256, 256)
        result = edit.instruct(source, asked.instruction, engine=engine, seed=seed + index).result()
        score = score_edit(result.image, asked, source)
        scores.append({"kind": kind, "lang": lang, "words": asked.instruction, **score})
        print(index + 1, kind, lang, score, asked.instruction, flush=True)
    engine.close()
    rows = {}
    for name in (*KINDS, "zh", "en", "all"):
        chosen = [s for s in scores if name in (s["kind"], s["lang"], "all")]
        rows[name] = {
            "n": len(chosen),
            **{part: rate([s[part] for s in chosen]) for part in ("changed", "kept")},
        }
    return {
        "command": f"python tests/benchmarks/edits.py --n {n} --seed {seed}",
        "machine": f"{platform.machine()}, {platform.system()}, CPU",
        "seconds": round(time.time() - start),
        "rows": rows,
        "failures": [s for s in scores if not (s["changed"] and s["kept"])],
    }


def rate(passed: list[bool]) -> dict[str, float]:
    """Return percent with its 95 % interval."""
    low, high = wilson_interval(sum(passed), len(passed))
    return {
        "percent": round(100 * sum(passed) / len(passed), 1),
        "low": round(100 * low, 1),
        "high": round(100 * high, 1),
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=200)
    parser.add_argument("--seed", type=int, default=777)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = measure(given.n, given.seed)
    for name, row in found["rows"].items():
        print(f"{name:12} {row['n']:4}  changed {row['changed']}  kept {row['kept']}")
    if given.json:
        text = json.dumps(found, ensure_ascii=False, indent=1)
        given.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
