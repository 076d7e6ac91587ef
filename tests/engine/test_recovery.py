"""What a process left is offered to the next one and drawn once: real processes that are killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from zimg_kernel import Gallery, GenerationParams, LocalEngine
from zimg_kernel.engine.queue_entry import WaitingEntry
from zimg_kernel.engine.queue_file import NAME
from zimg_kernel.engine.queue_store import QueueStore
from zimg_kernel.engine.session import JobSession
from zimg_kernel.params import MAX_SEED

PARAMS = GenerationParams(
    model="nano-turbo",
    prompt="a red circle",
    width=128,
    height=128,
    steps=4,
    seed=MAX_SEED,
    count=3,
)
LONG = PARAMS.replace(model="nano-base", steps=200, count=1, seed=9, width=384, height=384)
BEGIN = """
import os, sys, threading, time
import zimg_kernel as zimg
from PIL import Image
from zimg_kernel import Gallery, GenerationParams, default_engine, edit
from zimg_kernel.engine.events import Finished, Step
from zimg_kernel.engine.queue_store import QueueStore
from zimg_kernel.engine.session import session_of

engine = default_engine()
params = GenerationParams.from_json(sys.argv[1])
half_way = threading.Event()

def watch(job):
    def look(event):
        # in the second picture, once the first one is written down
        if isinstance(event, Step) and (event.index, event.step) == (1, 2):
            while engine.queue_store.find(job.id).finished < 1:
                time.sleep(0.01)
            half_way.set()
            {then}
    job.on_event(look)
"""
END = """
half_way.wait()
print("half way", flush=True)
{main}
"""
STAY = "time.sleep(600)"
# What follows belongs to the end of the process: nothing more is drawn until that has begun.
UNTIL_THE_END = "while threading.main_thread().is_alive(): time.sleep(0.01)"
WAYS = {
    "studio": "engine.on_submit(watch); session_of(engine).submit(params)",
    "submit": "engine.on_submit(watch); zimg.submit(params)",
}


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def settle(engine: LocalEngine, store: QueueStore | None = None) -> None:
    """Wait until the end of every job is written down: whoever waits for a job is told before."""
    store = store or engine.queue_store
    deadline = time.monotonic() + 120
    while engine.jobs() or (store and store.waiting()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def fresh(engine: LocalEngine) -> Iterator[LocalEngine]:
    """An engine on the gallery that other processes use, too."""
    engine.gallery = Gallery()
    yield engine
    settle(engine)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_what_a_killed_kernel_owed_is_offered_and_drawn_the_same(
    way: str, fresh: LocalEngine
) -> None:
    more = "\nengine.submit(params.replace(prompt='a star', count=1))\n"
    code = BEGIN.format(then=STAY) + WAYS[way] + more + END.format(main=STAY)
    process = start(code, PARAMS.to_json())
    session = JobSession(fresh)
    told: list[int] = []
    tell = lambda: told.append(len(session.interrupted))  # noqa: E731
    session.listen(tell)
    assert line_of(process) == "half way"
    assert fresh.interrupted() == []  # it lives
    assert [entry.prompt for entry in fresh.queue_store.waiting()] == ["a red circle", "a star"]  # type: ignore[union-attr]
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # its parent has not asked for it
    deadline = time.monotonic() + 120
    while 2 not in told:  # a panel that was opened before learns of it
        assert time.monotonic() < deadline
        time.sleep(0.05)
    session.unlisten(tell)
    process.communicate()

    owed = PARAMS.replace(guidance=0.0, seed=0, count=2)  # the seeds wrap at 2**64 here
    star = PARAMS.replace(guidance=0.0, prompt="a star", count=1)
    assert [offer.params for offer in session.interrupted] == [owed, star]
    first = [entry.open() for entry in Gallery().search()]
    assert [image.seed for image in first] == [MAX_SEED]
    id = session.interrupted[0].id
    job = session.draw_again(id)
    assert job is not None
    assert job.id == id
    again = first + job.results(60)
    assert session.draw_again(id) is None
    undisturbed = fresh.submit(PARAMS, save=False).results(60)
    assert [i.params for i in again] == [i.params for i in undisturbed]
    assert [i.image.tobytes() for i in again] == [i.image.tobytes() for i in undisturbed]
    assert [i.job for i in again] == [{"id": id, "index": index} for index in range(3)]
    session.dismiss(session.interrupted[0].id)
    assert fresh.interrupted() == []


@pytest.mark.slow
def test_a_kernel_that_ends_regularly_leaves_its_requests_too(fresh: LocalEngine) -> None:
    code = BEGIN.format(then=UNTIL_THE_END) + WAYS["submit"] + END.format(main="")
    process = start(code, PARAMS.to_json())
    assert process.communicate(timeout=120)[0] == "half way\n"
    assert process.returncode == 0
    [left] = fresh.interrupted()
    saved = [entry.seed for entry in Gallery().search()]
    assert len(saved) + left.params.count == 3
    assert not {single.seed for single in left.params.singles()} & set(saved)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 1, 2])
def test_a_process_that_ends_while_the_model_is_loaded_leaves_its_request(
    seconds: int, fresh: LocalEngine
) -> None:
    code = BEGIN.format(then="pass") + f"zimg.submit(params); time.sleep({seconds})"
    start(code, PARAMS.to_json()).communicate(timeout=120)
    saved = Gallery().search()
    assert sum(offer.params.count for offer in fresh.interrupted()) + len(saved) == PARAMS.count


INPAINT = """
picture = Image.new("RGB", (128, 128), "white")
picture.paste((200, 30, 30), (20, 30, 70, 90))
mask = Image.new("L", (128, 128))
mask.paste(255, (40, 40, 100, 100))
engine.on_submit(watch)
edit.inpaint(picture, mask, "a blue square", model="nano-turbo", seed=3, count=3, steps=4)
"""


@pytest.mark.slow
def test_an_inpaint_with_a_mask_is_drawn_on(fresh: LocalEngine) -> None:
    code = BEGIN.format(then=STAY) + INPAINT + END.format(main=STAY)
    process = start(code, PARAMS.to_json())
    assert line_of(process) == "half way"
    kill(process)
    [offer] = fresh.interrupted()
    assert offer.params.edit is not None
    assert (offer.params.edit.kind, offer.params.count) == ("inpaint", 2)
    job = fresh.resume(offer.id)
    assert job is not None
    job.results(60)
    pictures = [entry.open() for entry in Gallery().search()]
    assert sorted(picture.seed for picture in pictures) == [3, 4, 5]
    whole = fresh.submit(pictures[0].params.replace(seed=3, count=3), save=False).results(60)
    by_seed = {picture.seed: picture for picture in pictures}
    for one in whole:
        assert one.image.tobytes() == by_seed[one.seed].image.tobytes()


BATCH = """
engine.on_submit(lambda job: job.on_event(stop) if job.params.seed == 8 else None)
def stop(event):
    if isinstance(event, Step):
        print("half way", flush=True)
        time.sleep(600)
