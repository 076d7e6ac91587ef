"""Load profiles: one model in memory in two number formats at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from refusals import refused
from zimg_kernel import GenerationParams, LocalEngine, get_card, use_profile
from zimg_kernel.models.load_profile import LoadProfile, profile_of
from zimg_kernel.models.loading import ModelStore
from zimg_kernel.models.weights import require_weights
from zimg_kernel.sampling.prompt_embeddings import PromptCache
from zimg_kernel.sampling.sampler import Sampler

CPU = torch.device("cpu")


@pytest.fixture
def store() -> Iterator[ModelStore]:
    models = ModelStore(CPU)
    yield models
    models.unload()


def drawn(model: object) -> bytes:
    params = get_card("nano-turbo").fill(
        GenerationParams(prompt="a red circle", seed=1, width=128, height=128, steps=2)
    )
    made = Sampler(model, PromptCache()).draw(params, lambda *_: None, lambda: False, "none")  # type: ignore[arg-type]
    assert made is not None
    return made.image.tobytes()


def test_two_number_formats_of_a_model_stand_side_by_side(store: ModelStore) -> None:
    card = get_card("nano-turbo")
    folder = require_weights(card)
    full = store.get(card, folder)
    before = drawn(full)
    half = store.get(card, folder, LoadProfile("bfloat16"))
    assert half is not full
    assert (full.dtype, half.dtype) == (torch.float32, torch.bfloat16)
    assert half.pipe.transformer is not full.pipe.transformer
    assert full.pipe.transformer.dtype == torch.float32
    assert drawn(half) != before
    assert drawn(full) == before
    assert store.loaded == ["nano-turbo"]
    assert store.get(card, folder) is full
    assert store.get(card, folder, LoadProfile("bfloat16")) is half
    assert store.find("nano-turbo") is half  # the last used
    store.unload("nano-turbo")
    assert store.loaded == []


def test_models_of_one_profile_share_what_is_equal(store: ModelStore) -> None:
    turbo, base = get_card("nano-turbo"), get_card("nano-base")
    one = store.get(turbo, require_weights(turbo), LoadProfile("bfloat16"))
    other = store.get(base, require_weights(base), LoadProfile("bfloat16"))
    assert one.pipe.vae is other.pipe.vae
    assert store.get(base, require_weights(base)).pipe.vae is not one.pipe.vae


def test_settings_and_card_make_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    card = get_card("z-image-turbo")
    assert profile_of(card, CPU) == LoadProfile("float32")
    assert profile_of(card, torch.device("cuda")) == LoadProfile("bfloat16", speed="exact")
    monkeypatch.setenv("ZIMG_DTYPE", "bf16")
    assert profile_of(card, CPU) == LoadProfile("bfloat16")
    monkeypatch.setenv("ZIMG_DTYPE", "fp16")
    with refused("unknown-choice", "ZIMG_DTYPE"):
        profile_of(card, CPU)


def test_speed_and_memory_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    card, cuda = get_card("z-image-turbo"), torch.device("cuda")
    assert profile_of(card, CPU).speed == "stock"
    monkeypatch.setenv("ZIMG_SPEED", "fast")
    monkeypatch.setenv("ZIMG_MEMORY", "8 GB")
    assert profile_of(card, cuda) == LoadProfile("bfloat16", speed="fast", memory=8.0)
    monkeypatch.setenv("ZIMG_SPEED", "faster")
    with refused("unknown-choice", "ZIMG_SPEED"):
        profile_of(card, cuda)
    monkeypatch.setenv("ZIMG_SPEED", "auto")
    for wrong in ("1GB", "much", "8TB", "-4"):
        monkeypatch.setenv("ZIMG_MEMORY", wrong)
        with refused("out-of-range", "ZIMG_MEMORY"):
            profile_of(card, cuda)


def test_a_profile_is_chosen_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMG_SPEED", "stock")
    monkeypatch.setenv("ZIMG_MEMORY", "auto")
    card, cuda = get_card("z-image-turbo"), torch.device("cuda")
    use_profile(speed="fast")
    assert profile_of(card, cuda) == LoadProfile("bfloat16", speed="fast")
    use_profile(memory=8)
    chosen = LoadProfile("bfloat16", speed="fast", memory=8.0)
    assert profile_of(card, cuda) == chosen
    assert chosen.description == ", fast (fp8), within 8 GB"
    with refused("unknown-choice", "ZIMG_SPEED"):
        use_profile(speed="faster", memory=12)  # type: ignore[arg-type]
    with refused("out-of-range", "ZIMG_MEMORY"):
        use_profile(speed="exact", memory=1.5)
    assert profile_of(card, cuda) == chosen
    use_profile(speed="auto", memory="auto")
    assert profile_of(card, cuda) == LoadProfile("bfloat16", speed="exact")
    use_profile(speed="exact", memory="6.5 GB")
    assert profile_of(card, CPU) == LoadProfile("float32", speed="exact")  # RAM is not kept to
    assert LoadProfile("float32").description == ""


def test_a_choice_counts_for_the_next_picture(
    as_default: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZIMG_SPEED", "stock")
    params = GenerationParams(
        prompt="a red circle", seed=1, width=128, height=128, steps=2, model="nano-turbo"
    )
    assert as_default.submit(params).result(100).device == "cpu, float32"
    use_profile(speed="exact")
    assert as_default.submit(params).result(100).device == "cpu, float32, exact"


def test_what_a_device_cannot_do_is_refused(store: ModelStore) -> None:
    card = get_card("nano-turbo")
    folder: Path = require_weights(card)
    with refused("profile-not-possible", "speed"):
        store.get(card, folder, LoadProfile("float32", speed="fast"))
    with refused("profile-not-possible", "speed"):
        store.get(card, folder, LoadProfile("float32", speed="faster"))  # type: ignore[arg-type]


def test_an_attention_backend_has_a_transformer_of_its_own(store: ModelStore) -> None:
    card = get_card("nano-turbo")
    folder = require_weights(card)
    usual = store.get(card, folder)
    other = store.get(card, folder, LoadProfile("float32", attention="_native_math"))
    assert other.pipe.transformer is not usual.pipe.transformer
    assert other.pipe.vae is usual.pipe.vae
    assert len(drawn(other)) == len(drawn(usual))


def test_parts_that_wait_need_ram(monkeypatch: pytest.MonkeyPatch) -> None:
    from zimg_kernel.errors import OutOfMemory
    from zimg_kernel.models.memory import check_ram

    card = get_card("nano-turbo")
    check_ram(card, 1000)
    with refused("out-of-memory", "model", OutOfMemory):
        check_ram(card, 10**15)


def test_two_cards_are_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    card, cuda = get_card("z-image-turbo"), torch.device("cuda")
    monkeypatch.setenv("ZIMG_SPLIT", "2")
    found = profile_of(card, cuda)
    assert found == LoadProfile("bfloat16", speed="exact", split=2)
    assert found.description == ", exact, 2 cards"
    assert found.variant_of("transformer") != LoadProfile("bfloat16", "exact").variant_of(
        "transformer"
    )
    monkeypatch.setenv("ZIMG_SPLIT", "3")
    with refused("unknown-choice", "ZIMG_SPLIT"):
        profile_of(card, cuda)


@pytest.mark.parametrize(
    ("cards", "more"),
    [(1, {"speed": "exact"}), (2, {"speed": "stock"}), (2, {"speed": "exact", "memory": 16.0}),
     (2, {"speed": "exact", "offload": "model"})],
)  # fmt: skip
def test_two_cards_where_they_cannot_be(
    cards: int, more: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cards)
    card, cuda = get_card("z-image-turbo"), torch.device("cuda")
    with refused("profile-not-possible", "split"):
        LoadProfile("bfloat16", split=2, **more).require_possible(card, cuda)
