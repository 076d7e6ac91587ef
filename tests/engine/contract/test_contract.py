"""What every engine does, whatever it is made of: each test runs on all engines."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import zimg_kernel as zimg
from comfy_service import ComfyService
from shared_engine import SharedEngine
from tests.refusals import refused
from zimg_kernel import edit
from zimg_kernel.comfy_client import ComfyEngine
from zimg_kernel.engine.batch import BatchRunner, Result
from zimg_kernel.engine.events import (
    Cancelled,
    Done,
    Event,
    Finished,
    Queued,
    Started,
    Step,
    Warned,
)
from zimg_kernel.engine.job_json import job_to_dict
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.engine.session import JobSession
from zimg_kernel.errors import BadInput, JobCancelled
from zimg_kernel.experiments.grid import Grid

from .process_engine import ProcessEngine

pytestmark = pytest.mark.slow

PARAMS = zimg.GenerationParams(
    prompt="a red circle", model="nano-turbo", width=128, height=128, steps=2, seed=7
)
LONG = PARAMS.replace(steps=200, count=20)

Make = Callable[[Path | None], Engine]


def _local(folder: Path | None) -> Engine:
    return zimg.LocalEngine(zimg.Gallery(folder) if folder else None)


def _process(folder: Path | None) -> Engine:
    return ProcessEngine(zimg.Gallery(folder) if folder else None)


_shared = SharedEngine()


def _cluster(folder: Path | None) -> Engine:
    engine = _shared.client(folder)
    engine.unload()  # other tests have left it warm
    return engine


_comfy_service = ComfyService()


def _comfy(folder: Path | None) -> Engine:
    return _comfy_service.engine(folder)


_MAKERS = {"local": _local, "process": _process, "cluster": _cluster, "comfy": _comfy}


@pytest.fixture(scope="module", autouse=True)
def _stop_shared() -> Iterator[None]:
    yield
    _shared.stop()
    _comfy_service.stop()


@pytest.fixture(params=_MAKERS.values(), ids=_MAKERS)
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    made: list[Engine] = []

    def make(folder: Path | None) -> Engine:
        made.append(request.param(folder))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.fixture(scope="module", params=_MAKERS.values(), ids=_MAKERS)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    made: Engine = request.param(tmp_path_factory.mktemp("gallery"))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _leave_nothing_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that fails leaves no job to the others."""
    yield
    if "engine" in request.fixturenames:
        for job in request.getfixturevalue("engine").jobs():
            job.cancel()
            job.wait(30)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zimg.LocalEngine]:
    """Pictures that others are compared with."""
    made = zimg.LocalEngine(zimg.Gallery(tmp_path_factory.mktemp("plain")))
    yield made
    made.close()


def _pixels(image: zimg.GeneratedImage) -> bytes:
    return np.asarray(image.image.convert("RGB")).tobytes()


def _begin(job: zimg.Job) -> None:
    """Wait until it is being drawn."""
    for event in job.events(60):
        if isinstance(event, Step):
            return


def test_a_job_tells_everything_from_acceptance_to_the_pictures(engine: Engine) -> None:
    job = engine.submit(PARAMS.replace(count=2), origin="test", priority=1)
    kinds = [type(event) for event in job.events(60)]
    # A picture is saved while the next one is drawn, so its event may come among that one's steps.
    assert [k for k in kinds if k is not Finished] == [Queued, Started, *[Step] * 4, Done]
    assert kinds.count(Finished) == 2
    assert (job.status, job.progress, job.origin, job.priority) == ("done", 1.0, "test", 1)
    assert job.started is not None
    assert job.ended is not None
    assert job.accepted <= job.started <= job.ended
    images = job.results()
    assert [image.seed for image in images] == [7, 8]
    assert all(image.path is not None and image.path.is_file() for image in images)
    assert engine.gallery is not None
    assert {entry.path for entry in engine.gallery.search()} >= {image.path for image in images}


def test_the_same_parameters_give_the_same_pixels(engine: Engine, plain: Engine) -> None:
    wanted = PARAMS.replace(model="nano-base", guidance=3.0, negative_prompt="blue")
    assert _pixels(engine.submit(wanted).result(60)) == _pixels(plain.submit(wanted).result(60))


