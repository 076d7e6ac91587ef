"""Trains the miniature from nothing: ``python -m zimg_kernel.nano.train.train --out DIR``.

Stages: the autoencoder (vae), the guided base model for pictures and edits (base), its 8-step
student (turbo). Each writes a checkpoint to DIR and goes on from it when the command is given
again; the results are ``DIR/nano-base``, ``DIR/nano-edit`` and ``DIR/nano-turbo``. With several
GPUs: ``torchrun --nproc-per-node 4 -m zimg_kernel.nano.train.train --out DIR``.

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

from .common import Setting, Stage
from .data import Pool, make_tokenizer
from .export import export_family
from .flow import Models, Pools, train_base
from .team import Team
from .turbo import train_turbo
from .vae import GATE_DB, train_vae

RANK = 32
"""Rank of Turbo's stored difference from the base."""
STAGES = ("vae", "base", "turbo")
SHARES = {"vae": 0.15, "base": 0.6, "turbo": 0.25}
"""How the time budget is divided among the stages."""


def seconds(text: str) -> float:
    """Read "20m", "90s", "1.5h" or a plain number of seconds."""
    unit = {"s": 1, "m": 60, "h": 3600}.get(text[-1:], 0)
    return float(text[:-1]) * unit if unit else float(text)


def train(
    setting: Setting,
    stages: Sequence[str],
    budget: float,
    workers: int,
    guidance: float = 1.5,
    gate: float = GATE_DB,
) -> Path:
    """Run the stages that are not done yet, and export; returns the folder of the family."""
    team, device = setting.team, setting.device
    setting.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(setting.seed)
    words = setting.out / "tokenizer.json"
    if team.leads and not words.exists():
        if setting.ready is not None:
            shutil.copyfile(setting.ready / "tokenizer" / "tokenizer.json", words)
        else:
            make_tokenizer(setting.toy_or(12_000, 60_000), setting.seed).save(str(words))
    team.wait()
    tokenizer = Tokenizer.from_file(str(words))
    total = setting.toy_or(3000, 600_000)
    seed = setting.seed * 1000 + team.rank
    task = "lesson" if setting.lesson else "text"
    pools = Pools(
        Pool(tokenizer, total, seed, device, workers, task),
        Pool(tokenizer, total // 3, seed, device, workers and max(1, workers // 3), "edit"),
    )
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.benchmark_limit = 4  # there are many sizes, and each is tried out
    small = {"dim": 144, "n_heads": 3, "n_kv_heads": 3, "n_layers": 3} if setting.toy else {}
    if setting.start is not None:
        small = {}
        transformer = m.load_transformer(setting.start).to(device)
    else:
        transformer = m.make_transformer(**small).to(device)
    if setting.ready is None:
        encoder = m.make_encoder(tokenizer.get_vocab_size()).to(device)
        vae = m.make_vae().to(device)
    else:
        encoder, vae = (part.to(device) for part in m.load_parts(setting.ready))
        stages = [name for name in stages if name != "vae"]
    torch.manual_seed(seed)  # from here on everyone draws other noise
    empty, prefix = (
        torch.tensor(tokenizer.encode(text).ids, device=device) for text in (chat(""), PREFIX)
    )
    models = Models(transformer, encoder, vae, empty, prefix[None])
    if team.leads:
        sizes = (m.parameters(model) for model in models[:3])
        print("transformer {:,}, encoder {:,}, vae {:,} parameters; ".format(*sizes), end="")
        print(f"vocabulary {tokenizer.get_vocab_size()}; {team.size} x {device}", flush=True)
    base: dict[str, torch.Tensor] = {}
    shared = sum(SHARES[name] for name in STAGES if setting.ready is None or name != "vae")
    for name in STAGES:
        left = sum(SHARES[n] for n in STAGES[STAGES.index(name) :] if n in stages)
        part = SHARES[name] / left if left else 1.0
        stage = Stage(setting, name, budget * SHARES[name] / shared, part)
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
    if team.leads:
        student = transformer
        teacher = m.make_transformer(**small)
        teacher.load_state_dict(base)
        report = export_family(setting.out, teacher, encoder, vae, tokenizer, student, RANK)
        sizes_mb = (f"{name} {report[name] / 1e6:.1f} MB" for name in ("nano-base", "nano-turbo"))
        print(f"wrote {setting.out}: {', '.join(sizes_mb)}; of the difference, ", end="")
        print(f"{report['unexplained']:.1e} is left out at rank {RANK}", flush=True)
    team.wait()
    return setting.out


def _run(stage: Stage, models: Models, pools: Pools, guidance: float, gate: float) -> None:
    """Train one stage."""
    setting = stage.setting
    if stage.name == "vae":
        quality = train_vae(setting, stage, models.vae, pools.text)
        if setting.team.leads:
            print(f"vae: {quality:.1f} dB", flush=True)
        if quality < gate and not setting.toy:
            raise SystemExit(f"the autoencoder reaches {quality:.1f} dB, not {gate} dB")
    elif stage.name == "base":
        train_base(setting, stage, models, pools)
    else:
        train_turbo(setting, stage, models, pools, guidance=guidance, rank=RANK)


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
    team = Team()
    lesson = args.device == "cpu" and not args.fresh and args.finetune is None
    parts = WEIGHTS / "nano-base" if lesson else None
    setting = Setting(args.out, args.device, args.seed, team, parts, args.finetune, ends)
    many = max(1, (os.cpu_count() or 2) // team.size - 2)
    workers = args.workers if args.workers is not None else setting.toy_or(0, many)
    train(setting, args.stages.split(","), args.budget, workers, args.guidance, args.gate)
    team.leave()


if __name__ == "__main__":
    main()
