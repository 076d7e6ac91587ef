"""Pictures of the miniatures by the faster parts: near the stock ones, whatever is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from zimg_kernel import GenerationParams, LocalEngine, get_card
from zimg_kernel.edit import img2img, inpaint
from zimg_kernel.engine import use_engine
from zimg_kernel.lora.apply import apply_loras
from zimg_kernel.models.load_profile import LoadProfile
from zimg_kernel.models.loading import load_model
from zimg_kernel.models.weights import require_weights
from zimg_kernel.sampling.prompt_embeddings import PromptCache
from zimg_kernel.sampling.sampler import Sampler
from zimg_kernel.speed.forward import FastForward
from zimg_kernel.speed.residence import Residence, plan
from zimg_kernel.z_image.sizes import sizes_of

CPU = torch.device("cpu")
WAYS: dict[str, Any] = {
    "resident": None,
    "from RAM": (0, 0),
    "partly from RAM": (3, 1),
}


def draw(model: Any, **fields: Any) -> np.ndarray:
    base = {
        "prompt": "左边一个红色的圆，右边一个蓝色的方块",
        "seed": 1,
        "width": 128,
        "height": 160,
    }
    params = model.card.fill(
        GenerationParams(**{**base, "width": 128, "height": 160, "steps": 3, **fields})
    )
    sampler = Sampler(model, PromptCache())
    made = sampler.draw(params, lambda *_: None, lambda: False, "none")
    assert made is not None
    return np.asarray(made.image).astype(int)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["nano-turbo", "nano-base"])
def test_pictures_are_those_of_the_stock_modules(name: str, way: str) -> None:
    card, residence = get_card(name), None
    folder = require_weights(card)
    profile = LoadProfile("float32", speed="exact")
    if WAYS[way] is not None:
        sizes = sizes_of(folder, profile)
        residence = Residence(*WAYS[way], 64 * 64, 1e9, 1e9, 128 * 160, sizes)
    stock = load_model(card, folder, CPU, {}, offload=False, profile=LoadProfile("float32"))
    fast = load_model(
        card, folder, CPU, {}, offload=residence is not None, profile=profile, residence=residence
    )
    assert fast.speed.transformer is not None
    assert fast.speed.encoder is not None
    assert fast.speed.decoder is not None
    requests: list[dict[str, Any]] = [{}, {"width": 112, "prompt": "a green triangle"}]
    if name == "nano-base":
        requests.append({"guidance": 3.0, "negative_prompt": "a blue square", "steps": 2})
    for fields in requests:
        assert np.abs(draw(fast, **fields) - draw(stock, **fields)).max() <= 1


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalEngine]:
    monkeypatch.setenv("ZIMG_SPEED", "exact")
    engine = LocalEngine()
    before = use_engine(engine)
    yield engine
    use_engine(before)
    engine.close()


def test_edits_and_loras(
    engine: LocalEngine, lesson: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Image.new("RGB", (128, 128), "navy")
    mask = Image.new("L", (128, 128))
    mask.paste(255, (32, 32, 96, 96))
    fields = {"seed": 3, "steps": 3, "model": "nano-turbo"}

    def pictures() -> list[np.ndarray]:
        made = [
            img2img(source, "a red circle", strength=0.7, **fields).result(100),
            inpaint(source, mask, "a red circle", **fields).result(100),
        ]
        for loras in ((), ((str(lesson), 1.0),), ()):
            params = GenerationParams(
                prompt="a red circle", loras=loras, width=128, height=128, **fields
            )
            made.append(engine.submit(params).result(100))
        return [np.asarray(one.image).astype(int) for one in made]

    fast = pictures()
    assert isinstance(engine.pipeline("nano-turbo").transformer.forward, FastForward)
    engine.unload()
    monkeypatch.setenv("ZIMG_SPEED", "stock")
    for found, expected in zip(fast, pictures(), strict=True):
        assert np.abs(found - expected).max() <= 2
    assert np.array_equal(fast[2], fast[4])
    assert not np.array_equal(fast[2], fast[3])


def test_plan_keeps_to_the_room() -> None:
    card = get_card("nano-turbo")
    sizes = sizes_of(require_weights(card), LoadProfile("float32", speed="exact"))
    pixels = 256 * 256
    whole = sizes.whole(pixels)
    assert plan(sizes, whole, pixels) is not None
    assert not plan(sizes, whole, pixels).waits  # type: ignore[union-attr]
    before = None
    for room in (whole * 3, whole + 1, whole - 1, whole * 0.8, whole * 0.5, 1.0):
        found = plan(sizes, room, pixels)
        if found is None:
            break
        assert found.peak <= room
        if before is not None and before.waits:
            assert found.blocks <= before.blocks
        before = found
    assert plan(sizes, 1.0, pixels) is None


def test_a_larger_picture_lets_parts_wait() -> None:
    card = get_card("nano-turbo")
    folder, profile = require_weights(card), LoadProfile("float32", speed="exact")
    sizes = sizes_of(folder, profile)
    residence = Residence(4, 2, 64 * 64, 1e9, 1e9, 128 * 160, sizes)
    model = load_model(card, folder, CPU, {}, offload=True, profile=profile, residence=residence)
    before = draw(model)
    streams = model.speed.encoder.stream, model.speed.transformer.stream
    assert [stream.resident for stream in streams] == [2, 4]
    draw(model, width=256, height=256)
    assert sum(stream.resident for stream in streams) < 6
    assert np.array_equal(draw(model), before)


@pytest.mark.usefixtures("may_give_way")
def test_a_record_tells_of_a_part_that_gave_way(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("no C compiler")

    monkeypatch.setattr("zimg_kernel.speed.transformer.PlainTransformer.step", fails)
    params = GenerationParams(prompt="a red circle", width=128, height=128, steps=1, seed=1)
    job = engine.submit(params)
    assert job.result(100).device.endswith(", stock")
    assert any("no C compiler" in str(warning) for warning in job.warnings)


def test_an_encoder_that_models_share_is_packed_once() -> None:
    profile, shared = LoadProfile("float32", speed="exact"), {}
    turbo, base = (get_card(name) for name in ("nano-turbo", "nano-base"))
    first = load_model(turbo, require_weights(turbo), CPU, shared, offload=False, profile=profile)
    shared = {print_: getattr(first.pipe, name) for name, print_ in first.fingerprints.items()}
    second = load_model(base, require_weights(base), CPU, shared, offload=False, profile=profile)
    assert second.pipe.text_encoder is first.pipe.text_encoder
    assert second.speed.encoder is first.speed.encoder
    assert second.speed.decoder is first.speed.decoder
    assert second.speed.transformer is not first.speed.transformer


def test_loras_where_parts_wait(lesson: Path) -> None:
    card = get_card("nano-turbo")
    folder, profile = require_weights(card), LoadProfile("float32", speed="exact")
    residence = Residence(2, 1, 64 * 64, 1e9, 1e9, 128 * 160, sizes_of(folder, profile))
    stock = load_model(card, folder, CPU, {}, offload=False, profile=LoadProfile("float32"))
    fast = load_model(card, folder, CPU, {}, offload=True, profile=profile, residence=residence)
    before, drawn = draw(fast, prompt="a red circle"), []
    for model in (fast, stock):
        with apply_loras(model, [(str(lesson), 1.0)]):
            drawn.append(draw(model, prompt="a red circle"))
    assert np.abs(drawn[0] - drawn[1]).max() <= 2
    assert np.abs(drawn[0] - before).max() > 20
    assert np.array_equal(draw(fast, prompt="a red circle"), before)
