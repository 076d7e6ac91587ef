"""The engine on the embedded miniature: jobs, events, cancelling, sharing, memory, same bytes."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from refusals import refused
from tiny import make_tiny_model
from zimg_kernel import (
    Gallery,
    GeneratedImage,
    GenerationParams,
    Job,
    JobCancelled,
    LocalEngine,
    OutOfMemory,
    WeightsMissing,
    ZimgError,
    get_card,
)
from zimg_kernel.engine.checks import check
from zimg_kernel.engine.events import (
    Cancelled,
    Done,
    Event,
    Failed,
    Finished,
    Queued,
    Started,
    Step,
)

PROMPT = "左边一个红色的圆，右边一个蓝色的方块"
NANO = "nano-turbo"


def small(**fields: object) -> GenerationParams:
    """A quick request: two steps at 128 px."""
    base = {"model": NANO, "prompt": PROMPT, "steps": 2, "width": 128, "height": 128, "seed": 1}
    return GenerationParams(**{**base, **fields})


def pixels(image: GeneratedImage) -> bytes:
    return image.image.tobytes()


@contextmanager
def held(engine: LocalEngine) -> Iterator[None]:
    """Let nothing be drawn within the block, so that a listener hears a job from its beginning."""
    go = threading.Event()
    engine.run(lambda model, stop: go.wait(60), NANO)
    try:
        yield
    finally:
        go.set()


def test_a_job_tells_its_story(engine: LocalEngine) -> None:
    previews: list[Image.Image | None] = []
    with held(engine):
        job = engine.submit(small(steps=3, width=128, height=192))
        job.on_event(lambda e: previews.append(e.preview) if isinstance(e, Step) else None)
    events = list(job.events(timeout=60))
    kinds = [type(event) for event in events]
    assert kinds == [Queued, Started, Step, Step, Step, Finished, Done]
    steps = [event for event in events if isinstance(event, Step)]
    assert [(s.step, s.steps, s.index, s.count) for s in steps] == [(i, 3, 0, 1) for i in (1, 2, 3)]
    assert [preview and preview.size for preview in previews] == [(171, 256)] * 3
    assert job.status == "done"
    assert job.progress == 1
    image = job.result()
    assert image.image.size == (128, 192)
    assert image.path is not None
    assert image.path.exists()
    assert set(image.timings) == {"text_encoder", "transformer", "vae", "total"}
    assert image.device == "cpu, float32"


def distances(engine: LocalEngine, params: GenerationParams, **how: Any) -> list[float]:
    """How far each preview is from the finished picture, in levels of 255."""
    previews: list[Image.Image] = []

    def look(event: Event) -> None:
        if isinstance(event, Step) and event.preview:
            previews.append(event.preview)

    with held(engine):
        job = engine.submit(params, **how)
        job.on_event(look)
    small = lambda image: np.asarray(image.resize((64, 64)), dtype=float)  # noqa: E731
    final = small(job.result(60).image)
    return [float(np.abs(small(preview) - final).mean()) for preview in previews]


def test_quick_previews_learn_from_the_first_pictures(engine: LocalEngine) -> None:
    engine.unload()  # what it has learned from the pictures of other tests, too
    params = GenerationParams(model=NANO, prompt=PROMPT, seed=1, count=3)
    engine.submit(params).results(60)
    far = distances(engine, params.replace(count=1, seed=9))
    assert far[-1] < far[0]
    assert far[-1] < 20


def test_sharp_previews_end_as_the_picture(engine: LocalEngine) -> None:
    params = GenerationParams(model=NANO, prompt=PROMPT, seed=1)
    far = distances(engine, params, preview="vae")
    assert far[-1] < 0.5 < far[0]


def test_submit_returns_at_once_and_jobs_take_turns(engine: LocalEngine) -> None:
    with held(engine):
        jobs = [engine.submit(small(seed=i, steps=8)) for i in range(4)]
        assert [job.status for job in jobs] == ["queued"] * 4
    # Before the first one is what holds them.
    assert [next(iter(job.events())).ahead for job in jobs] == [1, 2, 3, 4]  # type: ignore[union-attr]
    results = [job.result(60) for job in jobs]
    assert [r.created for r in results] == sorted(r.created for r in results)


def test_the_same_parameters_give_the_same_bytes(engine: LocalEngine) -> None:
    first = engine.submit(GenerationParams(model=NANO, prompt=PROMPT, seed=7)).result(60)
    again = engine.submit(first.params).result(60)
    assert pixels(first) == pixels(again)
    assert pixels(first) != pixels(engine.submit(first.params.replace(seed=8)).result(60))
    assert first.path is not None
    reopened = GeneratedImage.open(first.path)
    assert pixels(engine.submit(reopened.params).result(60)) == pixels(first)


def test_another_process_gives_the_same_bytes(engine: LocalEngine, tmp_path: Path) -> None:
    first = engine.submit(GenerationParams(model=NANO, prompt=PROMPT, seed=7)).result(60)
    (tmp_path / "p.json").write_text(first.params.to_json(), encoding="utf-8")
    code = (
        "import sys, zimg_kernel as z\n"
        "p = z.GenerationParams.from_json(open(sys.argv[1], encoding='utf-8').read())\n"
        "z.generate(p).save(sys.argv[2])\n"
    )
    out = tmp_path / "again.png"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "p.json"), str(out)], check=True)
    assert pixels(GeneratedImage.open(out)) == pixels(first)


@pytest.mark.parametrize("sampler", ["euler", "lcm", "unipc"])
def test_every_sampler_is_repeatable_and_differs(engine: LocalEngine, sampler: str) -> None:
    runs = [engine.submit(small(sampler=sampler, steps=4)).result(60) for _ in range(2)]
    assert pixels(runs[0]) == pixels(runs[1])
    if sampler != "euler":
        assert pixels(runs[0]) != pixels(engine.submit(small(steps=4)).result(60))


@pytest.mark.parametrize("change", [{"sigmas": "karras"}, {"sigmas": "beta"}, {"shift": 7.0}])
def test_sampler_options_reach_the_picture(engine: LocalEngine, change: dict[str, object]) -> None:
    plain = engine.submit(small(steps=4)).result(60)
    assert pixels(engine.submit(small(steps=4, **change)).result(60)) != pixels(plain)


def test_a_batch_equals_single_runs(engine: LocalEngine) -> None:
    batch = engine.submit(small(count=3, seed=10)).results(60)
    singles = [engine.submit(small(seed=seed)).result(60) for seed in (10, 11, 12)]
    assert [image.seed for image in batch] == [10, 11, 12]
    assert [pixels(image) for image in batch] == [pixels(image) for image in singles]
    assert [image.params for image in batch] == [image.params for image in singles]


def test_guidance_and_negative_prompt_reach_the_picture(engine: LocalEngine) -> None:
    images = [
        engine.submit(small(**fields)).result(60)
        for fields in ({}, {"guidance": 2.0}, {"guidance": 2.0, "negative_prompt": "红色"})
    ]
    assert len({pixels(image) for image in images}) == 3


def test_a_negative_prompt_without_guidance_changes_nothing_and_says_so(
    engine: LocalEngine,
) -> None:
    plain = engine.submit(small())
    job = engine.submit(small(negative_prompt="红色"))
    assert any("negative prompt has no effect" in sentence for sentence in job.warnings)
    assert plain.warnings == ()
    assert pixels(job.result(60)) == pixels(plain.result(60))


def test_a_known_prompt_needs_no_text_encoder(engine: LocalEngine) -> None:
    calls: list[int] = []
    encoder = engine.pipeline(NANO).text_encoder
    handle = encoder.register_forward_pre_hook(
        lambda _m, _a, kwargs: calls.append(kwargs["input_ids"].shape[1]), with_kwargs=True
    )
    try:
        prompt = f"一个绿色的星星 {time.time_ns()}"
        first = engine.submit(small(prompt=prompt, seed=1)).result(60)
        second = engine.submit(small(prompt=prompt, seed=2)).result(60)
    finally:
        handle.remove()
    assert len(calls) == 1
    assert calls[0] < 64  # the prompt's own tokens, not 512 padded ones
    assert pixels(first) != pixels(second)


def test_a_sampler_does_not_stay_in_the_pipeline(engine: LocalEngine) -> None:
    scheduler = engine.pipeline(NANO).scheduler
    engine.submit(small(sampler="lcm")).result(60)
    assert engine.pipeline(NANO).scheduler is scheduler


def test_the_engine_agrees_with_the_stock_pipeline(engine: LocalEngine) -> None:
    ours = engine.submit(GenerationParams(model=NANO, prompt=PROMPT, seed=3)).result(60)
    stock = engine.pipeline(NANO)(
        prompt=PROMPT,
        width=256,
        height=256,
        num_inference_steps=8,
        guidance_scale=0.0,
        generator=torch.Generator("cpu").manual_seed(3),
    ).images[0]
    difference = np.abs(np.asarray(stock, dtype=int) - np.asarray(ours.image, dtype=int))
    # Not bit for bit: the stock pipeline pads the text encoder's input to 512 tokens, and
    # sums of other lengths round differently.
    assert difference.mean() < 0.1


def test_cancel_stops_at_the_next_step_without_the_vae(engine: LocalEngine) -> None:
    decoded: list[int] = []
    vae = engine.pipeline(NANO).vae
    original = vae.decode
    vae.decode = lambda *a, **k: decoded.append(1) or original(*a, **k)
    try:
        with held(engine):
            job = engine.submit(small(steps=200))
            # In the thread that draws: a reader's own turn may come some steps later.
            job.on_event(lambda e: job.cancel() if isinstance(e, Step) and e.step == 3 else None)
        assert job.wait(60)
    finally:
        vae.decode = original
    last = list(job.events())
    assert isinstance(last[-1], Cancelled)
    assert max(e.step for e in last if isinstance(e, Step)) <= 5
    assert decoded == []
    with refused("cancelled", kind=JobCancelled):
        job.result()
    assert engine.submit(small()).result(60)


def test_a_waiting_job_is_cancelled_at_once(engine: LocalEngine) -> None:
    running, waiting = engine.submit(small(steps=100)), engine.submit(small())
    waiting.cancel()
    assert waiting.status == "cancelled"
    running.cancel()
    assert running.wait(60)
    assert waiting.images == []


def test_cancelling_a_batch_keeps_what_is_finished(engine: LocalEngine) -> None:
    with held(engine):
        job = engine.submit(small(count=50))
        job.on_event(lambda e: job.cancel() if isinstance(e, Finished) and e.index == 1 else None)
    assert job.wait(60)
    assert job.status == "cancelled"
    assert 2 <= len(job.images) <= 5  # up to two wait to be written while one is drawn
    assert all(image.path and image.path.exists() for image in job.images)


def test_an_interrupt_cancels_and_leaves_the_engine_usable(engine: LocalEngine) -> None:
    job = engine.submit(small(steps=200, width=384, height=384))
    for event in job.events(60):
        if isinstance(event, Step):
            break

    def interrupted() -> None:
        threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        job.result()

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert job.status == "cancelled"
    assert engine.submit(small()).result(60)


def test_a_listener_that_fails_does_not_stop_the_engine(engine: LocalEngine) -> None:
    job = engine.submit(small(steps=20))
    seen: list[object] = []
    job.on_event(lambda event: (seen.append(event), 1 / 0))
    assert job.result(60)
    assert seen


@pytest.mark.parametrize(
    ("fields", "code", "field", "named"),
    [
        ({"model": "nano-trubo"}, "unknown-model", "model", "nano-turbo"),
        ({"width": 64}, "out-of-range", "width", "128x128"),
        ({"height": 4096}, "out-of-range", None, "128x384"),
        ({"prompt": "红" * 600}, "prompt-too-long", "prompt", "512"),
        (
            {"prompt": "x", "guidance": 2.0, "negative_prompt": "红" * 600},
            "prompt-too-long",
            "negative_prompt",
            "512",
        ),
    ],
)
def test_what_the_model_cannot_do_is_refused_before_it_starts(
    engine: LocalEngine, fields: dict[str, object], code: str, field: str | None, named: str
) -> None:
    with refused(code, field) as caught:
        engine.submit(small(**fields))
    assert named in str(caught.value)  # the nearest value, the limit
    assert "\n" not in str(caught.value)
    assert engine.jobs() == []


def test_a_device_that_cannot_be_had_is_said_and_the_engine_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = LocalEngine()
    monkeypatch.setenv("ZIMG_DEVICE", "nonsense")
    with refused("device-unusable", "ZIMG_DEVICE"):
        engine.submit(small()).result(60)
    monkeypatch.delenv("ZIMG_DEVICE")
    assert engine.submit(small()).result(60)
    engine.close()


def test_absent_weights_are_one_sentence_with_the_command(engine: LocalEngine) -> None:
    with refused("weights-missing", "model", WeightsMissing) as caught:
        engine.submit(GenerationParams(model="z-image-turbo", prompt="x"))
    assert "32.9 GB" in str(caught.value)
    assert "zimg pull z-image-turbo" in str(caught.value)


def test_without_a_gpu_the_miniature_draws_and_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZIMG_DEVICE", "cpu")
    engine = LocalEngine()
    jobs = [engine.submit(GenerationParams(prompt=PROMPT, steps=1)) for _ in range(2)]
    assert [job.params.model for job in jobs] == [NANO, NANO]
    assert "built-in miniature" in jobs[0].warnings[0]
    assert "zimg pull z-image-turbo" in jobs[0].warnings[0]
    assert jobs[1].warnings == ()
    for job in jobs:
        job.result(60)
    engine.close()


def test_a_gallery_that_cannot_be_written_leaves_the_picture_in_memory(
    engine: LocalEngine, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    engine.gallery = Gallery(tmp_path / "file")
    job = engine.submit(small())
    image = job.result(60)
    assert image.path is None
    assert "still in memory" in job.warnings[-1]
    assert image.save(tmp_path / "rescued.png").exists()


@pytest.fixture
def two_tiny_models(tmp_path: Path, own_home: Path) -> tuple[str, str]:
    own_home.mkdir()
    lines = []
    for name, seed in (("tiny-a", 1), ("tiny-b", 2)):
        make_tiny_model(tmp_path / name, seed)
        lines.append(f"{name}: {{like: nano-turbo, source: {{folder: {tmp_path / name}}}}}\n")
    (own_home / "models.yaml").write_text("".join(lines))
    return "tiny-a", "tiny-b"


def test_models_share_what_is_equal(two_tiny_models: tuple[str, str]) -> None:
    engine = LocalEngine()
    first, second = (engine.pipeline(name) for name in two_tiny_models)
    assert first.text_encoder is second.text_encoder
    assert first.vae is second.vae
    assert first.transformer is not second.transformer
    images = [engine.submit(small(model=name)).result(60) for name in two_tiny_models]
    assert pixels(images[0]) != pixels(images[1])
    engine.close()


def test_switching_unloads_what_does_not_fit(
    two_tiny_models: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from zimg_kernel.models import device, loading

    engine = LocalEngine()
    engine.submit(small(model=two_tiny_models[0])).result(60)
    first = weakref.ref(engine.pipeline(two_tiny_models[0]).transformer)
    free = device.free_bytes

    def as_if_small(*_: object) -> int:
        # Room comes only with the first model really gone, not merely taken off a list.
        return 200_000_000 if first() is None else 1_000_000

    monkeypatch.setattr(loading.devices, "free_bytes", as_if_small)
    engine.pipeline(two_tiny_models[1])
    assert engine.loaded == [two_tiny_models[1]]
    monkeypatch.setattr(loading.devices, "free_bytes", lambda *_: 1_000_000)
    with refused("out-of-memory", "model", OutOfMemory):
        engine.pipeline(two_tiny_models[0])
    monkeypatch.setattr(loading.devices, "free_bytes", free)
    assert engine.submit(small()).result(60)
    engine.close()


def test_unload_gives_the_memory_back(two_tiny_models: tuple[str, str]) -> None:
    engine = LocalEngine()
    engine.submit(small(model="tiny-a")).result(60)
    transformer = weakref.ref(engine.pipeline("tiny-a").transformer)
    encoder = weakref.ref(engine.pipeline("tiny-a").text_encoder)
    engine.unload()
    gc.collect()
    assert engine.loaded == []
    assert transformer() is None
    assert encoder() is None
    assert engine.submit(small(model="tiny-a")).result(60)
    engine.close()


@pytest.mark.slow
def test_running_out_of_memory_is_one_sentence_and_the_engine_lives_on(
    own_home: Path, tmp_path: Path
) -> None:
    # In a process of its own, whose address space is limited once the model is warm.
    own_home.mkdir()
    (own_home / "models.yaml").write_text("huge: {like: nano-turbo, max_side: 8192}\n")
    code = (
        "import resource, torch, zimg_kernel as z\n"
        "from zimg_kernel.models import device\n"
        "e = z.LocalEngine()\n"
        "def draw(side): return e.submit(z.GenerationParams(\n"
        "    model='huge', prompt='a star', width=side, height=side, steps=1)).result(100)\n"
        "draw(256)\n"
        "device.free_bytes = lambda *_: 10**12  # so that the check beforehand lets it pass\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 1_000_000_000, -1))\n"
        "try: draw(1536)\n"
        "except z.OutOfMemory as error: print(error)\n"
        "print(draw(128).image.size)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said, size = done.stdout.splitlines()
    assert said.startswith("1536x1536 did not fit into the memory of cpu")
    assert "it has been freed" in said
    assert size == "(128, 128)"


def test_on_a_cpu_what_cannot_fit_is_refused_before_memory_is_touched(
    engine: LocalEngine, own_home: Path
) -> None:
    own_home.mkdir()
    (own_home / "models.yaml").write_text("huge: {like: nano-turbo, max_side: 8192}\n")
    job = engine.submit(small(model="huge", width=8192, height=8192))
    with refused("out-of-memory", "size", OutOfMemory):
        job.result(60)
    assert engine.submit(small()).result(60)


def test_fp16_is_refused(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMG_DTYPE", "fp16")
    fresh = LocalEngine()
    with refused("unknown-choice", "ZIMG_DTYPE"):
        fresh.submit(small()).result(60)
    fresh.close()


def test_bf16_draws_on_a_cpu_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMG_DTYPE", "bf16")
    engine = LocalEngine()
    image = engine.submit(small()).result(60)
    assert image.device == "cpu, bfloat16"
    engine.close()


def test_an_unforeseen_error_is_one_sentence_and_the_engine_lives_on(engine: LocalEngine) -> None:
    vae = engine.pipeline(NANO).vae
    original = vae.decode
    vae.decode = lambda *_a, **_k: 1 / 0
    try:
        job = engine.submit(small())
        with refused("drawing-failed", kind=ZimgError) as caught:
            job.result(60)
    finally:
        vae.decode = original
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert isinstance(list(job.events())[-1], Failed)
    assert engine.submit(small()).result(60)


def test_closing_cancels_everything(two_tiny_models: tuple[str, str]) -> None:
    engine = LocalEngine()
    jobs: list[Job] = [engine.submit(small(model="tiny-a", steps=200)) for _ in range(3)]
    engine.close()
    assert [job.status for job in jobs] == ["cancelled"] * 3
    assert engine.loaded == []


def test_a_size_beyond_the_models_own_is_drawn_with_a_warning() -> None:
    card = get_card("nano-turbo")
    params = GenerationParams(prompt="a red heart", model="nano-turbo")
    assert not check(params.replace(width=320, height=320), card).warnings
    said = check(params.replace(width=384, height=384), card).warnings
    assert [sentence for sentence in said if "384x384 is larger" in sentence]
