"""Training of the miniature from nothing: ``python -m zimg_kernel.nano.train --out DIR``.

Stages: the autoencoder (vae), the guided base model for pictures and edits (base), its 8-step
student (turbo). Each writes a checkpoint to DIR and goes on from it when the command is given
again; the results are ``DIR/nano-base``, ``DIR/nano-edit`` and ``DIR/nano-turbo``. With several
GPUs: ``torchrun --nproc-per-node 4 -m zimg_kernel.nano.train --out DIR``.

On a CPU it is a lesson: autoencoder, text encoder and tokenizer are taken over from the shipped
miniature, as Z-Image took over Flux's and Qwen's, and only a small transformer learns, in the
small world of :mod:`lesson`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from zimg_kernel.nano import WEIGHTS
from zimg_kernel.nano import models as m
from zimg_kernel.nano.tokenizer import PREFIX, chat

from .common import TrainingStage, TrainSettings
from .data import Pool, make_tokenizer
from .distributed import Distributed
from .export import export_family
from .flow import Models, Pools, train_base
from .turbo import train_turbo
from .vae import GATE_DB, train_vae

RANK = 32
"""Rank of Turbo's stored difference from the base."""
STAGES = ("vae", "base", "turbo")
SHARES = {"vae": 0.15, "base": 0.6, "turbo": 0.25}
"""Share of each stage in the time budget."""


def seconds(text: str) -> float:
    """Read "20m", "90s", "1.5h" or a plain number of seconds."""
    unit = {"s": 1, "m": 60, "h": 3600}.get(text[-1:], 0)
    return float(text[:-1]) * unit if unit else float(text)


def train(
    settings: TrainSettings,
    stages: Sequence[str],
    budget: float,
    workers: int,
    guidance: float = 1.5,
    gate: float = GATE_DB,
) -> Path:
    """Run the stages that are not done yet, and export; returns the folder of the family."""
    distributed, device = settings.distributed, settings.device
    settings.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(settings.seed)
    words = settings.out / "tokenizer.json"
    if distributed.is_main and not words.exists():
        if settings.ready is not None:
            shutil.copyfile(settings.ready / "tokenizer" / "tokenizer.json", words)
        else:
            make_tokenizer(settings.toy_or(12_000, 60_000), settings.seed).save(str(words))
    distributed.barrier()
    tokenizer = Tokenizer.from_file(str(words))
    total = settings.toy_or(3000, 600_000)
    seed = settings.seed * 1000 + distributed.rank
    task = "lesson" if settings.lesson else "text"
    pools = Pools(
        Pool(tokenizer, total, seed, device, workers, task),
        Pool(tokenizer, total // 3, seed, device, workers and max(1, workers // 3), "edit"),
    )
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.benchmark_limit = 4  # there are many sizes, and each is tried out
    small = {"dim": 144, "n_heads": 3, "n_kv_heads": 3, "n_layers": 3} if settings.toy else {}
    if settings.start is not None:
        small = {}
        transformer = m.load_transformer(settings.start).to(device)
    else:
        transformer = m.make_transformer(**small).to(device)
    if settings.ready is None:
        encoder = m.make_encoder(tokenizer.get_vocab_size()).to(device)
        vae = m.make_vae().to(device)
    else:
        encoder, vae = (part.to(device) for part in m.load_parts(settings.ready))
        stages = [name for name in stages if name != "vae"]
    torch.manual_seed(seed)  # from here on everyone draws other noise
    empty, prefix = (
        torch.tensor(tokenizer.encode(text).ids, device=device) for text in (chat(""), PREFIX)
    )
    models = Models(transformer, encoder, vae, empty, prefix[None])
    if distributed.is_main:
        sizes = (m.parameters(model) for model in models[:3])
        print("transformer {:,}, encoder {:,}, vae {:,} parameters; ".format(*sizes), end="")
        print(f"vocabulary {tokenizer.get_vocab_size()}; {distributed.size} x {device}", flush=True)
    base: dict[str, torch.Tensor] = {}
    shared = sum(SHARES[name] for name in STAGES if settings.ready is None or name != "vae")
    for name in STAGES:
        left = sum(SHARES[n] for n in STAGES[STAGES.index(name) :] if n in stages)
        part = SHARES[name] / left if left else 1.0
        stage = TrainingStage(settings, name, budget * SHARES[name] / shared, part)
        keys = {"vae": {"vae": vae}, "base": {"transformer": transformer, "encoder": encoder}}
        if stage.done:
            notes = stage.restore(keys.get(name, {"transformer": transformer}))
            if notes and "vae_config" in notes:
                config = notes["vae_config"]
                vae.register_to_config(
                    scaling_factor=config["scaling_factor"], shift_factor=config["shift_factor"]
                )
        elif name in stages:
            _run(stage, models, pools, guidance, gate)
        if name == "vae":
            vae.requires_grad_(False).eval()
        if name == "base":
            base = {k: v.detach().clone() for k, v in transformer.state_dict().items()}
    if distributed.is_main:
        student = transformer
        teacher = m.make_transformer(**small)
        teacher.load_state_dict(base)
        report = export_family(settings.out, teacher, encoder, vae, tokenizer, student, RANK)
        sizes_mb = (f"{name} {report[name] / 1e6:.1f} MB" for name in ("nano-base", "nano-turbo"))
        print(f"wrote {settings.out}: {', '.join(sizes_mb)}; of the difference, ", end="")
        print(f"{report['unexplained']:.1e} is left out at rank {RANK}", flush=True)
    distributed.barrier()
    return settings.out


def _run(stage: TrainingStage, models: Models, pools: Pools, guidance: float, gate: float) -> None:
    """Train one stage."""
    settings = stage.settings
    if stage.name == "vae":
        quality = train_vae(settings, stage, models.vae, pools.text)
        if settings.distributed.is_main:
            print(f"vae: {quality:.1f} dB", flush=True)
        if quality < gate and not settings.toy:
            raise SystemExit(f"the autoencoder reaches {quality:.1f} dB, not {gate} dB")
    elif stage.name == "base":
        train_base(settings, stage, models, pools)
    else:
        train_turbo(settings, stage, models, pools, guidance=guidance, rank=RANK)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--stages", default=",".join(STAGES), help="vae,base,turbo")
    parser.add_argument("--budget", type=seconds, default=1200.0, help="time for all three stages")
    parser.add_argument("--within", type=seconds, help="time for everything, compiling included")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--fresh", action="store_true", help="on a CPU too, train all parts (takes hours)"
    )
    parser.add_argument(
        "--finetune",
        type=Path,
        help="folder of a finished model to train further, autoencoder kept",
    )
    parser.add_argument("--workers", type=int, default=None, help="processes that write captions")
    parser.add_argument("--guidance", type=float, default=1.5, help="of the teacher of turbo")
    parser.add_argument("--gate", type=float, default=GATE_DB, help="least dB of the autoencoder")
    args = parser.parse_args(arguments)
    ends = time.monotonic() + args.within if args.within else None
    distributed = Distributed()
    lesson = args.device == "cpu" and not args.fresh and args.finetune is None
    parts = WEIGHTS / "nano-base" if lesson else None
    settings = TrainSettings(
        args.out, args.device, args.seed, distributed, parts, args.finetune, ends
    )
    many = max(1, (os.cpu_count() or 2) // distributed.size - 2)
    workers = args.workers if args.workers is not None else settings.toy_or(0, many)
    train(settings, args.stages.split(","), args.budget, workers, args.guidance, args.gate)
    distributed.close()


if __name__ == "__main__":
    main()
