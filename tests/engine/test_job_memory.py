"""Tests of what a job and its engine keep in memory: little, however many pictures they drew."""

from __future__ import annotations

import gc
import pickle
import threading
import time
import weakref
from pathlib import Path

import pytest
from PIL import Image

from refusals import refused
from zimg_kernel import Gallery, GeneratedImage, GenerationParams, LocalEngine
from zimg_kernel.engine.events import Finished, Step
from zimg_kernel.images.pixels import digest

MANY = GenerationParams(
    model="nano-turbo", prompt="a red circle", width=128, height=128, steps=1, seed=1, count=20
)


def held(images: list[GeneratedImage]) -> int:
    return sum(isinstance(image.__dict__["_pixels"], Image.Image) for image in images)


def test_the_first_pictures_of_many_are_read_from_their_files(engine: LocalEngine) -> None:
    digests: list[str] = []
    job = engine.submit(MANY.replace(seed=5))
    job.on_event(
        lambda event: (
            digests.append(digest(event.image.image)) if isinstance(event, Finished) else None
        )
    )
    images = job.results(120)
    assert held(images) == 16
    assert [digest(image.image) for image in images[-len(digests) :]] == digests
    assert held(images[:4]) == 0  # also after somebody has looked
    again = pickle.loads(pickle.dumps(images[0]))
    assert digest(again.image) == images[0].record()["pixels"]


def test_without_a_gallery_all_pictures_stay(engine: LocalEngine) -> None:
    images = engine.submit(MANY, save=False).results(120)
    assert held(images) == len(images)


def test_a_released_picture_whose_file_is_gone_is_one_sentence(
    engine: LocalEngine, tmp_path: Path
) -> None:
    image = engine.submit(MANY.replace(count=1)).result(60)
    before = image.image.tobytes()
    image.release()
    assert image.image.tobytes() == before
    assert image.path is not None
    image.path.unlink()
    image.release()
    with refused("picture-unreadable", "path"):
        _ = image.image
    pixels = Image.new("RGB", (8, 8))
    photo = GeneratedImage(pixels, MANY, path=tmp_path / "a.jpg")
    photo.release()
    assert photo.image is pixels  # a JPEG would not give the same ones


def test_only_the_last_step_has_a_preview(engine: LocalEngine) -> None:
    shown: list[bool] = []
    heard = threading.Event()
    engine.run(lambda model, stop: heard.wait(60), "nano-turbo")  # nothing is drawn before
    job = engine.submit(MANY.replace(count=2, steps=4))
    job.on_event(lambda e: shown.append(e.preview is not None) if isinstance(e, Step) else None)
    heard.set()
    job.results(60)
    assert shown == [True] * 8  # who listens sees them all
    steps = [event for event in job.events() if isinstance(event, Step)]
    assert [(step.index, step.step) for step in steps] == [
        (index, step) for index in (0, 1) for step in (1, 2, 3, 4)
    ]
    assert all(step.sketch is None for step in steps)


@pytest.mark.slow
def test_an_idle_engine_keeps_no_job(tmp_path: Path) -> None:
    engine = LocalEngine(Gallery(tmp_path))
    job = engine.submit(MANY.replace(count=1))
    job.results(60)
    gone = weakref.ref(job)
    del job
    deadline = time.monotonic() + 60  # its last task may still be ending
    while gone() is not None and time.monotonic() < deadline:
        gc.collect()
        time.sleep(0.05)
    engine.close()
    assert gone() is None
