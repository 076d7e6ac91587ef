"""Makes tiny ControlNets for the miniature, and cards that name them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from zimg_kernel import get_card, settings
from zimg_kernel.models.weights import require_weights


def save_controlnet(
    folder: Path,
    model: str = "nano-turbo",
    strength: float = 0.0,
    control_in_dim: int = 33,
    refiner: str | None = "control_noise_refiner",
    file: str | None = None,
    dim: int | None = None,
) -> Path:
    """Write a ControlNet with random control layers that fits a model; return the folder.

    Parameters
    ----------
    folder : Path
        Gets config.json and diffusion_pytorch_model.safetensors, or only ``file``.
    model : str
        Whose transformer it fits.
    strength : float
        Standard deviation of the projections into the transformer. At 0 they are zero, as
        before training, and the picture stays bit-identical.
    control_in_dim : int
        33 is latents of map and source, and a mask (2.0 and later: inpainting too); 16 is 1.0.
    refiner : str, optional
        ``add_control_noise_refiner``.
    file : str, optional
        Write one file of this name instead, as the published ones are.
    dim : int, optional
        Another width, which does not fit.
    """
    import torch
    from diffusers import ZImageControlNetModel
    from safetensors.torch import save_file

    config = json.loads((require_weights(get_card(model)) / "transformer/config.json").read_text())
    torch.manual_seed(0)
    net = ZImageControlNetModel(
        control_layers_places=[0, 2, 4],
        control_refiner_layers_places=list(range(config["n_refiner_layers"])),
        control_in_dim=control_in_dim,
        add_control_noise_refiner=refiner,
        dim=dim or config["dim"],
        n_refiner_layers=config["n_refiner_layers"],
        n_heads=config["n_heads"],
        n_kv_heads=config["n_kv_heads"],
    )
    for name, values in net.named_parameters():
        if "_proj." in name:  # before_proj and after_proj
            torch.nn.init.normal_(values, std=strength)
    folder.mkdir(parents=True, exist_ok=True)
    if file:
        save_file(net.state_dict(), folder / file)
    else:
        net.save_pretrained(folder)
    return folder


def add_card(
    folder: Path | None, name: str = "nano-control", like: str = "nano-turbo", **more: Any
) -> str:
    """Write a card with a ControlNet into the test's models.yaml; return its id.

    Parameters
    ----------
    folder : Path or None
        Where :func:`save_controlnet` put it.
    name, like : str
        The card's id, and the card that it starts from.
    **more
        Further fields of ``controlnet``, such as ``file``.
    """
    place = settings.models_file()
    place.parent.mkdir(parents=True, exist_ok=True)
    where = {"folder": str(folder)} if folder else {}
    card = {"like": like, "controlnet": {**where, **more}}
    with place.open("a", encoding="utf-8") as out:
        out.write(f"{name}: {json.dumps(card)}\n")
    return name
