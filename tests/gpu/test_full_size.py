"""The engine with a model of full size on a CUDA GPU of 40 GB or more, by stock modules.

Skipped elsewhere. On a machine with such a GPU:

    python -m pytest -o addopts= tests/gpu
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from refusals import refused
from zimg_kernel import GeneratedImage, GenerationParams, LocalEngine, OutOfMemory
from zimg_kernel.engine.events import Step

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available() or torch.cuda.mem_get_info()[1] < 40e9,
    reason="needs a CUDA GPU of 40 GB",
)


@pytest.fixture(autouse=True)
def cards(folder: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMG_SPEED", "stock")
    own_home.mkdir()
    card = f"{{like: z-image-turbo, source: {{folder: {folder}}}}}"
    (own_home / "models.yaml").write_text(f"full: {card}\nagain: {card}\n")


@pytest.fixture
def engine() -> Iterator[LocalEngine]:
    engine = LocalEngine()
    yield engine
    engine.close()
    assert torch.cuda.memory_allocated() < 200e6, "the engine kept memory after closing"


def draw(engine: LocalEngine, **fields: object) -> GeneratedImage:
    base = {"model": "full", "prompt": "一只猫", "seed": 1, "width": 512, "height": 512}
    return engine.submit(GenerationParams(**{**base, **fields})).result(300)


def test_same_bytes_batches_and_sharing(engine: LocalEngine) -> None:
    first = draw(engine)
    assert first.device.startswith("cuda")
    assert first.device.endswith("bfloat16")
    assert first.image.tobytes() == draw(engine).image.tobytes()
    batch = engine.submit(first.params.replace(count=2)).results(300)
    assert batch[0].image.tobytes() == first.image.tobytes()
    assert batch[1].image.tobytes() == draw(engine, seed=2).image.tobytes()
    before = torch.cuda.memory_allocated()
    draw(engine, model="again")
    assert engine.loaded == ["full", "again"]
    # Every file is equal, so the second model takes no weights of its own.
    assert torch.cuda.memory_allocated() - before < 100e6


def test_the_full_size_range_fits_and_cancel_is_quick(engine: LocalEngine) -> None:
    assert draw(engine, width=2048, height=2048, steps=2).image.size == (2048, 2048)
    job = engine.submit(GenerationParams(model="full", prompt="x", steps=100, seed=1))
    asked = 0.0
    for event in job.events(300):
        if isinstance(event, Step) and event.step == 3:
            asked = time.perf_counter()
            job.cancel()
    assert job.status == "cancelled"
    assert time.perf_counter() - asked < 1.0


def test_out_of_memory_is_a_sentence_with_what_fits_and_the_engine_lives_on(
    engine: LocalEngine,
) -> None:
    draw(engine)
    total = torch.cuda.mem_get_info()[1]
    torch.cuda.set_per_process_memory_fraction(22.5e9 / total)
    try:
        with refused("out-of-memory", "size", OutOfMemory) as e:
            draw(engine, width=2048, height=2048, steps=1)
        print(e.value)
        assert draw(engine).image.size == (512, 512)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def test_a_card_that_is_too_small_gets_the_parts_in_turn(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident = draw(engine)
    engine.unload()
    from zimg_kernel.models import device

    total = torch.cuda.mem_get_info()[1]
    torch.cuda.set_per_process_memory_fraction(16e9 / total)
    monkeypatch.setattr(
        device, "free_bytes", lambda d, limit=0: int(16e9) - torch.cuda.memory_allocated(d)
    )
    try:
        draw(engine)
        torch.cuda.reset_peak_memory_stats()
        image = draw(engine)
        assert image.device.endswith("offloaded")
        assert image.image.tobytes() == resident.image.tobytes()
        print("offloaded", image.timings, torch.cuda.max_memory_allocated() / 1e9)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
