"""Measures the load profiles of a full-size model against stock diffusers, in one run on one GPU.

On a CUDA GPU of 40 GB or more with 40 GB of free RAM (random weights: speed and memory depend on
shapes alone):

    python tests/benchmarks/speed_full_size.py --json notebooks/reports/speed_h100.json

Every figure is a whole picture: a prompt that was not seen before (unless it says so) to the PIL
picture in memory, batch 1, 8 steps, median after warm-up. ``stock`` is diffusers' own modules in
the same program; ``compiled`` these with ``compile_repeated_blocks``; ``group offload`` is
diffusers' own way for small cards, with the prompt given as embeddings. Limits of memory are kept
by torch (``set_per_process_memory_fraction``), less what the process holds beside tensors.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

PROMPT = "左边一个红色的圆，右边一个蓝色的方块，中间是一只猫"
LIMITS = (("exact", 16), ("exact", 12), ("exact", 8), ("exact", 6), ("exact", 4), ("fast", 8),
          ("fast", 6))  # fmt: skip
RANK = 16


class Bench:
    """One run: the model, what was found so far, and where it is written."""

    def __init__(
        self, folder: Path, out: Path | None, skip: list[str], limits: list[tuple[str, int]]
    ) -> None:
        from zimg_kernel import get_card

        self.folder, self.out, self.skip, self.limits = folder, out, skip, limits
        self.card = get_card("full-size")
        self.device = torch.device("cuda")
        self.found: dict[str, Any] = {"gpu": torch.cuda.get_device_name()}
        self.found["torch"] = torch.__version__
        self.pictures: dict[str, np.ndarray] = {}
        self._prompts = 0
        self._began = time.monotonic()

    def note(self, name: str, value: Any) -> None:
        """Keep a figure, print it, and write all of them."""
        self.found[name] = value
        print(f"[{time.monotonic() - self._began:4.0f} s] {name}: {value}", flush=True)
        if self.out is not None:
            self.out.write_text(json.dumps(self.found, ensure_ascii=False, indent=1) + "\n")

    def stage(self, work: Callable[[], None]) -> None:
        """Do one part; what goes wrong is noted, and the others go on."""
        try:
            work()
        except Exception as error:
            traceback.print_exc()
            self.note(f"{work.__name__} failed", f"{type(error).__name__}: {error}"[:300])
        gc.collect()
        torch.cuda.empty_cache()

    def load(self, speed: str, memory: float = 0.0) -> tuple[Any, Any]:
        """Return a store and the model in it."""
        from zimg_kernel.models.load_profile import LoadProfile
        from zimg_kernel.models.loading import ModelStore

        began, store = time.monotonic(), ModelStore(self.device)
        profile = LoadProfile("bfloat16", speed=speed, memory=memory)  # type: ignore[arg-type]
        model = store.get(self.card, self.folder, profile)
        torch.cuda.synchronize()
        self.note(f"{speed}{f' {memory:g} GB' if memory else ''} load s", _since(began))
        return store, model

    def draw(self, model: Any, cache: Any, prompt: str | None = None, **fields: Any) -> Any:
        """Return what was drawn and its seconds; with a new prompt unless one is given."""
        from zimg_kernel import GenerationParams
        from zimg_kernel.sampling.sampler import Sampler

        if prompt is None:
            self._prompts += 1
            prompt = f"{PROMPT} {self._prompts:04}"  # of one length
        base = {"seed": 1, "width": 1024, "height": 1024, "steps": 8, "model": "full-size"}
        params = self.card.fill(GenerationParams(prompt=prompt, **{**base, **fields}))
        began = time.perf_counter()
        drawn = Sampler(model, cache).draw(params, lambda *_: None, lambda: False, "none")
        torch.cuda.synchronize()
        return drawn, time.perf_counter() - began

    def measure(
        self, name: str, model: Any, rounds: int = 5, known: bool = False, **fields: Any
    ) -> float:
        """Draw and note the median seconds, the first two pictures apart."""
        from zimg_kernel.sampling.prompt_embeddings import PromptCache

        cache = PromptCache()
        prompt = PROMPT if known else None
        first = [round(self.draw(model, cache, prompt, **fields)[1], 3) for _ in range(2)]
        runs = [self.draw(model, cache, prompt, **fields) for _ in range(rounds)]
        seconds = [round(run[1], 4) for run in runs]
        parts = {
            part: round(statistics.median(run[0].timings[part] for run in runs), 4)
            for part in runs[0][0].timings
        }
        median = round(statistics.median(seconds), 4)
        self.note(name, {"s": median, "runs": seconds, "first two": first, "parts": parts})
        return median

    def keep(self, name: str, model: Any, **fields: Any) -> None:
        """Keep one picture, drawn twice so that recordings are played, to compare with others."""
        from zimg_kernel.sampling.prompt_embeddings import PromptCache

        cache = PromptCache()
        for _ in range(2):
            drawn, _ = self.draw(model, cache, PROMPT, **fields)
        self.pictures[name] = np.asarray(drawn.image).astype(float)

    def compare(self, name: str, other: str) -> None:
        """Note the PSNR of two pictures."""
        error = float(((self.pictures[name] - self.pictures[other]) ** 2).mean())
        psnr = round(10 * float(np.log10(255**2 / error)), 1) if error else "equal"
        self.note(f"PSNR dB {name} against {other}", psnr)


def main() -> None:
    """Measure all parts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="a diffusers folder; random weights otherwise")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--skip", nargs="*", default=[], help="parts to leave out, by function")
    usual = [f"{speed}:{size}" for speed, size in LIMITS]
    parser.add_argument("--limits", nargs="*", default=usual, help="speed:GB, such as exact:8")
    given = parser.parse_args()
    work = Path(tempfile.mkdtemp())
    folder = given.folder or _written(work / "model")
    os.environ["ZIMG_HOME"] = str(work / "home")
    (work / "home").mkdir()
    card = {"full-size": {"like": "z-image-turbo", "source": {"folder": str(folder.absolute())}}}
    (work / "home" / "models.yaml").write_text(json.dumps(card))  # JSON is YAML
    limited = [(speed, int(size)) for speed, size in (text.split(":") for text in given.limits)]
    bench = Bench(folder, given.json, given.skip, limited)
    parts: list[Callable[[Bench], None]] = [
        bus, limits, large_picture, exact, fast, stock, group_offload,
    ]  # fmt: skip
    for part in parts:
        if part.__name__ not in given.skip:

            def run(part: Callable[[Bench], None] = part) -> None:
                part(bench)

            run.__name__ = part.__name__
            bench.stage(run)
    bench.stage(lambda: ratios(bench))


