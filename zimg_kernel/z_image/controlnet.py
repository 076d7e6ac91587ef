"""Loading of a ControlNet beside a warm model by diffusers' own classes; nothing is copied.

A Z-Image ControlNet has only its control layers: embedders, refiners and pad tokens are the
transformer's own modules (``ZImageControlNetModel.from_transformer`` makes them shared).
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import BadInput, OutOfMemory, WeightsMissing
from zimg_kernel.models import device as devices
from zimg_kernel.models.diffusers_folder import FaultyError, read_header, read_json, weight_files

from .controlnet_config import config_of_file

if TYPE_CHECKING:
    import torch

    from zimg_kernel.models.loaded_model import LoadedModel


def load_controlnet(model: LoadedModel, path: Path) -> Any:
    """Return the ControlNet in a folder or file, of the model's data type and on its device.

    The transformer is left as it is: the ControlNet takes in its modules, so every weight exists
    once.

    Returns
    -------
    diffusers.ZImageControlNetModel
        For ``model.as_pipeline("ZImageControlNetPipeline", controlnet=...)``.

    Raises
    ------
    BadInput
        It was made for another transformer.
    WeightsMissing
        It is damaged.
    OutOfMemory
        There is no room for it beside the model.
    """
    from diffusers import ZImageControlNetModel

    transformer = model.pipe.transformer
    try:
        if path.is_dir():
            config = read_json(path / "config.json")
            headers = [read_header(file) for file in weight_files(path)]
        else:
            config = config_of_file(path, len(transformer.layers))
            headers = [read_header(path)]
    except FaultyError as fault:
        raise WeightsMissing(
            f"The ControlNet in {path} is {fault}: copy it again.",
            code="weights-missing",
            field="controlnet",
        ) from None
    _check_fit(config, model)
    _check_room(headers, model)
    if path.is_dir():
        net = ZImageControlNetModel.from_pretrained(
            path, dtype=model.dtype, local_files_only=True, use_safetensors=True
        )
    else:
        # Without a config diffusers would ask the network for one.
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "config.json").write_text(json.dumps(config), encoding="utf-8")
            net = ZImageControlNetModel.from_single_file(
                str(path), config=folder, dtype=model.dtype, local_files_only=True
            )
    net.eval()
    own = list(net.children())
    if model.offloaded:
        _visit(net, own, model.device)
    else:
        net.to(model.device)  # before it shares anything
    return ZImageControlNetModel.from_transformer(net, transformer)


def _check_fit(config: dict[str, Any], model: LoadedModel) -> None:
    """Refuse a ControlNet that was made for a transformer of another shape."""
    transformer = model.pipe.transformer
    theirs = {name: config.get(name) for name in ("dim", "n_heads", "n_refiner_layers")}
    ours = {name: transformer.config[name] for name in theirs}
    differ = [
        f"{name} {value} instead of {ours[name]}"
        for name, value in theirs.items()
        if value is not None and value != ours[name]
    ]
    places = config.get("control_layers_places") or [0]
    if max(places) >= len(transformer.layers):
        differ.append(f"layer {max(places)} of {len(transformer.layers)}")
    if (config.get("control_in_dim") or 0) < transformer.in_channels:
        differ.append(f"{config.get('control_in_dim')} channels for {transformer.in_channels}")
    if differ:
        raise BadInput(
            f"The ControlNet that the card of {model.card.id} names was made for another model "
            f"({', '.join(differ)}): correct controlnet in the card.",
            code="controlnet-of-another-model",
            field="controlnet",
        )


def _check_room(headers: list[dict[str, Any]], model: LoadedModel) -> None:
    """Refuse what would not fit, before anything is read; offloaded, the RAM has to hold it."""
    import torch

    place = torch.device("cpu") if model.offloaded else model.device
    values = 0
    for header in headers:
        for name, tensor in header.items():
            if name != "__metadata__":
                size = 1
                for side in tensor["shape"]:
                    size *= side
                values += size
    need, free = values * model.dtype.itemsize, devices.free_bytes(place)
    if need > free:
        raise OutOfMemory(
            f"The ControlNet of {model.card.id} needs {need / 1e9:.1f} GB and {place} has "
            f"{free / 1e9:.1f} GB free: unload other models, or close programs that use it.",
            code="out-of-memory",
            field="controlnet",
        )


def _visit(net: Any, own: list[Any], device: torch.device) -> None:
    """Bring an offloaded ControlNet to the GPU for each of its steps, and its layers back.

    What it shares with the transformer stays there: that has its turn next, and its own hook
    takes it back. The hook is accelerate's, by which diffusers sees where its pipelines run.
    """
    from accelerate.hooks import ModelHook, add_hook_to_module

    class Visit(ModelHook):  # type: ignore[misc]
        execution_device = device

        def pre_forward(self, module: Any, *args: Any, **kwargs: Any) -> Any:
            module.to(device)
            return args, kwargs

        def post_forward(self, module: Any, output: Any) -> Any:
            for part in own:
                part.to("cpu")
            return output

    add_hook_to_module(net, Visit())
