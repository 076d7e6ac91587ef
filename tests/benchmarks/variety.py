"""Measures what each way to more variety gains and costs on the miniature.

    python tests/benchmarks/variety.py --json notebooks/reports/variety_nano.json

Twelve prompts in two languages, a landscape in each of six styles and six objects, which the
miniature's judge can look at. Besides the methods of ``zimg variety`` it measures more noise on
embeddings, and by which first look the far seeds are best chosen: how well the distances of what
is looked at agree with those of the finished pictures (Spearman's rank correlation over pairs).
Given the same --home again, it goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from zimg_kernel import Gallery, GenerationParams, LocalEngine
from zimg_kernel.engine.versions import software_versions
from zimg_kernel.experiments.variety import compare_variety, vary
from zimg_kernel.experiments.variety.measure import vectors
from zimg_kernel.experiments.variety.seed_selection import _coarse_noise, _predictions

LANDSCAPES = (
    "水墨画：山和湖",
    "剪纸：宝塔和飞鸟",
    "像素画：湖边的房子",
    "neon picture of a city at night",
    "pencil sketch of hills and trees",
    "flat illustration of the sea with a boat",
)
OBJECTS = ("a cat", "一朵花", "a star", "一辆汽车", "a blue fish", "红色的圆")
MORE_NOISE = (0.6,)


def main() -> None:
    """Draw, print the tables, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=4, help="pictures of a prompt by a method")
    parser.add_argument("--model", default="nano-turbo")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path, help="folder of the pictures; a new one by default")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    os.environ["ZIMG_HOME"] = str(given.home or tempfile.mkdtemp())
    engine = LocalEngine(Gallery())
    common = {"engine": engine, "model": given.model, "seed": given.seed, "progress": False}
    report: dict[str, Any] = {"model": given.model, "n": given.n, "seed": given.seed}
    report |= {"versions": software_versions(), "load_average": os.getloadavg()[0]}
    for name, prompts in (("objects", OBJECTS), ("landscapes", LANDSCAPES)):
        found = compare_variety(prompts, n=given.n, **common)
        print(f"{name}\n{found}\n", flush=True)
        report[name] = found.as_dict()
        for row in report[name]["rows"]:  # times are compared apart, below
            del row["seconds"], row["ratio"]
        for amount in MORE_NOISE:
            options = {"embedding_noise": {"amount": amount}}
            more = compare_variety(
                prompts, ["embedding_noise"], given.n, options=options, **common
            ).row("embedding_noise")
            print(f"embedding_noise {amount}: {more.diversity}, {more.gain}, {more.following}")
            report[name]["rows"].append({**more.as_dict(), "amount": amount})
        write(report, given.json)
    report["time"] = times(engine, given.model, given.seed)
    print(report["time"])
    report["first_looks"] = first_looks(engine, given.model, given.seed)
    print(report["first_looks"])
    write(report, given.json)
    engine.close()


def times(engine: LocalEngine, model: str, seed: int, n: int = 6) -> dict[str, Any]:
    """Median time of a picture by each method, drawn in turn, choosing included; seeds are 1."""
    found = compare_variety(
        LANDSCAPES[3], n=n, engine=engine, model=model, seed=seed + 5000, progress=False
    )
    ratios = {row.method: round(row.ratio, 3) for row in found.rows if row.ratio is not None}
    return {"pictures": n, "seconds": found.row("seeds").seconds, "ratios": ratios}


def first_looks(engine: LocalEngine, model: str, seed: int, n: int = 12) -> dict[str, Any]:
    """Rank correlation of first looks with finished pictures, median over prompts."""
    found: dict[str, list[float]] = {}
    for prompt in (LANDSCAPES[2], LANDSCAPES[3], OBJECTS[0]):
        base = GenerationParams(prompt=prompt, model=model, seed=seed)
        wanted = [engine.submit(one, preview="none") for one in vary(base, n)]
        images = [job.result() for job in wanted]
        finished = pdist(vectors(images))
        params = [image.params for image in images]
        looks = {f"{steps} steps": _predictions(params, engine, steps) for steps in (1, 2, 4)}
        looks["initial noise"] = [_coarse_noise(one, one.seed, str(one.model)) for one in params]
        for name, rows in looks.items():
            agreement = float(spearmanr(pdist(np.stack(rows)), finished).statistic)
            found.setdefault(name, []).append(round(agreement, 3))
    return {
        name: {"median": statistics.median(values), "all": values} for name, values in found.items()
    }


def write(report: dict[str, Any], path: Path | None) -> None:
    """Write the report as far as it is."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