def bus(bench: Bench) -> None:
    """Note the speed of the bus from page-locked memory."""
    size = 1 << 30
    host = torch.empty(size, dtype=torch.uint8, pin_memory=True)
    there = torch.empty(size, dtype=torch.uint8, device="cuda")
    there.copy_(host)
    torch.cuda.synchronize()
    began = time.perf_counter()
    for _ in range(4):
        there.copy_(host, non_blocking=True)
    torch.cuda.synchronize()
    bench.note("bus GB/s", round(4 * size / (time.perf_counter() - began) / 1e9, 1))


def limits(bench: Bench) -> None:
    """Draw with the memory of smaller cards."""
    for speed, gigabytes in bench.limits:
        name = f"{speed} {gigabytes} GB"
        try:
            with_limit(
                bench, speed, gigabytes, lambda model, name=name: _limited(bench, name, model)
            )
        except Exception as error:
            traceback.print_exc()
            bench.note(f"{name} failed", f"{type(error).__name__}: {error}"[:300])


def _limited(bench: Bench, name: str, model: Any) -> None:
    bench.measure(name, model, rounds=3)
    bench.keep(name, model)


def large_picture(bench: Bench) -> None:
    """Draw 2048 x 2048 within 16 GB."""

    def work(model: Any) -> None:
        bench.measure("exact 16 GB 2048", model, rounds=2, width=2048, height=2048)

    with_limit(bench, "exact", 16, work, "exact 16 GB 2048")


def with_limit(
    bench: Bench, speed: str, gigabytes: int, work: Callable[[Any], None], name: str = ""
) -> None:
    """Do work with a model and so much memory, everything of the process counted."""
    from zimg_kernel.models.device import CONTEXT_BYTES

    total = torch.cuda.get_device_properties(0).total_memory
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    torch.cuda.set_per_process_memory_fraction((gigabytes * 1e9 - CONTEXT_BYTES) / total)
    store = model = None
    name = name or f"{speed} {gigabytes} GB"
    try:
        store, model = bench.load(speed, float(gigabytes))
        said = model.speed.residence
        work(model)
        free, all_of_it = torch.cuda.mem_get_info()
        beside = all_of_it - free - torch.cuda.memory_reserved()
        most = (torch.cuda.max_memory_reserved() + beside) / 1e9
        told = {
            "blocks": said.blocks,
            "layers": said.encoder_layers,
            "GB": round(said.peak / 1e9, 2),
        }
        seen = {"GB": round(most, 2), "beside tensors": round(beside / 1e9, 2)}
        bench.note(f"{name} memory", {"said": told, "seen": seen})
    finally:
        if store is not None:
            store.unload()
        del model, store
        torch.cuda.set_per_process_memory_fraction(1.0)


