"""The enhancer with the encoder in memory: one copy of the weights, seeds, turns, cancelling."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch

from refusals import refused
from writer import ANSWER, PROMPT, make_babbler, make_writer
from zimg_kernel.engine.local import LocalEngine
from zimg_kernel.errors import JobCancelled, ZimgError
from zimg_kernel.params import GenerationParams
from zimg_kernel.prompts import enhance, enhancing
from zimg_kernel.prompts.enhancer import text_encoder as local
from zimg_kernel.prompts.enhancer.instructions import messages


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    parent = tmp_path_factory.mktemp("writers")
    babbler = make_babbler(parent / "babbler")
    return make_writer(parent / "writer", babbler), babbler


@pytest.fixture(scope="module")
def drawing() -> Iterator[LocalEngine]:
    engine = LocalEngine()
    yield engine
    engine.close()


@pytest.fixture(autouse=True)
def cards(own_home: Path, folders: tuple[Path, Path]) -> None:
    own_home.mkdir(exist_ok=True)
    lines = [
        f"{name}: {{like: z-image-turbo, title: {name}, source: {{folder: {folder}}}, "
        "min_side: 64, default_size: [64, 64], sizes: []}\n"
        for name, folder in zip(("writer", "babbler"), folders, strict=True)
    ]
    (own_home / "models.yaml").write_text("".join(lines))


def babble(model: Any, seed: int, show: Callable[[str], None] = len, **changes: Any) -> str:
    given = {"max_tokens": 24, "temperature": 1.0, **changes}
    options = local.EnhanceOptions(seed, show=show, **given)
    return local.write(model, messages("a cat", "en"), options).text


def storages(modules: Any) -> dict[int, int]:
    """Bytes of each block of memory that parameters and buffers lie in, by its address."""
    found = {}
    for module in modules:
        for tensor in (*module.parameters(), *module.buffers()):
            block = tensor.untyped_storage()
            found[block.data_ptr()] = block.nbytes()
    return found


def live_bytes() -> int:
    """All memory that tensors of this process hold."""
    gc.collect()
    blocks = {}
    for thing in gc.get_objects():
        if issubclass(type(thing), torch.Tensor) and thing.device.type == "cpu":
            block = thing.untyped_storage()
            try:
                blocks[block.data_ptr()] = block.nbytes()
            except RuntimeError:  # left by a compiler in an earlier test: it has no memory
                pass
    return sum(blocks.values())


def test_no_weight_is_there_twice(drawing: LocalEngine) -> None:
    process = psutil.Process()

    def measure(model: Any, stop: Callable[[], bool]) -> None:
        encoder = model.pipe.text_encoder
        size = sum(storages([encoder]).values())
        assert size > 60e6
        parts = [p for p in model.pipe.components.values() if isinstance(p, torch.nn.Module)]
        before = storages(parts)
        writer = local.writer_of(encoder)
        head, embedding = writer.lm_head.weight, encoder.embed_tokens.weight
        assert head is embedding
        assert head.data_ptr() == embedding.data_ptr()
        assert writer.model is encoder
        assert storages([*parts, writer]) == before
        assert not any(tensor.is_meta for tensor in (*writer.parameters(), *writer.buffers()))
        del writer, head, embedding
        babble(model, 1)  # what is imported and allotted once
        tensors, resident = live_bytes(), process.memory_info().rss
        seen: list[tuple[int, int]] = []

        def look(_text: str) -> None:
            if not seen:
                seen.append((live_bytes(), process.memory_info().rss))

        babble(model, 2, look)
        assert seen[0][0] - tensors < size / 20
        assert seen[0][1] - resident < size / 2
        assert live_bytes() == tensors

    drawing.do(measure, "babbler").result(60)


def test_a_seed_decides_the_words_and_leaves_torchs_own_numbers_alone(
    drawing: LocalEngine,
) -> None:
    def measure(model: Any, stop: Callable[[], bool]) -> list[str]:
        before = torch.get_rng_state()
        texts = [babble(model, seed) for seed in (1, 1, 2)]
        texts += [babble(model, seed, temperature=0.0) for seed in (1, 2)]
        assert torch.equal(before, torch.get_rng_state())
        return texts

    same, again, other, cold, cold_again = drawing.do(measure, "babbler").result(60)
    assert same == again
    assert other != same
    assert cold == cold_again


def test_the_encoder_in_memory_writes_while_one_watches(drawing: LocalEngine) -> None:
    seen: list[tuple[int, str, str]] = []
    found = enhance(
        PROMPT,
        2,
        model="writer",
        engine=drawing,
        seed=3,
        temperature=0.1,
        on_text=lambda i, text: seen.append((i, text, threading.current_thread().name)),
    )
    first = found[0]
    assert (first.text, first.made, first.language) == (ANSWER, "encoder", "zh")
    assert first.repaired == first.refused == ()
    assert "新品上市" in first.kept
    growing = [text for index, text, _ in seen if index == 0]
    assert len(growing) > 40
    assert all(after.startswith(before) for before, after in pairwise(growing))
    assert "\ufffd" not in "".join(growing)
    assert {name for index, _, name in seen[:40]} == {"zimg"}
    # It knows but one answer: the second is refused as the same, and made of clauses.
    assert found[1].made == "offline"
    assert found[1].text.startswith(PROMPT)
    assert found[1].refused[0] == "it is the same as another candidate"
    again = enhance(PROMPT, 1, model="writer", engine=drawing, seed=3, temperature=0.1)
    assert again == found[:1]


def test_nonsense_becomes_clauses_with_a_sentence(drawing: LocalEngine) -> None:
    found = enhance("a cat", 1, model="babbler", engine=drawing, seed=1, max_tokens=16)
    assert found[0].text.startswith("a cat, ")
    assert found[0].made == "offline"
    assert len(found[0].refused) == 3
    assert found[0].notes[0].startswith("None of 3 attempts to write this one could be used")
    assert "None of 3 attempts" in repr(found)


def test_cancelling_stops_at_the_next_word_and_frees_the_engine(drawing: LocalEngine) -> None:
    seen: list[str] = []

    def look(_index: int, text: str) -> None:
        seen.append(text)
        if len(seen) == 3:
            handle.cancel()

    handle = enhancing(
        "a cat", 2, model="babbler", engine=drawing, max_tokens=400, temperature=2, on_text=look
    )
    with pytest.raises(JobCancelled):
        handle.result(60)
    drawn = drawing.submit(GenerationParams(prompt="a cat", model="babbler", steps=1), save=False)
    assert drawn.result(60).image.size == (64, 64)
    assert len(seen) == 3
    assert handle.status == "cancelled"
    assert handle.candidates == []


def test_pictures_and_words_take_turns_and_do_not_change_each_other(drawing: LocalEngine) -> None:
    params = GenerationParams(prompt="a cat", model="writer", steps=2, seed=5, count=2)
    before = [image.image.tobytes() for image in drawing.submit(params, save=False).results(60)]
    drawing._cache.clear()  # so that the encoder is asked again
    job = drawing.submit(params, save=False)
    waiting = enhancing(PROMPT, 1, model="writer", engine=drawing, temperature=0.1)
    later = drawing.submit(params, save=False)
    assert waiting.result(60)[0].text == ANSWER
    assert job.finished
    for done in (job, later):
        assert [image.image.tobytes() for image in done.results(60)] == before


def test_what_waits_is_cancelled_without_being_begun(drawing: LocalEngine) -> None:
    free = threading.Event()
    busy = drawing.do(lambda model, stop: free.wait(60), "babbler")
    handle = enhancing("a cat", 1, model="babbler", engine=drawing)
    handle.cancel()
    with pytest.raises(JobCancelled):
        handle.result(20)
    assert not busy.done()
    free.set()
    assert busy.result(60)


def test_closing_the_engine_ends_what_is_being_written(folders: tuple[Path, Path]) -> None:
    engine = LocalEngine()
    begun = threading.Event()
    handle = enhancing(
        "a cat",
        1,
        model="babbler",
        engine=engine,
        max_tokens=4000,
        temperature=2,
        on_text=lambda i, text: begun.set(),
    )
    assert begun.wait(60)
    engine.close()
    with pytest.raises(JobCancelled):
        handle.result(30)


def test_failure_of_a_model_task_is_one_sentence(drawing: LocalEngine) -> None:
    def fail(model: Any, stop: Callable[[], bool]) -> None:
        raise KeyError("x")

    with refused("drawing-failed", kind=ZimgError):
        drawing.do(fail, "babbler").result(30)
    with refused("unknown-model", "model"):
        drawing.do(fail, "nothing")


def test_the_head_goes_where_a_hook_moves_the_encoder(drawing: LocalEngine) -> None:
    """As model offload does; a number format stands for the GPU, which need not be here."""
    from accelerate.hooks import ModelHook, add_hook_to_module, remove_hook_from_module

    class Move(ModelHook):
        def pre_forward(self, module: Any, *args: Any, **kwargs: Any) -> Any:
            module.to(torch.float64)
            return args, kwargs

    def measure(model: Any, stop: Callable[[], bool]) -> tuple[str, str]:
        encoder = model.pipe.text_encoder
        writer = local.writer_of(encoder)
        before = babble(model, 1, temperature=0.0)
        add_hook_to_module(encoder, Move())
        try:
            moved = babble(model, 1, temperature=0.0)
            assert writer.lm_head.weight.dtype == encoder.embed_tokens.weight.dtype == torch.float64
        finally:
            remove_hook_from_module(encoder)
            encoder.to(torch.float32)
        return before, moved

    before, moved = drawing.do(measure, "babbler").result(60)
    assert moved == before


def test_an_encoder_without_tied_embeddings_cannot_write(drawing: LocalEngine) -> None:
    def look(model: Any, stop: Callable[[], bool]) -> tuple[bool, bool]:
        config = model.pipe.text_encoder.config
        tied = local.can_write(model)
        config.tie_word_embeddings = False
        try:
            return tied, local.can_write(model)
        finally:
            config.tie_word_embeddings = True

    assert drawing.do(look, "babbler").result(30) == (True, False)
