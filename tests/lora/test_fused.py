"""LoRAs fused into a pipeline by hand: seen, and gone when the model is read anew."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from lora_changes import NANO, change
from lora_files import ASKED, SIDE
from refusals import refused
from zimg_kernel import GenerationParams, LocalEngine
from zimg_kernel.models.weight_samples import WeightSamples

ASK = GenerationParams(prompt=ASKED, model=NANO, steps=1, seed=1, width=SIDE, height=SIDE)


@pytest.fixture
def spoilt(engine: LocalEngine) -> Iterator[LocalEngine]:
    """The engine; its models are read anew after the test."""
    yield engine
    engine.unload()


def draw(engine: LocalEngine, model: str = NANO) -> bytes:
    return engine.submit(ASK.replace(model=model), preview="none").result().image.tobytes()


def test_a_fused_lora_is_refused_until_the_model_is_read_anew(
    spoilt: LocalEngine, lesson: Path
) -> None:
    before = draw(spoilt)
    pipe = spoilt.pipeline(NANO)
    pipe.load_lora_weights(str(lesson), adapter_name="mine")
    pipe.fuse_lora()
    with refused("weights-changed", "model"):
        draw(spoilt)
    with refused("weights-changed", "model"):
        change(spoilt, str(lesson))
    pipe.unload_lora_weights()
    with refused("weights-changed", "model"):
        draw(spoilt)
    spoilt.unload(NANO)
    assert draw(spoilt) == before


def test_another_model_does_not_take_over_changed_weights(spoilt: LocalEngine) -> None:
    before = draw(spoilt, "nano-base")
    transformer = spoilt.pipeline("nano-base").transformer
    assert spoilt.pipeline("nano-edit").transformer is transformer
    with torch.no_grad():
        transformer.layers[0].attention.to_q.weight.mul_(1.01)
    with refused("weights-changed", "model"):
        draw(spoilt, "nano-base")
    spoilt.unload("nano-base")
    assert draw(spoilt, "nano-base") == before


def test_samples_tell_changes_from_moves(engine: LocalEngine) -> None:
    module = copy.deepcopy(engine.pipeline(NANO).transformer)
    samples = WeightSamples(module)
    assert not samples.changed()
    module.to(torch.bfloat16)
    assert not samples.changed()  # of another type nothing can be said
    module.to(torch.float32)
    module.layers[1].attention.to_k = torch.nn.Linear(288, 288, bias=False)
    assert not samples.changed()
    module.layers[3].feed_forward.w2.weight.data[0].add_(1e-3)
    assert samples.changed()


def test_looking_takes_milliseconds(engine: LocalEngine) -> None:
    samples = WeightSamples(engine.pipeline(NANO).transformer)
    start = time.thread_time()
    for _ in range(10):
        assert not samples.changed()
    assert (time.thread_time() - start) / 10 < 0.05