def exact(bench: Bench) -> None:
    """Measure the exact profile, with a LoRA, with many prompts, and its decoder."""
    store, model = bench.load("exact")
    torch.cuda.reset_peak_memory_stats()
    bench.keep("exact", model)
    bench.measure("exact 1024", model)
    bench.measure("exact 1024 known prompt", model, known=True)
    bench.measure("exact 512", model, width=512, height=512, rounds=9)
    bench.measure("exact 768x1344, a new size", model, width=768, height=1344, rounds=1)
    bench.note("exact memory GB", _memory())
    if "with_lora" not in bench.skip:
        with_lora(bench, "exact", model)
    for part in (many, decoder):
        if part.__name__ not in bench.skip:
            part(bench, model)
    store.unload()


def fast(bench: Bench) -> None:
    """Measure the fast profile."""
    store, model = bench.load("fast")
    torch.cuda.reset_peak_memory_stats()
    bench.keep("fast", model)
    bench.measure("fast 1024", model)
    bench.measure("fast 512", model, width=512, height=512, rounds=9)
    bench.note("fast memory GB", _memory())
    if "with_lora" not in bench.skip:
        with_lora(bench, "fast", model)
    store.unload()


def stock(bench: Bench) -> None:
    """Measure diffusers' own modules, then the same compiled."""
    store, model = bench.load("stock")
    torch.cuda.reset_peak_memory_stats()
    bench.keep("stock", model)
    bench.measure("stock 1024", model)
    bench.measure("stock 1024 known prompt", model, known=True)
    bench.measure("stock 512", model, width=512, height=512, rounds=9)
    bench.note("stock memory GB", _memory())
    if "compiled" not in bench.skip:
        model.pipe.transformer.compile_repeated_blocks(fullgraph=True)
        bench.measure("compiled 1024", model)
        bench.measure("compiled 512", model, width=512, height=512, rounds=9)
    store.unload()


def group_offload(bench: Bench) -> None:
    """Measure diffusers' own way for small cards, without its text encoder."""
    from diffusers import ZImagePipeline

    pipe = ZImagePipeline.from_pretrained(
        bench.folder, dtype=torch.bfloat16, text_encoder=None, tokenizer=None
    )
    pipe.set_progress_bar_config(disable=True)
    pipe.vae.to("cuda")
    pipe.transformer.enable_group_offload(
        onload_device=torch.device("cuda"), offload_device=torch.device("cpu"),
        offload_type="block_level", num_blocks_per_group=1, use_stream=True, record_stream=True,
    )  # fmt: skip
    words = torch.randn(80, 2560, device="cuda", dtype=torch.bfloat16)
    seconds = []
    for _ in range(4):
        torch.cuda.synchronize()
        began = time.perf_counter()
        pipe(prompt_embeds=[words], height=1024, width=1024, num_inference_steps=8,
             guidance_scale=0.0, generator=torch.Generator("cpu").manual_seed(1))  # fmt: skip
        torch.cuda.synchronize()
        seconds.append(round(time.perf_counter() - began, 3))
    bench.note("group offload", {"s": statistics.median(seconds[1:]), "runs": seconds})


def with_lora(bench: Bench, speed: str, model: Any) -> None:
    """Note pictures with a LoRA on all layers of the main blocks, and whether it leaves a trace."""
    from zimg_kernel.lora.apply import apply_loras
    from zimg_kernel.lora.matched import match_lora
    from zimg_kernel.sampling.prompt_embeddings import PromptCache

    path = _lora(Path(os.environ["ZIMG_HOME"]) / "lora.safetensors")
    lora = match_lora(str(path), 0.8, model.card, model.folder)
    cache, seconds = PromptCache(), []
    for _ in range(7):
        began = time.perf_counter()
        with apply_loras(model, [lora]):
            bench.draw(model, cache)
        seconds.append(round(time.perf_counter() - began, 4))
    bench.note(f"{speed} LoRA", {"s": statistics.median(seconds[2:]), "runs": seconds})
    bench.keep(f"{speed} after LoRA", model)
    bench.compare(f"{speed} after LoRA", speed)
    with apply_loras(model, [lora]):
        bench.keep(f"{speed} with LoRA", model)
    bench.compare(f"{speed} with LoRA", speed)