zimg.batch_generate(
    [{"prompt": "a red circle", "seed": 5 + i} for i in range(20)], "batch",
    model="nano-turbo", width=128, height=128, steps=2,
)
"""


@pytest.mark.slow
def test_of_a_batch_of_20_nothing_is_missing_and_nothing_is_drawn_twice(
    fresh: LocalEngine, tmp_path: Path
) -> None:
    code = BEGIN.format(then="pass") + f"os.chdir({str(tmp_path)!r})\n" + BATCH
    process = start(code, PARAMS.to_json())
    while "half way" not in (line := line_of(process)):
        assert process.poll() is None, line
    kill(process)
    offers = fresh.interrupted()
    assert len(offers) == 17
    jobs = [fresh.resume(offer.id) for offer in offers]
    for job in jobs:
        assert job is not None
        job.results(120)
    settle(fresh)
    assert sorted(entry.seed for entry in Gallery().search()) == list(range(5, 25))
    assert fresh.interrupted() == []


@pytest.mark.slow
@pytest.mark.parametrize("place", ["QueueStore.progress", "Index.put", "QueueStore.end"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_picture_that_was_saved_in_the_last_moment_is_not_drawn_again(
    place: str, count: int, fresh: LocalEngine
) -> None:
    die = (
        "from zimg_kernel.gallery.index import Index\n"
        f"{place} = lambda *_, **__: os.kill(os.getpid(), 9)\nzimg.submit(params).results()"
    )
    process = start(BEGIN.format(then="pass") + die, PARAMS.replace(count=count, seed=1).to_json())
    assert process.wait(120) == -9
    process.communicate()
    saved = count if place == "QueueStore.end" else 1
    offers = fresh.interrupted()
    assert [(o.params.seed, o.params.count) for o in offers] == ([(2, 1)] if saved < count else [])
    for offer in offers:
        job = fresh.resume(offer.id)
        assert job is not None
        job.results(60)
    assert sorted(entry.seed for entry in Gallery().search()) == list(range(1, count + 1))
    assert fresh.interrupted() == []


@pytest.mark.slow
def test_another_process_lists_moves_and_cancels(fresh: LocalEngine) -> None:
    code = BEGIN.format(then="pass") + (
        "long = zimg.submit(params.replace(\n"
        "    model='nano-base', seed=99, count=1, steps=200, width=384, height=384))\n"
        "jobs = [zimg.submit(params.replace(seed=i, count=1)) for i in range(1, 6)]\n"
        "while long.status != 'running': time.sleep(0.01)\n"
        "print('waiting', flush=True)\n"
        "for job in jobs: job.wait()\n"
        "print(long.status, *[job.status for job in jobs], flush=True)\n"
    )
    process = start(code, PARAMS.to_json())
    assert line_of(process) == "waiting"
    store = fresh.queue_store
    assert store is not None

    def seed_of(waiting: WaitingEntry) -> int:
        entry = store.find(waiting.id)
        assert entry is not None
        return entry.params.seed

    entries = store.waiting()
    assert [seed_of(entry) for entry in entries] == [99, 1, 2, 3, 4, 5]
    assert store.claim(entries[1].id) is None
    assert fresh.resume(entries[1].id) is None
    fresh.move(entries[4].id, 0)
    assert [seed_of(entry) for entry in store.waiting()] == [99, 4, 1, 2, 3, 5]
    assert fresh.cancel(entries[2].id)
    assert fresh.cancel(entries[0].id)  # the one that runs
    status = line_of(process).split()
    process.communicate(timeout=60)
    assert status == ["cancelled", "done", "cancelled", "done", "done", "done"]
    drawn = [entry.seed for entry in Gallery().search()]
    assert drawn == [5, 3, 1, 4]
    assert fresh.interrupted() == []


def test_an_engine_that_is_closed_leaves_nothing(tmp_path: Path) -> None:
    engine = LocalEngine(Gallery(tmp_path / "own"))
    jobs = [engine.submit(PARAMS.replace(steps=200, seed=seed)) for seed in (1, 2)]
    store = engine.queue_store
    assert store is not None
    assert len(store.waiting()) == 2
    engine.close()
    assert [job.status for job in jobs] == ["cancelled", "cancelled"]
    assert store.waiting() == store.left() == []
    assert [entry.state for entry in store.history()] == ["cancelled", "cancelled"]


def test_a_job_is_written_down_and_followed(engine: LocalEngine) -> None:
    engine.gallery = Gallery()
    job = engine.submit(PARAMS, origin="test", priority=1)
    store = engine.queue_store
    assert store is not None
    entry = store.find(job.id)
    assert entry is not None
    assert entry.params == job.params
    assert (entry.origin, entry.priority, entry.state in ("queued", "running")) == ("test", 1, True)
    job.results(60)
    settle(engine)
    [ended] = store.history()
    assert (ended.state, ended.finished) == ("done", 3)
    assert store.waiting() == []


def test_what_is_not_saved_is_not_written_down(engine: LocalEngine) -> None:
    engine.gallery = Gallery()
    engine.submit(PARAMS.replace(count=1), save=False).result(60)
    assert not (Gallery().folder / NAME).exists()
    engine.gallery = None
    engine.submit(PARAMS.replace(count=1)).result(60)
    assert engine.queue_store is None
    assert engine.interrupted() == []


def test_a_new_gallery_has_its_own_list(engine: LocalEngine, tmp_path: Path) -> None:
    engine.gallery = Gallery(tmp_path / "a")
    first = engine.submit(PARAMS.replace(count=1))
    engine.gallery = Gallery(tmp_path / "b")
    second = engine.submit(PARAMS.replace(count=1))
    for job, folder in ((first, "a"), (second, "b")):
        path = job.result(60).path
        assert path is not None
        assert path.is_relative_to(tmp_path / folder)
    for folder, job in (("a", first), ("b", second)):
        settle(engine, QueueStore(tmp_path / folder))
        assert [entry.id for entry in QueueStore(tmp_path / folder).history()] == [job.id]


def test_a_folder_that_cannot_be_written_stops_nothing(engine: LocalEngine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    engine.gallery = Gallery(tmp_path / "file")
    job = engine.submit(PARAMS)
    assert len(job.results(60)) == 3
    codes = [warning.code for warning in job.coded_warnings]
    assert codes.count("not-written-down") == 1
    assert engine.interrupted() == []


def test_jobs_are_drawn_by_priority_and_as_they_were_moved(engine: LocalEngine) -> None:
    engine.gallery = Gallery()
    first = engine.submit(LONG)
    while first.status == "queued":
        time.sleep(0.01)
    jobs = [
        engine.submit(PARAMS.replace(seed=seed, count=1), priority=int(seed == 3))
        for seed in (1, 2, 3)
    ]
    assert engine.jobs() == [first, jobs[2], jobs[0], jobs[1]]
    engine.move(jobs[1].id, 1)
    assert engine.jobs() == [first, jobs[2], jobs[1], jobs[0]]
    store = engine.queue_store
    assert store is not None
    assert [entry.id for entry in store.waiting()] == [job.id for job in engine.jobs()]
    assert engine.cancel(jobs[0].id)
    assert engine.jobs() == [first, jobs[2], jobs[1]]
    first.cancel()
    for job in jobs:
        job.wait(60)
    assert jobs[1].started > jobs[2].started  # type: ignore[operator]
    settle(engine)
    assert not engine.cancel(jobs[0].id)
