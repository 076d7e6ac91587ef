"""Events and jobs as JSON and back: what arrives tells what was sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageChops

import zimg_kernel as zimg
from tests.refusals import refused
from zimg_kernel.engine.events import Event, Failed, Finished, Queued, Step, Warned
from zimg_kernel.engine.events_json import event_from_dict, event_to_dict
from zimg_kernel.engine.job import Job, new_job_id
from zimg_kernel.engine.job_json import job_from_dict, job_to_dict
from zimg_kernel.errors import BadInput, OutOfMemory, ZimgError

PARAMS = zimg.GenerationParams(
    prompt="a red circle", model="nano-turbo", width=128, height=128, steps=2, count=2, seed=7
)


def test_a_job_arrives_as_it_was_drawn(tmp_path: Path) -> None:
    engine = zimg.LocalEngine(zimg.Gallery(tmp_path))
    job = engine.submit(PARAMS.replace(negative_prompt="blue"))
    sent: list[dict[str, Any]] = [{}]

    def send(event: Event) -> None:
        sent.append(event_to_dict(event, job.id))

    sent[0] = json.loads(json.dumps(job_to_dict(job)))
    # From the first event on, as a process does that follows from the beginning.
    before = [event_to_dict(event, job.id) for event in list(job._events)]
    job.on_event(send)
    job.results(60)
    engine.close()
    unique = {json.dumps(event) for event in sent[1:]}
    wire = [*(e for e in before if json.dumps(e) not in unique), *sent[1:]]

    asked: list[str] = []

    def load(picture: Mapping[str, Any]) -> Image.Image:
        asked.append(picture["id"])
        with Image.open(picture["path"]) as image:
            return image.convert("RGB")

    copy = job_from_dict(sent[0])
    for data in json.loads(json.dumps(wire)):
        copy.report(event_from_dict(data, copy.images, load))
    assert (copy.id, copy.status, copy.params) == (job.id, "done", job.params)
    assert copy.warnings == job.warnings != ()
    assert not asked  # pixels are fetched when looked at
    for there, here in zip(copy.results(), job.results(), strict=True):
        assert there.record() == here.record()
        assert there.path == here.path
        assert ImageChops.difference(there.image, here.image).getbbox() is None
    assert asked[:1] == [f"{job.id}/0"]
    previews = [event["preview"] for event in wire if event["kind"] == "step"]
    assert len(previews) == 4
    sizes = {(preview["width"], preview["height"], len(preview["rgb"])) for preview in previews}
    assert sizes == {(16, 16, 4 * 16 * 16)}


def test_previews_look_the_same_at_the_other_end() -> None:
    ramp = np.linspace(0, 255, 12 * 16).astype(np.uint8).reshape(12, 16)
    pixels = np.stack([ramp, ramp[::-1], ramp // 2], axis=2)
    for sketch, most in ((torch.from_numpy(pixels), 0), (Image.fromarray(pixels), 40)):
        step = Step(1, 8, 0, 1, sketch)
        data = json.loads(json.dumps(event_to_dict(step, "job-1")))
        back = event_from_dict(data, (), _no_pixels)
        assert isinstance(back, Step)
        assert step.preview is not None
        assert back.preview is not None
        assert back.preview.size == step.preview.size
        difference = ImageChops.difference(back.preview.convert("RGB"), step.preview)
        assert max(high for _, high in difference.getextrema()) <= most
        # Whoever hands it on changes nothing.
        assert event_to_dict(back, "job-1") == data


@pytest.mark.parametrize("preview", [{"width": 4, "height": 4, "rgb": "AAAA"}, {"width": 4}, 7])
def test_a_preview_that_is_none_is_refused(preview: Any) -> None:
    data = {**event_to_dict(Step(1, 8, 0, 2), "job-1"), "preview": preview}
    with refused("unknown-event", "event"):
        event_from_dict(data, (), _no_pixels)


@pytest.mark.parametrize(
    "event",
    [
        Queued(3),
        Warned("Something.", "not-saved"),
        Step(1, 8, 0, 2),
        Failed(BadInput("No.", code="out-of-range", field="width")),
        Failed(OutOfMemory("Too large.", code="out-of-memory", field="model")),
    ],
)
def test_an_event_survives_the_round_trip(event: Event) -> None:
    data = json.loads(json.dumps(event_to_dict(event, "job-1")))
    back = event_from_dict(data, (), _no_pixels)
    assert type(back) is type(event)
    assert event_to_dict(back, "job-1") == data


def test_an_error_of_another_library_arrives_as_ours() -> None:
    data = event_to_dict(Failed(RuntimeError("It broke.")), "job-1")
    back = event_from_dict(data, (), _no_pixels)
    assert isinstance(back, Failed)
    assert type(back.error) is ZimgError
    assert str(back.error) == "It broke."


@pytest.mark.parametrize("data", [{}, {"kind": "other"}, {"kind": "step", "step": 1}])
def test_what_is_no_event_is_refused(data: dict[str, Any]) -> None:
    with refused("unknown-event", "event"):
        event_from_dict(data, (), _no_pixels)


def test_ids_are_unique_and_sort_by_time() -> None:
    ids = [new_job_id() for _ in range(2000)]
    assert len(set(ids)) == 2000
    stamps = [name.split("-")[1] for name in ids]
    assert stamps == sorted(stamps)


def test_who_reads_late_sees_everything_from_the_first_event() -> None:
    job = Job(PARAMS, ["Early."])
    job.report(Queued(0))
    job.warn("Later.", "not-saved")
    job.warn("Later.", "not-saved")
    job.cancel()
    kinds = [type(event).__name__ for event in job.events()]
    assert kinds == ["Queued", "Warned", "Warned", "Cancelled"]
    assert (job.started, job.ended is not None) == (None, True)
    assert not any(isinstance(event, Finished) for event in job.events())


def test_a_cancel_is_told_to_who_draws_elsewhere() -> None:
    job, told = Job(PARAMS), []
    job.on_cancel(lambda: told.append(job.id))
    job.cancel()
    assert told == [job.id]


def _no_pixels(picture: Mapping[str, Any]) -> Image.Image:
    raise AssertionError(picture)
