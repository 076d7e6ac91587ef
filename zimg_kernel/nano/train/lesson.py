"""Tutorial training: small models that learn a small world on a CPU in minutes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .lesson_scenes import COLOURS as COLOURS
from .lesson_scenes import SHAPES as SHAPES
from .lesson_scenes import sample_lesson_scene as sample_lesson_scene


def train(folder: Path | str, seconds: float, *, seed: int = 0, stages: str = "base,turbo") -> Path:
    """Train small models in the lesson's world, on the CPU.

    Stages that are done already, in ``folder``, are not done again; one that was interrupted
    goes on. Autoencoder, text encoder and tokenizer are those of the shipped miniature.

    Parameters
    ----------
    folder : path
        For checkpoints and results; made if it is not there.
    seconds : float
        Time for both stages together, without what it takes to start.
    seed : int
    stages : str
        "base", or "base,turbo".

    Returns
    -------
    Path
        The folder.
    """
    from .run import main

    time = f"--budget={seconds}s"
    main([f"--out={folder}", time, f"--seed={seed}", f"--stages={stages}", "--device=cpu"])
    return Path(folder)


def losses(folder: Path | str, stage: str) -> list[tuple[int, float, float]]:
    """Step, seconds and loss of each step of a stage ("vae", "base" or "turbo")."""
    from .common import load_checkpoint

    return list(load_checkpoint(Path(folder) / f"{stage}.pt")["losses"])


def pipeline(folder: Path | str, name: str) -> Any:
    """The diffusers pipeline of what was trained into a folder.

    Parameters
    ----------
    folder : path
    name : {"nano-base", "nano-turbo"}
    """
    import torch
    from diffusers import ZImagePipeline

    from zimg_kernel.models import embedded

    with embedded.stored_in(Path(folder)):
        found = embedded.folder(name)
    pipe = ZImagePipeline.from_pretrained(found, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    return pipe
