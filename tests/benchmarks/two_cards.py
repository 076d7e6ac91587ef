"""Measures two NVIDIA cards against one: one picture split over both, and many in parallel.

On a machine with two CUDA GPUs of 40 GB or more (random weights, on which speed does not depend):

    python tests/benchmarks/two_cards.py --json notebooks/reports/two_cards.json

Each stage is a process of its own with a time limit; one that fails is noted, and the others go
on. ``split``: one picture of 1024 x 1024, 8 steps, a new prompt, to the picture in memory, median
of 5 after 2. ``step error`` and ``PSNR`` compare with the same picture of one card. ``parallel``:
40 pictures by one engine for each card, from a common start, against 40 by one engine.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PROMPT = "左边一个红色的圆，右边一个蓝色的方块，中间是一只猫"
PICTURES = 40
LIMITS = {"write": 90, "split": 75, "parallel": 75}
"""Seconds that a stage may take at most."""
WHOLE = 285  # seconds, for all stages


class Notes:
    """What was found so far, printed and written at once."""

    def __init__(self, out: Path | None) -> None:
        self.out, self.found = out, {}  # type: Path | None, dict[str, Any]
        self.began = time.monotonic()

    def add(self, name: str, value: Any) -> None:
        """Keep a figure."""
        self.found[name] = value
        print(f"[{time.monotonic() - self.began:4.0f} s] {name}: {value}", flush=True)
        if self.out is not None:
            self.out.write_text(json.dumps(self.found, ensure_ascii=False, indent=1) + "\n")

    def left(self, stage: str) -> float:
        """Return the seconds that a stage may take."""
        return max(1.0, min(LIMITS[stage], WHOLE - (time.monotonic() - self.began)))


def main() -> None:
    """Measure all stages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="a diffusers folder; random weights otherwise")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", choices=["split", "parallel"], help="leave the other out")
    parser.add_argument("--stage", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.stage:
        {"split": split, "parallel": parallel}[given.stage[0]](*given.stage[1:])
        return
    notes = Notes(given.json)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        folder = given.folder
        if folder is None:
            folder = work / "model"
            script = str(Path(__file__).with_name("full_size_model.py"))
            if not run(notes, "write", [[script, str(folder)]], [{}], work):
                return
        home = work / "home"
        home.mkdir()
        source = {"like": "z-image-turbo", "source": {"folder": str(folder.absolute())}}
        (home / "models.yaml").write_text(json.dumps({"full-size": source}))  # JSON is YAML
        if given.only != "parallel":
            compare_split(notes, work, home)
        if given.only != "split":
            compare_parallel(notes, work, home)


def compare_split(notes: Notes, work: Path, home: Path) -> None:
    """One picture, exact and fast, on one card and on two."""
    for speed in ("exact", "fast"):
        medians = {}
        for cards in (1, 2):
            out = work / f"{speed}-{cards}.json"
            found = run(
                notes, "split", [[__file__, "--stage", "split", speed, str(cards), str(out)]],
                [{"ZIMG_HOME": str(home / f"{speed}-{cards}"), "ZIMG_MODELS": models(home)}], work,
                out,
            )  # fmt: skip
            if found:
                notes.add(f"{speed}, {cards} cards", found[0])
                medians[cards] = found[0]["s"]
        if len(medians) == 2:
            notes.add(f"{speed}, times as fast on 2 cards", round(medians[1] / medians[2], 3))
            notes.add(f"{speed}, 2 cards against 1", agreement(work, speed))


def models(home: Path) -> str:
    """Return the catalogue's path."""
    return str(home / "models.yaml")


def agreement(work: Path, speed: str) -> dict[str, Any]:
    """Return the relative error of a step and the PSNR of the picture."""
    import numpy as np

    one, two = (np.load(work / f"{speed}-{cards}.npz") for cards in (1, 2))
    step = float(np.linalg.norm(one["step"] - two["step"]) / np.linalg.norm(one["step"]))
    error = float(((one["image"] - two["image"]) ** 2).mean())
    psnr = round(10 * float(np.log10(255**2 / error)), 1) if error else "equal"
    return {"step error": round(step, 5), "PSNR dB": psnr, "finite": bool(np.isfinite(step))}


def compare_parallel(notes: Notes, work: Path, home: Path) -> None:
    """40 pictures by one engine, and by one for each of two cards."""
    taken = {}
    for cards in (1, 2):
        gate = work / f"go-{cards}"
        outs = [work / f"parallel-{cards}-{card}.json" for card in range(cards)]
        commands = [
            [__file__, "--stage", "parallel", str(PICTURES // cards), str(gate), str(out)]
            for out in outs
        ]
        places = [
            {"CUDA_VISIBLE_DEVICES": visible(card), "ZIMG_HOME": str(home / f"p{cards}{card}"),
             "ZIMG_MODELS": models(home)}
            for card in range(cards)
        ]  # fmt: skip
        found = run(notes, "parallel", commands, places, work, *outs, gate=gate)
        if found:
            taken[cards] = max(one["end"] for one in found) - min(one["begin"] for one in found)
            notes.add(f"{PICTURES} pictures, {cards} cards, s", round(taken[cards], 2))
    if len(taken) == 2:
        notes.add("parallel, times as fast on 2 cards", round(taken[1] / taken[2], 3))


def visible(card: int) -> str:
    """Return the name of a card among those that this process may use."""
    given = [part for part in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if part]
    return given[card] if card < len(given) else str(card)


def run(
    notes: Notes,
    stage: str,
    commands: list[list[str]],
    environments: list[dict[str, str]],
    work: Path,
    *outs: Path,
    gate: Path | None = None,
) -> list[Any]:
    """Run programs at the same time; return what they wrote, or [] after noting what failed."""
    end = time.monotonic() + notes.left(stage)
    logs = [work / f"log-{time.monotonic_ns()}-{i}" for i in range(len(commands))]
    programs = []
    for command, more, log in zip(commands, environments, logs, strict=True):
        if "ZIMG_HOME" in more:
            Path(more["ZIMG_HOME"]).mkdir(parents=True, exist_ok=True)
        with log.open("wb") as file:
            programs.append(
                subprocess.Popen(
                    [sys.executable, *command], env={**os.environ, **more},
                    stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
                )
            )  # fmt: skip
    why = ""
    try:
        while any(program.poll() is None for program in programs):
            if time.monotonic() > end:
                why = "it took too long"
                break
            if gate is not None and all(out.with_suffix(".ready").exists() for out in outs):
                gate.touch()
            if any(program.poll() for program in programs):
                break
            time.sleep(0.02)
    finally:
        for program in programs:
            if program.poll() is None:
                os.killpg(program.pid, signal.SIGKILL)
            program.wait()
    failed = [i for i, program in enumerate(programs) if program.returncode]
    if failed and outs and all(out.exists() for out in outs):
        notes.add(f"{' '.join(commands[0][1:])[:60]}: did not end well", why or "error at its end")
    elif failed:
        last = logs[failed[0]].read_text(errors="replace").strip().splitlines()[-12:]
        notes.add(f"{stage} {environments[0].get('ZIMG_HOME', '')[-8:]} failed", [why, *last])
        return []
    return [json.loads(out.read_text()) for out in outs] or [True]


def split(speed: str, cards: str, out: str) -> None:
    """Stage: draw one picture at a time in this process."""
    import numpy as np
    import torch

    from zimg_kernel import GenerationParams, get_card
    from zimg_kernel.models.load_profile import LoadProfile
    from zimg_kernel.models.loading import ModelStore
    from zimg_kernel.sampling.prompt_embeddings import PromptCache
    from zimg_kernel.sampling.sampler import Sampler

    card, store, cache = get_card("full-size"), ModelStore(torch.device("cuda")), PromptCache()
    began = time.monotonic()
    profile = LoadProfile("bfloat16", speed=speed, split=int(cards))  # type: ignore[arg-type]
    model = store.get(card, Path(card.source.folder), profile)
    loaded = round(time.monotonic() - began, 1)
    forward = model.speed.transformer
    image: Any = None

    def draw(prompt: str) -> float:
        nonlocal image
        fields = {"prompt": prompt, "seed": 1, "width": 1024, "height": 1024, "steps": 8}
        params = card.fill(GenerationParams(model="full-size", **fields))  # type: ignore[arg-type]
        began = time.perf_counter()
        image = Sampler(model, cache).draw(params, lambda *_: None, lambda: False, "none").image
        torch.cuda.synchronize()
        return round(time.perf_counter() - began, 4)

    first = [draw(f"{PROMPT} {i}") for i in range(2)]
    runs = [draw(f"{PROMPT} {i + 2}") for i in range(5)]
    draw(PROMPT)
    step, milliseconds = _step(model.pipe.transformer)
    lost = "" if forward.split is None else forward.split.partner.lost
    if cards == "2" and (forward.split is None or lost):
        raise SystemExit(f"The second card took no part: {lost or 'it did not begin'}")
    np.savez(Path(out).with_suffix(".npz"), step=step, image=np.asarray(image).astype(float))
    found = {
        "s": statistics.median(runs), "runs": runs, "first two": first, "load s": loaded,
        "step ms": milliseconds, "gpu": torch.cuda.get_device_name(), "torch": torch.__version__,
        "attention": forward.attention,
        "peak GB": round(torch.cuda.max_memory_allocated() / 1e9, 1),
    }  # fmt: skip
    Path(out).write_text(json.dumps(found))
    store.unload()


def _step(module: Any) -> tuple[Any, float]:
    """Return a step's prediction for fixed noise, and the median milliseconds of one."""
    import torch

    make = torch.Generator().manual_seed(7)
    x = [torch.randn(16, 1, 128, 128, generator=make).to("cuda", torch.bfloat16)]
    text = [torch.randn(80, 2560, generator=make).to("cuda", torch.bfloat16)]
    times, taken = torch.tensor([0.4], device="cuda"), []
    with torch.inference_mode():
        for _ in range(12):
            torch.cuda.synchronize()
            began = time.perf_counter()
            found = module(x, times, text, return_dict=False)[0][0]
            torch.cuda.synchronize()
            taken.append((time.perf_counter() - began) * 1000)
    return found.float().cpu().numpy(), round(statistics.median(taken[4:]), 2)


def parallel(count: str, gate: str, out: str) -> None:
    """Stage: draw pictures through an engine, once all engines are warm."""
    from zimg_kernel import GenerationParams, LocalEngine

    os.environ["ZIMG_SPEED"] = "exact"
    engine = LocalEngine()

    def params(i: int) -> Any:
        return GenerationParams(
            prompt=f"{PROMPT} {i}", seed=i, width=1024, height=1024, steps=8, model="full-size"
        )

    for i in range(3):
        engine.submit(params(1000 + i)).result(60)
    Path(out).with_suffix(".ready").touch()
    while not Path(gate).exists():
        time.sleep(0.005)
    begin = time.time()
    jobs = [engine.submit(params(i)) for i in range(int(count))]
    for job in jobs:
        job.result(70)
    Path(out).write_text(json.dumps({"begin": begin, "end": time.time()}))
    engine.close()


if __name__ == "__main__":
    main()
