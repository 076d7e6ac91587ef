"""Trains the miniature from nothing: ``python -m zimg_kernel.nano.train --out DIR``.

Stages: the autoencoder (vae), the guided base model (base), its 8-step student (turbo).
Each writes a checkpoint to DIR and goes on from it when the command is given again; the
result is exported to ``DIR/nano-turbo``.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer

from zimg_kernel.nano import models as m
from zimg_kernel.nano.data import Pool, make_tokenizer
from zimg_kernel.nano.export import export
from zimg_kernel.nano.tokenizer import chat
from zimg_kernel.nano.train_common import Setting, Stage
from zimg_kernel.nano.train_flow import train_base, train_turbo
from zimg_kernel.nano.train_vae import GATE_DB, train_vae

STAGES = ("vae", "base", "turbo")
SHARES = {"vae": 0.21, "base": 0.55, "turbo": 0.24}
"""How the time budget is divided among the stages."""


def seconds(text: str) -> float:
    """Read "20m", "90s", "1.5h" or a plain number of seconds."""
    unit = {"s": 1, "m": 60, "h": 3600}.get(text[-1:], 0)
    return float(text[:-1]) * unit if unit else float(text)


def train(
    setting: Setting, stages: Sequence[str], budget: float, workers: int, guidance: float
) -> Path:
    """Run the stages that are not done yet, and export; returns the exported folder."""
    setting.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(setting.seed)
    words = setting.out / "tokenizer.json"
    if words.exists():
        tokenizer = Tokenizer.from_file(str(words))
    else:
        tokenizer = make_tokenizer(setting.toy_or(4000, 100_000), setting.seed)
        tokenizer.save(str(words))
    device = setting.device
    total = setting.toy_or(2000, 3_000_000)
    pool = Pool(tokenizer, total, setting.seed, device, workers)
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.benchmark = True
    small = {"dim": 192, "n_layers": 2, "axes_dims": [16, 8, 8]} if setting.toy else {}
    transformer = m.make_transformer(**small).to(device)
    encoder = m.make_encoder(tokenizer.get_vocab_size()).to(device)
    vae = m.make_vae().to(device)
    empty = torch.tensor(tokenizer.encode(chat("")).ids, device=device)
    trio = (transformer, encoder, vae)
    print(f"transformer {m.parameters(transformer):,}, encoder {m.parameters(encoder):,}, ", end="")
    print(f"vae {m.parameters(vae):,} parameters; vocabulary {tokenizer.get_vocab_size()}")
    for name in STAGES:
        stage = Stage(setting, name, budget * SHARES[name])
        keys = {"vae": {"vae": vae}, "base": {"transformer": transformer, "encoder": encoder}}
        if stage.done:
            notes = stage.restore(keys.get(name, {"transformer": transformer}))
            if notes and "vae_config" in notes:
                config = notes["vae_config"]
                vae.register_to_config(
                    scaling_factor=config["scaling_factor"], shift_factor=config["shift_factor"]
                )
            continue
        if name not in stages:
            continue
        if name == "vae":
            quality = train_vae(setting, stage, vae, pool)
            print(f"vae: {quality:.1f} dB", flush=True)
            if quality < GATE_DB and not setting.toy:
                raise SystemExit(f"the autoencoder reaches {quality:.1f} dB, not {GATE_DB} dB")
        vae.requires_grad_(False).eval()
        if name == "base":
            train_base(setting, stage, trio, pool, empty)
        elif name == "turbo":
            train_turbo(setting, stage, trio, pool, empty, guidance=guidance)
    folder = setting.out / "nano-turbo"
    size = export(folder, transformer, encoder, vae, tokenizer)
    print(f"wrote {folder}: {size / 1e6:.1f} MB", flush=True)
    return folder


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--stages", default=",".join(STAGES), help="vae,base,turbo")
    parser.add_argument("--budget", type=seconds, default=1200.0, help="time for all three stages")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=None, help="processes that write captions")
    parser.add_argument("--guidance", type=float, default=1.5, help="of the teacher of turbo")
    args = parser.parse_args(arguments)
    setting = Setting(args.out, args.device, args.seed)
    many = max(1, (os.cpu_count() or 2) - 1)
    workers = args.workers if args.workers is not None else setting.toy_or(0, many)
    train(setting, args.stages.split(","), args.budget, workers, args.guidance)


if __name__ == "__main__":
    main()
