"""Measurement of the miniatures, the command ``zimg nano eval``."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from zimg_kernel.intervals import median_interval
from zimg_kernel.nano.judge.edit_score import picture_of

from . import cases as e
from .drawing import FastDraw

BASE: dict[str, Any] = {"steps": 20, "guidance": 2.5}
TURBO: dict[str, Any] = {"steps": 8, "guidance": 0.0}
EDIT: dict[str, Any] = {"steps": 20, "guidance": 2.0}
"""Steps and guidance of each member, as in its card."""
FEW_STEPS = (1, 2, 4, 8)
"""Steps that turbo is compared in."""


def _check(item: tuple[e.EvaluationCase, Image.Image, Image.Image | None]) -> dict[str, Any]:
    return e.check(*item)


def _source(case: e.EvaluationCase) -> Image.Image:
    assert case.edit is not None
    return picture_of(case.edit.source, 256, 256)


class JudgePool:
    """Worker processes for judging, so that drawing and judging keep a machine busy."""

    def __init__(self, workers: int) -> None:
        self.pool = None
        if workers > 1:
            context = get_context("spawn")
            self.pool = ProcessPoolExecutor(workers, context, torch.set_num_threads, (1,))

    def map(self, function: Any, items: Sequence[Any]) -> list[Any]:
        """``[function(i) for i in items]``, in the workers."""
        if self.pool is None:
            return [function(i) for i in items]
        return list(self.pool.map(function, items, chunksize=8))

    def close(self) -> None:
        """Stop the workers."""
        if self.pool is not None:
            self.pool.shutdown()


def measure_text(
    draw: FastDraw,
    judges: JudgePool,
    n: int,
    seed: int,
    how: dict[str, Any],
    groups: Collection[str] = tuple(e.TEXT_MIX),
) -> dict[str, Any]:
    """Rows for prompts of these groups, drawn with the steps and guidance of ``how``."""
    cases = e.text_cases(n, seed, groups)
    before = time.perf_counter()
    pictures = draw(cases, **how)
    spent = time.perf_counter() - before
    checks = judges.map(_check, [(c, p, None) for c, p in zip(cases, pictures, strict=True)])
    rows = e.table(zip(cases, checks, strict=True))
    misses = [
        {"prompt": c.prompt, "seed": c.seed, "group": c.group, "wrong": _wrong(r)}
        for c, r in zip(cases, checks, strict=True)
        if _wrong(r)
    ]
    return {"rows": rows, "seconds_per_picture": round(spent / len(cases), 4), "misses": misses}


def _wrong(checks: dict[str, Any]) -> list[str]:
    wrong = [k for k, v in checks.items() if v is False and k != "all"]
    return [*wrong, f"glyphs {checks['glyphs']}/{checks['of']}"] if "word" in wrong else wrong


def measure_negative(
    draw: FastDraw, judges: JudgePool, n: int, seed: int, **how: Any
) -> dict[str, Any]:
    """Rows for negative prompts: what a picture shows without one is forbidden, same seed."""
    cases = e.open_cases(n, seed)
    plain = draw(cases, **how)
    forbidden = [e.forbid(c, p) for c, p in zip(cases, plain, strict=True)]
    kept = [(c, p) for c, p in zip(forbidden, plain, strict=True) if c is not None]
    chosen = [c for c, _ in kept]
    pictures = draw(chosen, **how)
    checks = judges.map(_check, [(c, p, None) for c, p in zip(chosen, pictures, strict=True)])
    same = sum(a.tobytes() == b.tobytes() for (_, a), b in zip(kept, pictures, strict=True))
    rows = e.table(zip(chosen, checks, strict=True))
    return {"rows": rows, "unclear": len(cases) - len(chosen), "unchanged_pictures": same}


def measure_edits(
    draw: FastDraw, judges: JudgePool, n: int, seed: int, **how: Any
) -> dict[str, Any]:
    """Rows for edits, and the PSNR of what should stay as it was."""
    cases = e.edit_cases(n, seed)
    sources = judges.map(_source, cases)
    pictures = draw(cases, sources, **how)
    checks = judges.map(_check, list(zip(cases, pictures, sources, strict=True)))
    untouched = [r["psnr"] for r in checks if r["psnr"] is not None]
    misses = [
        {"prompt": c.prompt, "seed": c.seed, "group": c.group, "wrong": _wrong(r)}
        for c, r in zip(cases, checks, strict=True)
        if _wrong(r)
    ]
    return {
        "rows": e.table(zip(cases, checks, strict=True)),
        "untouched_psnr_db": {
            "median": round(float(np.median(untouched)), 2),
            "mean": round(float(np.mean(untouched)), 2),
            "share_of_at_least_28": round(float(np.mean([u >= 28 for u in untouched])), 4),
        },
        "misses": misses,
    }


def _likeness(item: tuple[e.EvaluationCase, Image.Image]) -> float:
    """PSNR in dB between a picture and the drawing of its scene."""
    case, picture = item
    drawn = np.asarray(picture_of(case.scene, *picture.size[::-1]).convert("RGB"), np.float32)
    error = float(np.square(np.asarray(picture.convert("RGB"), np.float32) - drawn).mean())
    return float(10 * np.log10(255**2 / max(error, 1e-3)))


def measure_steps(
    draw: FastDraw, judges: JudgePool, n: int, seed: int, counts: Sequence[int] = FEW_STEPS
) -> dict[str, dict[str, Any]]:
    """Measure turbo in different numbers of steps, on the same prompts and noise.

    Returns
    -------
    dict
        By number of steps: ``right``, pictures that are right in everything; ``likeness_db``,
        median PSNR between picture and the drawing of the prompt's scene. Words of these prompts
        leave nothing open, so that the drawing is what should come out; the autoencoder's own
        loss bounds it.
    """
    cases = e.text_cases(n, seed)
    found = {}
    for steps in counts:
        pictures = draw(cases, steps=steps, guidance=TURBO["guidance"])
        checks = judges.map(_check, [(c, p, None) for c, p in zip(cases, pictures, strict=True)])
        hits = sum(r["word"] if "word" in r else r["all"] for r in checks)
        near = judges.map(_likeness, list(zip(cases, pictures, strict=True)))
        found[str(steps)] = {
            "right": e.share(hits, len(cases)),
            "likeness_db": {
                "median": round(float(np.median(near)), 2),
                "interval": [round(v, 2) for v in median_interval(near)],
            },
        }
    return found


def measure_models(
    root: Path, n: int, seed: int, device: str, workers: int, members: Sequence[str]
) -> dict[str, Any]:
    """Measure the members of a family.

    Parameters
    ----------
    root : Path
        Folder with nano-base and nano-turbo, as the package's own.
    n : int
        Number of prompts; edits and negative prompts are a third and a sixth of it.
    seed : int
        Chooses scenes, wordings and noise.
    device : str
    workers : int
        Processes that judge.
    members : sequence of str
        Out of "base", "turbo" and "edit".
    """
    from zimg_kernel.models import embedded

    with embedded.stored_in(root):
        return _measure(n, seed, device, workers, members)


def _measure(
    n: int, seed: int, device: str, workers: int, members: Sequence[str]
) -> dict[str, Any]:
    from zimg_kernel.models import embedded

    judges = JudgePool(workers)
    report: dict[str, Any] = {"n": n, "seed": seed, "size": 256, "members": {}}
    if "base" in members or "edit" in members:
        draw = FastDraw(embedded.folder("nano-base"), device)
    if "base" in members:
        base = measure_text(draw, judges, n, seed, BASE)
        negative = measure_negative(draw, judges, n // 6, seed, **BASE)
        base["rows"] |= negative.pop("rows")
        report["members"]["nano-base"] = {**BASE, **base, "negative": negative}
    if "edit" in members:
        edits = measure_edits(draw, judges, n // 3, seed, **EDIT)
        report["members"]["nano-edit"] = {**EDIT, **edits}
    if "turbo" in members:
        draw = FastDraw(embedded.folder("nano-turbo"), device)
        turbo = measure_text(draw, judges, n, seed, TURBO)
        negative = measure_negative(draw, judges, n // 12, seed, **TURBO)
        negative.pop("rows")
        report["members"]["nano-turbo"] = {
            **TURBO,
            **turbo,
            "negative": negative,
            "by_steps": measure_steps(draw, judges, n // 8, seed),
        }
    judges.close()
    return report


def as_text(report: dict[str, Any]) -> str:
    """The report as Markdown tables."""
    parts = []
    for name, member in report["members"].items():
        parts.append(f"{name}, {member['steps']} steps, guidance {member['guidance']}")
        parts.append(e.as_text(member["rows"]))
        if "untouched_psnr_db" in member:
            parts.append(f"untouched area: {member['untouched_psnr_db']}")
        for steps, found in member.get("by_steps", {}).items():
            near, right = found["likeness_db"], found["right"]
            parts.append(
                f"steps: {steps}, {right['n']} prompts: {100 * right['rate']:.1f} % right in "
                f"everything, {near['median']:.1f} dB from the drawing (median)"
            )
        if "negative" in member:
            parts.append(f"negative prompts: {member['negative']}")
    return "\n\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, measure, print the tables and write the JSON file."""
    from zimg_kernel.nano import WEIGHTS

    parser = argparse.ArgumentParser(description="Measure how well the miniatures follow prompts")
    parser.add_argument("--folder", type=Path, default=WEIGHTS, help="folder of the family")
    parser.add_argument("--n", type=int, default=200, help="number of prompts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--members", default="base,turbo,edit")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    parser.add_argument("--json", type=Path, help="where to write the report")
    args = parser.parse_args(arguments)
    there = [m for m in args.members.split(",") if (args.folder / f"nano-{m}").is_dir()]
    if not there:
        parser.error(f"{args.folder} holds none of {args.members}")
    report = measure_models(args.folder, args.n, args.seed, args.device, args.workers, there)
    print(as_text(report))
    if args.json:
        text = json.dumps(report, ensure_ascii=False, indent=1)
        args.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
