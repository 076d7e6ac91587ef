"""Pictures drawn at a server that answers as ComfyUI was recorded to."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from refusals import refused
from tests.comfy_client.recorded_server import RecordedServer
from zimg_kernel import Gallery, GeneratedImage, GenerationParams, edit
from zimg_kernel.comfy_client import ComfyEngine
from zimg_kernel.engine.events import Done, Finished, Queued, Started, Step
from zimg_kernel.errors import JobCancelled, WeightsMissing, ZimgError

PARAMS = GenerationParams(
    prompt="a cat", model="z-image-turbo", width=256, height=320, steps=4, seed=7
)
BASE = PARAMS.replace(model="z-image", width=512, height=512, negative_prompt="dog", guidance=4)


def test_a_request_becomes_prompts_and_pictures_with_their_records(
    comfy: ComfyEngine, server: RecordedServer
) -> None:
    job = comfy.submit(PARAMS.replace(count=2), origin="test")
    kinds = [type(event) for event in job.events(60)]
    assert [k for k in kinds if k is not Finished] == [Queued, Started, *[Step] * 8, Done]
    assert [posted["prompt"]["3"]["inputs"]["seed"] for posted in server.posted] == [7, 8]
    image = job.results()[0]
    assert image.path is not None
    read = GeneratedImage.open(image.path)
    assert read.params == PARAMS.replace(guidance=0)
    assert read.image.size == (256, 320)
    assert read.device == "ComfyUI 0.33.0, cuda (cuda:0 NVIDIA H200)"
    served = next(iter(server.files.values()))
    assert read.versions["ComfyUI file"] == hashlib.sha256(served).hexdigest()
    assert read.versions["ComfyUI model"] == "z_image_turbo_bf16.safetensors"
    assert read.versions["ComfyUI template"] == "text_to_image 1"
    assert read.timings["total"] > 0.03  # four steps
    assert comfy.gallery is not None
    assert [entry.seed for entry in comfy.gallery.search()] == [8, 7]


def test_only_named_fields_of_the_template_change(
    comfy: ComfyEngine, server: RecordedServer
) -> None:
    comfy.submit(PARAMS).wait(60)
    comfy.submit(BASE.replace(loras=[("ink", 0.5), ("film", -1)])).wait(60)
    turbo, base = (posted["prompt"] for posted in server.posted)
    assert turbo["27"]["inputs"]["text"] == base["27"]["inputs"]["text"] == "a cat"
    assert turbo["13"]["inputs"] == {"width": 256, "height": 320, "batch_size": 1}
    assert (turbo["3"]["inputs"]["cfg"], base["3"]["inputs"]["cfg"]) == (1, 5)
    assert turbo["3"]["inputs"]["negative"] == ["33", 0]
    assert base["34"]["inputs"]["text"] == "dog"
    assert base["3"]["inputs"]["negative"] == ["34", 0]
    assert "34" not in turbo
    assert "33" not in base
    chain = [base["100"]["inputs"], base["101"]["inputs"], base["11"]["inputs"]]
    assert [one["model"] for one in chain] == [["28", 0], ["100", 0], ["101", 0]]
    assert [one.get("lora_name") for one in chain[:2]] == [
        "styles/ink.safetensors", "film.safetensors"
    ]  # fmt: skip
    assert [one.get("strength_model") for one in chain[:2]] == [0.5, -1]
    assert (turbo["11"]["inputs"]["shift"], base["11"]["inputs"]["shift"]) == (3, 6)


@pytest.mark.parametrize("form", ["metadata", "plain", ""])
def test_sketches_belong_to_their_steps_in_every_form(
    comfy: ComfyEngine, server: RecordedServer, form: str
) -> None:
    server.faults.previews = form
    job = comfy.submit(PARAMS)
    seen = []
    for event in job.events(60):
        if isinstance(event, Step):
            seen.append((event.step, event.preview and event.preview.getpixel((8, 8))[0]))
    assert [step for step, _ in seen] == [1, 2, 3, 4]
    for step, red in seen:
        if red is not None:
            assert abs(red - step * 20) < 8
    assert any(red is not None for _, red in seen) == bool(form)


def test_without_sockets_the_pictures_come_all_the_same(
    comfy: ComfyEngine, server: RecordedServer
) -> None:
    server.faults.sockets = False
    assert comfy.submit(PARAMS.replace(count=2)).results(60)[1].seed == 8


def test_a_source_and_a_mask_travel_once_and_the_rest_stays_to_the_bit(
    comfy: ComfyEngine, server: RecordedServer
) -> None:
    source = Image.effect_noise((256, 256), 90).convert("RGB")
    mask = Image.new("L", source.size)
    mask.paste(255, (64, 64, 128, 128))
    options = {"model": "z-image-turbo", "seed": 1, "engine": comfy}
    image = edit.inpaint(source, mask, "a cat", count=2, **options).results(60)[1]
    again = edit.img2img(source, "a cat", strength=0.6, **options).result(60)
    drawn, before = np.asarray(image.image), np.asarray(source)
    outside = np.asarray(mask) == 0
    assert (drawn[outside] == before[outside]).all()
    assert (drawn[~outside] != before[~outside]).any()
    assert image.source is not None
    assert image.params.edit is not None
    assert again.image.size == source.size
    assert len(server.uploads) == 2
    sent = {name: Image.open(io.BytesIO(data)) for name, data in server.uploads.items()}
    inpaint, redrawn = server.posted[0]["prompt"], server.posted[-1]["prompt"]
    assert sent[inpaint["40"]["inputs"]["image"]].tobytes() == source.tobytes()
    white = sent[inpaint["42"]["inputs"]["image"]]
    assert (white.getpixel((100, 100)), white.getpixel((0, 0))) == ((255,) * 3, (0,) * 3)
    assert inpaint["40"]["inputs"]["image"] == redrawn["40"]["inputs"]["image"]
    sampler = redrawn["3"]["inputs"]
    assert sampler["steps"] == 5
    assert int(sampler["steps"] / sampler["denoise"]) == 8
    assert inpaint["3"]["inputs"]["denoise"] == 1


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"loras": [("inc", 1.0)]}, "unknown-lora", "loras"),
        ({"model": "no-such"}, "unknown-model", "model"),
        ({"width": 4096}, "out-of-range", "width"),
        ({"cfg_truncation": 0.5}, "comfy-without-field", "cfg_truncation"),
    ],
)
def test_what_the_server_cannot_do_is_refused_at_once(
    comfy: ComfyEngine, server: RecordedServer, changes: dict[str, object], code: str, field: str
) -> None:
    with refused(code, field):
        comfy.submit(PARAMS.replace(**changes))
    assert server.posted == []


def test_a_model_that_the_server_lacks_is_told_with_what_it_needs(comfy: ComfyEngine) -> None:
    with refused("weights-missing", "model", WeightsMissing):
        comfy.submit(PARAMS.replace(model="nano-turbo", width=None, height=None))
    statuses = {status.card.id: status for status in comfy.models()}
    assert statuses["z-image"].ready
    assert statuses["z-image-turbo"].default
    assert not statuses["nano-turbo"].ready
    assert statuses["nano-turbo"].remedy


def test_edits_that_need_a_model_here_are_refused(comfy: ComfyEngine) -> None:
    source = Image.new("RGB", (256, 256))
    with refused("edit-not-supported", "edit"):
        edit.upscale(source, 2, "a cat", model="z-image-turbo", engine=comfy)
    with refused("tasks-not-supported"):
        comfy.run(lambda model, stop: None)


def test_its_resources_are_those_of_the_server(comfy: ComfyEngine, server: RecordedServer) -> None:
    assert comfy.resources().loaded == ()
    comfy.submit(PARAMS).wait(60)
    told = comfy.resources()
    assert (told.device, told.loaded) == ("cuda", ("z-image-turbo",))
    assert [(one.name, one.total >> 30) for one in told.memory] == [("GPU", 150), ("RAM", 64)]
    comfy.unload("z-image")
    assert server.freed == 0
    comfy.unload("z-image-turbo")
    assert (server.freed, comfy.resources().loaded) == (1, ())


def test_a_job_cancelled_while_it_runs_ends_its_own_prompt_alone(
    comfy: ComfyEngine, server: RecordedServer
) -> None:
    server.faults.step_seconds = 0.05
    job = comfy.submit(PARAMS.replace(steps=100, count=3))
    next(event for event in job.events(60) if isinstance(event, Step))
    job.cancel()
    with pytest.raises(JobCancelled):
        job.results(60)
    own = {"prompt_id": server.posted[0]["prompt_id"]}
    assert server.interrupts  # more than one where the server takes its time to stop
    assert all(asked == own for asked in server.interrupts)
    assert server.running is None
    assert len(server.posted) == 1
    server.faults.step_seconds = 0.01
    assert comfy.submit(PARAMS).result(60).seed == 7


def test_on_an_older_server_the_prompt_behind_a_cancelled_one_goes_on(
    comfy: ComfyEngine, server: RecordedServer, tmp_path: Path
) -> None:
    server.faults.step_seconds, server.faults.interrupts_any = 0.05, True
    job = comfy.submit(PARAMS.replace(steps=100))
    next(event for event in job.events(60) if isinstance(event, Step))
    other = ComfyEngine(server.url, gallery=Gallery(tmp_path / "other"))
    behind = other.submit(PARAMS.replace(steps=20, seed=1))
    while len(server.posted) < 2:
        assert not job.wait(0.02)
    job.cancel()
    assert behind.result(60).seed == 1
    assert job.wait(60)
    assert job.status == "cancelled"
    other.close()


def test_while_another_ones_prompt_runs_nobody_is_interrupted(
    comfy: ComfyEngine, server: RecordedServer, tmp_path: Path
) -> None:
    server.faults.step_seconds = 0.05
    other = ComfyEngine(server.url, gallery=Gallery(tmp_path / "other"))
    first = other.submit(PARAMS.replace(steps=20, seed=1))
    next(event for event in first.events(60) if isinstance(event, Step))
    job = comfy.submit(PARAMS)
    while len(server.posted) < 2:
        assert not job.wait(0.02)
    job.cancel()
    assert job.wait(60)
    assert (job.status, server.interrupts, server.waiting) == ("cancelled", [], [])
    assert first.result(60).seed == 1
    other.close()


def test_a_picture_stopped_at_the_server_by_somebody_else_is_told(
    comfy: ComfyEngine, server: RecordedServer
) -> None:
    server.faults.step_seconds = 0.05
    job = comfy.submit(PARAMS.replace(steps=100))
    next(event for event in job.events(60) if isinstance(event, Step))
    server.interrupted = True
    with refused("comfy-interrupted", None, ZimgError):
        job.results(60)


def test_a_picture_removed_from_the_queue_by_somebody_else_is_told(
    comfy: ComfyEngine, server: RecordedServer, tmp_path: Path
) -> None:
    server.faults.step_seconds = 0.05
    other = ComfyEngine(server.url)
    first = other.submit(PARAMS.replace(steps=200))
    next(event for event in first.events(60) if isinstance(event, Step))
    job = comfy.submit(PARAMS)
    while len(server.posted) < 2:
        assert not job.wait(0.02)
    server.forget_prompt(server.posted[1]["prompt_id"])
    with refused("comfy-interrupted", None, ZimgError):
        job.results(60)
    other.close()
