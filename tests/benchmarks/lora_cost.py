"""Seconds for a picture with a LoRA in place, with peft's own layers, and without one, in turn.

On a GPU, with a full-size model (full_size_model.py writes one with random weights):

    python tests/benchmarks/lora_cost.py FOLDER --size 1024 --rank 16

The LoRA changes every attention and feed-forward layer of the 30 main blocks, with random values:
its cost depends on shapes alone.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

WIDTH, INNER, BLOCKS = 3840, 10240, 30  # of the published transformer


def write_lora(path: Path, rank: int) -> None:
    """Write a LoRA of Z-Image in ComfyUI's names, in bf16."""
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    sizes = dict.fromkeys(("to_q", "to_k", "to_v", "to_out.0"), (WIDTH, WIDTH))
    layers = {f"attention.{name}": size for name, size in sizes.items()}
    layers |= {f"feed_forward.w{number}": (WIDTH, INNER) for number in (1, 3)}
    layers["feed_forward.w2"] = (INNER, WIDTH)
    tensors = {}
    for block in range(BLOCKS):
        for name, (inputs, outputs) in layers.items():
            place = f"diffusion_model.layers.{block}.{name}"
            down, up = torch.randn(rank, inputs), torch.randn(outputs, rank)
            tensors[f"{place}.lora_A.weight"] = (down * 0.01).bfloat16()
            tensors[f"{place}.lora_B.weight"] = (up * 0.01).bfloat16()
    path.parent.mkdir(parents=True)
    save_file(tensors, path)


def main() -> None:
    """Draw in turn and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a diffusers folder of full size")
    parser.add_argument("--size", type=int, default=1024, help="side in px")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp())
    card = {"like": "z-image-turbo", "source": {"folder": str(options.folder.absolute())}}
    (home / "models.yaml").write_text(json.dumps({"measured": card}))  # JSON is YAML
    os.environ["ZIMG_HOME"] = str(home)
    write_lora(home / "loras" / "random.safetensors", options.rank)

    from peft.tuners.lora.layer import Linear

    from zimg_kernel import GenerationParams, LocalEngine
    from zimg_kernel.lora.in_place import InPlaceLinear

    engine = LocalEngine()
    own = InPlaceLinear.forward

    def draw(seed: int, loras: list[tuple[str, float]], forward: Callable[..., object]) -> float:
        InPlaceLinear.forward = forward  # type: ignore[method-assign, assignment]
        params = GenerationParams(
            model="measured", prompt="a cat", seed=seed, width=options.size,
            height=options.size, loras=loras,
        )  # fmt: skip
        start = time.perf_counter()
        engine.submit(params).result()
        return time.perf_counter() - start

    lora = [("random", 0.8)]
    ways = {"without": ([], own), "in place": (lora, own), "peft": (lora, Linear.forward)}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(options.rounds + 2):  # the first two warm up
        for name, (loras, forward) in ways.items():
            seconds = draw(number, loras, forward)
            if number >= 2:
                times[name].append(seconds)
    plain = statistics.median(times["without"])
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:9} median {median:.3f} s  to without one: {median / plain:.3f}")
    engine.close()


if __name__ == "__main__":
    main()