def many(bench: Bench, model: Any) -> None:
    """Draw fifty prompts in a row; note slopes with their 95 % intervals."""
    from scipy.stats import linregress, t

    from zimg_kernel.sampling.prompt_embeddings import PromptCache

    cache, seconds, memory = PromptCache(size=16), [], []
    for _ in range(20):  # until the card is as warm as it gets, and the cache is full
        bench.draw(model, cache)
    for _ in range(50):
        seconds.append(bench.draw(model, cache)[1])
        memory.append(torch.cuda.memory_allocated() / 1e6)
    found = {}
    for name, values in (("ms a picture", [1e3 * s for s in seconds]), ("MB a picture", memory)):
        line = linregress(range(50), values)
        half = float(t.ppf(0.975, 48) * line.stderr)
        found[name] = {"slope": round(float(line.slope), 4), "half interval": round(half, 4)}
    bench.note("50 prompts", found)


@torch.inference_mode()
def decoder(bench: Bench, model: Any) -> None:
    """Note the decoder alone: whole, in bands, stock; errors against float32."""
    z = torch.randn(1, 16, 128, 128, device="cuda", dtype=torch.bfloat16)
    vae, ours = model.pipe.vae, model.speed.decoder
    bench.note("decoder ms", _milliseconds(lambda: vae.decode(z)))
    whole = vae.decode(z).sample.float()
    ours.band = 128 * 512
    banded = ours._decode(z).float()
    bench.note("decoder in bands, largest difference", float((banded - whole).abs().max()))
    ours.band = None
    ours.remove()
    bench.note("stock decoder ms", _milliseconds(lambda: vae.decode(z)))
    theirs = vae.decode(z).sample.float()
    true = vae.float().decode(z.float()).sample
    errors = [round(float((x - true).norm() / true.norm()), 5) for x in (whole, theirs)]
    bench.note("decoder error against float32, ours and stock", errors)


def ratios(bench: Bench) -> None:
    """Note the ratios that are asked for, as far as there are figures."""
    seconds = {k: v["s"] for k, v in bench.found.items() if isinstance(v, dict) and "s" in v}
    pairs = {f"stock / {speed} {size}": (f"stock {size}", f"{speed} {size}")
             for speed in ("exact", "fast") for size in (1024, 512)}  # fmt: skip
    pairs |= {f"compiled / {speed} {size}": (f"compiled {size}", f"{speed} {size}")
              for speed in ("exact", "fast") for size in (1024, 512)}  # fmt: skip
    pairs |= {f"{s} {g} GB / resident": (f"{s} {g} GB", f"{s} 1024") for s, g in bench.limits}
    pairs |= {f"{s} LoRA / without": (f"{s} LoRA", f"{s} 1024") for s in ("exact", "fast")}
    made = {name: round(seconds[a] / seconds[b], 3) for name, (a, b) in pairs.items()
            if a in seconds and b in seconds}  # fmt: skip
    bench.note("ratios", made)
    for name in bench.pictures:
        other = "stock" if name in ("exact", "fast") else name.split()[0]
        if other in bench.pictures and name != other:
            bench.compare(name, other)


def _written(folder: Path) -> Path:
    from full_size_model import write

    write(folder)
    torch.set_default_dtype(torch.float32)  # write() has changed it
    torch.cuda.empty_cache()
    return folder


def _lora(path: Path) -> Path:
    from safetensors.torch import save_file

    if not path.exists():
        shapes = {"to_q": (3840, 3840), "to_k": (3840, 3840), "to_v": (3840, 3840),
                  "to_out.0": (3840, 3840), "w1": (10240, 3840), "w3": (10240, 3840),
                  "w2": (3840, 10240)}  # fmt: skip
        made = {}
        for block in range(30):
            for name, (outputs, inputs) in shapes.items():
                part = "feed_forward" if name.startswith("w") else "attention"
                key = f"diffusion_model.layers.{block}.{part}.{name}"
                for half, size in (("A", (RANK, inputs)), ("B", (outputs, RANK))):
                    value = torch.randn(size, dtype=torch.bfloat16) * 0.02
                    made[f"{key}.lora_{half}.weight"] = value
        save_file(made, str(path))
    return path


def _memory() -> dict[str, float]:
    most = torch.cuda.max_memory_allocated(), torch.cuda.max_memory_reserved()
    return {"tensors": round(most[0] / 1e9, 2), "reserved": round(most[1] / 1e9, 2)}


def _milliseconds(work: Callable[[], Any], rounds: int = 9) -> float:
    for _ in range(3):
        work()
    times = []
    for _ in range(rounds):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        work()
        end.record()
        torch.cuda.synchronize()
        times.append(begin.elapsed_time(end))
    return round(statistics.median(times), 2)


def _since(began: float) -> float:
    return round(time.monotonic() - began, 1)


if __name__ == "__main__":
    main()
