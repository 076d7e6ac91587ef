"""ControlNets for the miniature: loaded beside the warm model, drawn through diffusers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from refusals import refused
from tests.edit.controls.networks import add_card, save_controlnet
from zimg_kernel import OutOfMemory, WeightsMissing, get_card
from zimg_kernel.edit.controls import control_map, load_controlnet
from zimg_kernel.models.loaded_model import LoadedModel
from zimg_kernel.models.loading import ModelStore
from zimg_kernel.models.weights import require_weights

PROMPT = "a red circle"


@pytest.fixture(scope="module")
def store() -> Iterator[ModelStore]:
    models = ModelStore(torch.device("cpu"))
    yield models
    models.unload()


@pytest.fixture
def model(store: ModelStore) -> Iterator[LoadedModel]:
    """The miniature, warm; what a test added to it is taken away."""
    card = get_card("nano-turbo")
    loaded = store.get(card, require_weights(card))
    yield loaded
    loaded.derived.clear()
    loaded.extras.clear()
    loaded.card = card


@pytest.fixture
def lines() -> Image.Image:
    image = Image.new("RGB", (96, 96))
    ImageDraw.Draw(image).rectangle((20, 20, 60, 75), fill="white")
    return control_map(image, "canny")


def with_controlnet(model: LoadedModel, folder: Path, **more: Any) -> LoadedModel:
    model.card = get_card(add_card(folder, **more))
    return model


def draw(pipe: Any, **more: Any) -> np.ndarray:
    """Two steps at 96 px, as pixels."""
    generator = torch.Generator("cpu").manual_seed(7)
    drawn = pipe(
        prompt=[PROMPT], height=96, width=96, num_inference_steps=2, guidance_scale=0.0,
        generator=generator, output_type="np", **more,
    )  # fmt: skip
    return drawn.images[0]


def controlled(model: LoadedModel, lines: Image.Image, scale: float = 0.75) -> np.ndarray:
    pipe = model.as_pipeline("ZImageControlNetPipeline", controlnet=load_controlnet(model))
    return draw(pipe, control_image=lines, controlnet_conditioning_scale=scale)


def copy_of(module: Any) -> dict[str, Tensor]:
    return {name: values.clone() for name, values in module.state_dict().items()}


@pytest.mark.parametrize(
    ("refiner", "channels", "file"),
    [
        ("control_noise_refiner", 33, None),  # 2.1
        (None, 16, "union.safetensors"),  # 1.0
        ("control_layers", 33, None),  # 2.0
    ],
)
def test_untrained_controlnet_leaves_the_picture_bit_equal(
    model: LoadedModel,
    lines: Image.Image,
    tmp_path: Path,
    refiner: str | None,
    channels: int,
    file: str | None,
) -> None:
    plain = draw(model.pipe)
    save_controlnet(tmp_path / "net", refiner=refiner, control_in_dim=channels, file=file)
    with_controlnet(model, tmp_path / "net")
    assert (controlled(model, lines) == plain).all()


def test_controlnet_changes_the_picture_and_the_map_matters(
    model: LoadedModel, lines: Image.Image, tmp_path: Path
) -> None:
    plain = draw(model.pipe)
    with_controlnet(model, save_controlnet(tmp_path / "net", strength=0.1))
    drawn = controlled(model, lines)
    assert np.isfinite(drawn).all()
    assert abs(drawn - plain).mean() > 0.01
    other = controlled(model, lines.transpose(Image.Transpose.TRANSPOSE))
    assert abs(drawn - other).max() > 1e-3
    assert (controlled(model, lines, scale=0.0) == plain).all()
    assert (draw(model.pipe) == plain).all()


def test_inpainting_takes_map_mask_and_source(
    model: LoadedModel, lines: Image.Image, tmp_path: Path
) -> None:
    with_controlnet(model, save_controlnet(tmp_path / "net", strength=0.1))
    net = load_controlnet(model)
    pipe = model.as_pipeline("ZImageControlNetInpaintPipeline", controlnet=net)
    source, mask = Image.new("RGB", (96, 96), "blue"), Image.new("L", (96, 96))
    mask.paste(255, (32, 32, 64, 64))
    given = {"image": source, "mask_image": mask, "control_image": lines}
    drawn = draw(pipe, controlnet_conditioning_scale=0.75, **given)
    whole = draw(pipe, controlnet_conditioning_scale=0.75, **{**given, "mask_image": source})
    assert abs(drawn - whole).max() > 1e-3
    assert net.config.control_in_dim == 2 * model.pipe.transformer.in_channels + 1


def test_offloaded_controlnet_comes_for_its_step_and_goes_again(
    model: LoadedModel, lines: Image.Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_controlnet(model, save_controlnet(tmp_path / "net", strength=0.1))
    wanted = controlled(model, lines)
    model.extras.clear()
    model.derived.clear()
    monkeypatch.setattr(model, "offloaded", True)  # on a CPU the way is the same
    net, moved = load_controlnet(model), []
    monkeypatch.setattr(net, "to", lambda place: moved.append(("net", place)))
    monkeypatch.setattr(net.control_layers, "to", lambda place: moved.append(("layers", place)))
    assert (controlled(model, lines) == wanted).all()
    assert moved == [("net", torch.device("cpu")), ("layers", "cpu")] * 2
    assert net._hf_hook.execution_device == model.device


def test_no_weight_exists_twice_and_the_transformer_stays_as_it_was(
    model: LoadedModel, lines: Image.Image, tmp_path: Path
) -> None:
    transformer = model.pipe.transformer
    before = copy_of(transformer)
    places = {name: values.data_ptr() for name, values in transformer.named_parameters()}
    with_controlnet(model, save_controlnet(tmp_path / "net", strength=0.1))
    net = load_controlnet(model)
    controlled(model, lines)
    pipe = model.derived["ZImageControlNetPipeline"]
    assert load_controlnet(model) is net
    assert pipe.controlnet is net
    for name in ("transformer", "vae", "text_encoder"):
        assert getattr(pipe, name) is getattr(model.pipe, name)
    theirs = {name: values.data_ptr() for name, values in net.named_parameters()}
    shared = set(places) & set(theirs)
    assert {"x_pad_token", "cap_pad_token", "all_x_embedder.2-1.weight"} <= shared
    assert len(shared) > 20
    assert all(theirs[name] == places[name] for name in shared)
    own = [name for name in theirs if name not in shared]
    assert all(name.startswith("control_") for name in own)
    after = copy_of(transformer)
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert {p.data_ptr() for p in transformer.parameters()} == set(places.values())


def test_single_file_gives_the_same_controlnet_as_the_folder(
    model: LoadedModel, tmp_path: Path
) -> None:
    folder = save_controlnet(tmp_path / "folder", strength=0.1)
    net = load_controlnet(with_controlnet(model, folder))
    wanted = copy_of(net)
    model.extras.clear()
    (tmp_path / "files").mkdir()
    for name in ("union-8steps.safetensors", "tile.safetensors"):
        save_controlnet(tmp_path / "files", strength=0.1, file=name)
    with_controlnet(model, tmp_path / "files", name="named", file="union-8steps.safetensors")
    again = load_controlnet(model)
    for name in ("control_layers_places", "control_in_dim", "add_control_noise_refiner", "n_heads"):
        assert again.config[name] == net.config[name]
    found = copy_of(again)
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)
    assert again.dtype == model.dtype


def test_unloading_the_model_frees_it(store: ModelStore, tmp_path: Path) -> None:
    import gc
    import weakref

    card = get_card(add_card(save_controlnet(tmp_path / "net")))
    loaded = store.get(card, require_weights(card))
    pipe = loaded.as_pipeline("ZImageControlNetPipeline", controlnet=load_controlnet(loaded))
    gone = weakref.ref(load_controlnet(loaded).control_layers)
    assert gone() is not None
    del loaded, pipe
    store.unload(card.id)
    gc.collect()
    assert gone() is None


def test_what_is_missing_or_wrong_is_one_sentence(model: LoadedModel, tmp_path: Path) -> None:
    with refused("no-controlnet", "model"):
        load_controlnet(model)
    with_controlnet(model, tmp_path / "nowhere")
    with refused("weights-missing", "model", WeightsMissing) as caught:
        load_controlnet(model)
    assert str(tmp_path / "nowhere") in str(caught.value)
    folder = save_controlnet(tmp_path / "wide", dim=96)
    with_controlnet(model, folder, name="wide")
    with refused("controlnet-of-another-model", "controlnet") as differs:
        load_controlnet(model)
    assert {"96", "288"} <= set(re.findall(r"\d+", str(differs.value)))
    weights = folder / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with refused("weights-missing", "model", WeightsMissing):
        load_controlnet(model)
    save_controlnet(tmp_path / "two", file="a.safetensors")
    save_controlnet(tmp_path / "two", file="b.safetensors")
    with_controlnet(model, tmp_path / "two", name="two")
    with refused("weights-missing", "model", WeightsMissing) as caught:
        load_controlnet(model)
    assert "a.safetensors, b.safetensors" in str(caught.value)
    (tmp_path / "lora").mkdir()
    weights = require_weights(get_card("nano-turbo")) / "vae/diffusion_pytorch_model.safetensors"
    (tmp_path / "lora" / "vae.safetensors").write_bytes(weights.read_bytes())
    with_controlnet(model, tmp_path / "lora", name="lora")
    with refused("weights-missing", kind=WeightsMissing):
        load_controlnet(model)
    assert not model.extras


def test_too_little_memory_is_said_before_anything_is_read(
    model: LoadedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_controlnet(model, save_controlnet(tmp_path / "net"))
    monkeypatch.setattr("zimg_kernel.models.device.free_bytes", lambda device: 1000)
    with refused("out-of-memory", kind=OutOfMemory):
        load_controlnet(model)