def test_a_seed_that_is_open_is_drawn_at_once(engine: Engine) -> None:
    jobs = [engine.submit(PARAMS.replace(seed=-1, steps=1)) for _ in range(2)]
    assert all(job.params.seed >= 0 for job in jobs)
    assert jobs[0].params.seed != jobs[1].params.seed
    for job in jobs:
        assert job.result(60).seed == job.params.seed


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"width": 4096}, "out-of-range", "width"),
        ({"model": "no-such-model"}, "unknown-model", "model"),
        ({"prompt": "红" * 700}, "prompt-too-long", "prompt"),
        ({"loras": [("no-such-lora", 1.0)]}, "unknown-lora", "loras"),
    ],
)
def test_what_cannot_be_done_is_refused_and_not_accepted(
    engine: Engine, changes: dict[str, object], code: str, field: str
) -> None:
    seen: list[zimg.Job] = []
    engine.on_submit(seen.append)
    wanted = PARAMS.replace(**changes)
    for ask in (engine.submit, engine.check):
        with refused(code, field):
            ask(wanted)
    assert not seen
    assert engine.jobs() == []


def test_a_check_tells_what_submit_would_accept(engine: Engine) -> None:
    wanted = zimg.GenerationParams(prompt="a red circle", model="nano-turbo", negative_prompt="x")
    checked = engine.check(wanted)
    job = engine.submit(wanted)
    job.cancel()
    job.wait(60)
    assert checked.params.replace(seed=0) == job.params.replace(seed=0)
    assert checked.params.width is not None
    assert checked.warnings == job.warnings != ()
    assert [e.text for e in job.events() if isinstance(e, Warned)] == list(job.warnings)


def test_a_reader_that_comes_late_sees_every_event(engine: Engine) -> None:
    job = engine.submit(PARAMS)
    seen: list[Event] = []
    thread = threading.Thread(target=lambda: seen.extend(job.events(60)))
    thread.start()
    job.wait(60)
    thread.join(60)
    assert [type(event) for event in job.events()] == [type(event) for event in seen]
    assert isinstance(seen[-1], Done)


def test_steps_carry_previews_and_none_where_none_is_wanted(engine: Engine) -> None:
    shown: dict[str, list[bool]] = {}
    for kind in ("latent", "none"):
        job = engine.submit(PARAMS.replace(steps=6), preview=kind)  # type: ignore[arg-type]
        seen = shown[kind] = []
        for event in job.events(60):
            if isinstance(event, Step):
                seen.append(event.preview is not None)
    assert any(shown["latent"])
    assert not any(shown["none"])


def test_a_running_job_is_cancelled_and_the_next_one_is_drawn(engine: Engine) -> None:
    job = engine.submit(LONG)
    after = engine.submit(PARAMS)
    _begin(job)
    job.cancel()
    with pytest.raises(JobCancelled):
        job.results(60)
    assert isinstance(list(job.events())[-1], Cancelled)
    assert after.result(60).seed == 7


def test_a_waiting_job_is_cancelled_without_being_begun(engine: Engine) -> None:
    running, waiting = engine.submit(LONG), engine.submit(PARAMS)
    waiting.cancel()
    assert waiting.wait(30)
    assert (waiting.status, waiting.started, waiting.images) == ("cancelled", None, [])
    running.cancel()
    assert running.wait(60)


def test_jobs_are_listed_in_the_order_of_drawing(engine: Engine) -> None:
    running = engine.submit(LONG)
    _begin(running)
    low, high = engine.submit(PARAMS), engine.submit(PARAMS.replace(seed=8), priority=5)
    assert [job.id for job in engine.jobs()] == [running.id, high.id, low.id]
    running.cancel()
    assert low.wait(60)
    assert high.wait(60)
    assert high.ended is not None
    assert low.ended is not None
    assert high.ended < low.ended
    assert engine.jobs() == []


