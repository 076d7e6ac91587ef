"""A lesson: a small world that a model can learn in minutes on a laptop, and what it needs."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from zimg_kernel.nano.text.captions import LANGUAGES, caption
from zimg_kernel.nano.world.world import Scene, sample_scene

SHAPES = ("circle", "square", "triangle", "star", "heart")
COLOURS = ("red", "yellow", "green", "blue", "purple", "black")


def sample_lesson_scene(rng: random.Random) -> Scene:
    """One of five shapes in one of six colours, half of the time at a named place."""
    while True:
        scene = sample_scene(rng, "single", details=False)
        thing = scene.things[0]
        if thing.shape in SHAPES and thing.colour in COLOURS:
            return scene


def lesson_example(rng: random.Random) -> tuple[tuple[Scene, ...], str]:
    """A scene and its caption in plain words."""
    scene = sample_lesson_scene(rng)
    return (scene,), caption(scene, rng, rng.choice(LANGUAGES), extras=False)


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
    from .train import main

    time = f"--budget={seconds}s"
    main([f"--out={folder}", time, f"--seed={seed}", f"--stages={stages}", "--device=cpu"])
    return Path(folder)


def losses(folder: Path | str, stage: str) -> list[tuple[int, float, float]]:
    """Step, seconds and loss of each step of a stage ("vae", "base" or "turbo")."""
    import torch

    state = torch.load(Path(folder) / f"{stage}.pt", map_location="cpu", weights_only=False)
    return list(state["losses"])


def pipeline(folder: Path | str, name: str) -> Any:
    """The diffusers pipeline of what was trained into a folder.

    Parameters
    ----------
    folder : path
    name : {"nano-base", "nano-turbo"}
    """
    import torch
    from diffusers import ZImagePipeline

    from zimg_kernel.models import embedded as family

    with family.stored_in(Path(folder)):
        found = family.folder(name)
    pipe = ZImagePipeline.from_pretrained(found, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    return pipe