def test_a_waiting_job_is_moved_and_cancelled_by_its_id(engine: Engine) -> None:
    running = engine.submit(LONG)
    _begin(running)
    waiting = [engine.submit(PARAMS.replace(seed=seed)) for seed in range(3)]
    engine.move(waiting[2].id, 0)
    assert [job.id for job in engine.jobs()][1:] == [waiting[i].id for i in (2, 0, 1)]
    assert engine.cancel(waiting[0].id)
    assert waiting[0].wait(30)
    assert not engine.cancel(waiting[0].id)
    assert [job.id for job in engine.jobs()][1:] == [waiting[2].id, waiting[1].id]
    with pytest.raises(BadInput):
        engine.move("job-0-0", 0)
    assert engine.cancel(running.id)
    assert running.wait(60)
    assert waiting[1].wait(60)


def test_what_a_killed_process_left_is_drawn_once_or_dismissed(make: Make, tmp_path: Path) -> None:
    code = (
        "import sys, zimg_kernel as z\n"
        "z.use_gallery(sys.argv[1])\n"
        "p = dict(model='nano-turbo', width=128, height=128, steps=2)\n"
        "jobs = [z.submit('a red circle', seed=1, count=400, **p)]\n"
        "jobs += [z.submit('a blue star', seed=2, **p), z.submit('a green square', seed=3, **p)]\n"
        "next(e for e in jobs[0].events() if type(e).__name__ == 'Finished')\n"
        "print('drawing', flush=True)\n"
        "jobs[0].wait()\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "drawing\n"
        process.kill()
    engine = make(tmp_path)
    left = engine.interrupted()
    assert [one.params.prompt for one in left] == ["a red circle", "a blue star", "a green square"]
    engine.dismiss(left[2].id)
    job = engine.resume(left[1].id)
    assert job is not None
    assert job.id == left[1].id
    assert job.result(60).seed == 2
    assert engine.resume(left[1].id) is None
    again = engine.resume(left[0].id)
    assert again is not None
    _begin(again)
    again.cancel()
    assert again.wait(60)
    assert engine.interrupted() == []
    gallery = zimg.Gallery(tmp_path)
    seeds = [entry.seed for entry in gallery.search("red", limit=1000)]
    assert len(seeds) == len(set(seeds)) >= 1  # nothing twice
    assert [entry.seed for entry in gallery.search("blue")] == [2]


def test_who_listens_hears_of_each_job_before_it_begins(engine: Engine) -> None:
    heard: list[tuple[str, str]] = []
    engine.on_submit(lambda job: heard.append((job.id, job.status)))
    job = engine.submit(PARAMS)
    job.wait(60)
    assert heard == [(job.id, "queued")]


def test_pictures_that_are_not_to_be_saved_are_in_memory_only(
    engine: Engine, plain: Engine
) -> None:
    assert engine.gallery is not None
    before = len(engine.gallery)
    image = engine.submit(PARAMS, save=False).result(60)
    assert image.path is None
    assert len(engine.gallery) == before
    assert _pixels(image) == _pixels(plain.submit(PARAMS).result(60))


def test_without_a_gallery_pictures_are_in_memory(make: Make) -> None:
    engine = make(None)
    assert engine.gallery is None
    image = engine.submit(PARAMS).result(60)
    assert image.path is None
    assert image.image.size == (128, 128)


def test_a_picture_that_cannot_be_saved_is_kept_and_told(make: Make, tmp_path: Path) -> None:
    folder = tmp_path / "gallery"
    engine = make(folder)
    day = engine.submit(PARAMS).result(60)
    assert day.path is not None
    for path in day.path.parent.iterdir():
        path.unlink()
    day.path.parent.rmdir()
    day.path.parent.write_text("in the way")
    job = engine.submit(PARAMS.replace(seed=8))
    image = job.result(60)
    assert image.path is None
    assert image.image.size == (128, 128)
    assert any(isinstance(event, Warned) for event in job.events())
    assert any("memory" in sentence for sentence in job.warnings)


def test_an_edit_gives_the_same_pixels(engine: Engine, plain: Engine, tmp_path: Path) -> None:
    source = plain.submit(PARAMS.replace(steps=4)).result(60)
    mask = Image.new("L", source.image.size)
    mask.paste(255, (32, 32, 96, 96))
    drawn = [
        [
            _pixels(job.result(60))
            for job in (
                edit.img2img(source, "a blue circle", strength=0.6, seed=3, engine=one),
                edit.inpaint(source, mask, "a blue square", seed=3, engine=one),
            )
        ]
        for one in (engine, plain)
    ]
    assert drawn[0] == drawn[1]


def test_models_and_resources_are_told_without_loading_anything(make: Make, tmp_path: Path) -> None:
    engine = make(tmp_path)
    statuses = {status.card.id: status for status in engine.models()}
    assert statuses["nano-turbo"].ready
    comfy = isinstance(engine, ComfyEngine)
    if not comfy:  # the names of a server's files are all that is known of them
        assert not statuses["z-image-turbo"].ready
        assert statuses["z-image-turbo"].remedy
        assert engine.default_model() == "nano-turbo"
    defaults = [name for name, status in statuses.items() if status.default]
    assert defaults == [engine.default_model()]
    assert engine.resources().loaded == ()
    engine.submit(PARAMS).wait(60)
    resources = engine.resources()
    assert resources.loaded == ("nano-turbo",)
    assert resources.device == "cpu"
    (ram,) = [memory for memory in resources.memory if memory.name == "RAM"]
    assert ram.used > 0
    assert comfy or ram.own > 0


def test_what_was_unloaded_is_loaded_again(make: Make, tmp_path: Path) -> None:
    engine = make(tmp_path)
    first = engine.submit(PARAMS).result(60)
    engine.unload("nano-turbo")
    assert engine.resources().loaded == ()
    assert _pixels(engine.submit(PARAMS).result(60)) == _pixels(first)
    engine.unload()
    assert engine.resources().loaded == ()


def test_a_task_runs_or_is_refused(engine: Engine) -> None:
    if isinstance(engine, ProcessEngine | ComfyEngine):
        with refused("tasks-not-supported"):
            engine.run(lambda model, stop: model.card.id, "nano-turbo")
    else:
        task = engine.run(lambda model, stop: model.card.id, "nano-turbo")
        assert task.result(60) == "nano-turbo"


def test_the_end_cancels_what_waits_and_runs(make: Make, tmp_path: Path) -> None:
    engine = make(tmp_path)
    jobs = [engine.submit(LONG), engine.submit(PARAMS)]
    _begin(jobs[0])
    engine.close()
    assert [job.wait(30) for job in jobs] == [True, True]
    assert [job.status for job in jobs] == ["cancelled", "cancelled"]
    engine.close()


def test_every_job_is_plain_json(engine: Engine) -> None:
    job = engine.submit(PARAMS.replace(count=2))
    job.wait(60)
    told = json.loads(json.dumps(job_to_dict(job)))
    assert told["pictures"] == [f"{job.id}/0", f"{job.id}/1"]
    assert (told["status"], told["error"]) == ("done", None)


class _Wanted:
    def __init__(self, key: str, params: zimg.GenerationParams) -> None:
        self.key, self.params = key, params


def test_a_batch_a_grid_and_a_session_run_on_it(
    engine: Engine, plain: Engine, tmp_path: Path
) -> None:
    found: dict[str, Result] = {}

    def on_result(alike: list[_Wanted], result: Result) -> None:
        found.update({one.key: result for one in alike})

    wanted = [_Wanted(str(seed), PARAMS.replace(seed=seed, steps=1)) for seed in range(3)]
    wanted.append(_Wanted("bad", PARAMS.replace(width=4096)))
    BatchRunner(engine, 2, wanted, on_result).draw(wanted)
    assert isinstance(found["bad"], BadInput)
    pictures = [result for result in found.values() if isinstance(result, zimg.GeneratedImage)]
    assert [image.seed for image in pictures] == [0, 1, 2]

    grid = Grid(PARAMS, x={"seed": [1, 2]}, y={"steps": [1, 2]}, folder=tmp_path, engine=engine)
    grid.run(progress=False)
    assert not grid.failures
    assert _pixels(grid.cell(0, 0).image) == _pixels(  # type: ignore[arg-type]
        plain.submit(PARAMS.replace(seed=1, steps=1)).result(60)
    )

    session = JobSession(engine)
    job = session.submit(PARAMS.replace(seed=99))
    job.wait(60)
    assert session.results[0].open().seed == 99
