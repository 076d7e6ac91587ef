"""The session: what waits, runs and is finished, for every Studio on an engine."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

from engines import Around
from refusals import refused
from zimg_kernel import Gallery, GenerationParams, Job, LocalEngine, ZimgError
from zimg_kernel.engine.events import Step
from zimg_kernel.engine.old_journal import FOLDER
from zimg_kernel.engine.queue_entry import Interrupted
from zimg_kernel.engine.session import JobSession, session_of

RED = GenerationParams(
    model="nano-turbo", prompt="a red circle", width=128, height=128, steps=2, seed=1
)
LONG = RED.replace(model="nano-base", steps=200, width=384, height=384)


def interrupt(gallery: Gallery, params: GenerationParams) -> str:
    """Leave what a killed kernel of an earlier version leaves; return the entry's id."""
    folder = gallery.folder / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    name = "00001700000000000000-0badcafe"
    entry = {
        "version": 1,
        "params": params.model_dump(),
        "accepted": "2026-11-21T10:00:00+00:00",
        "pid": 2**30,
        "started": 1.0,
        "finished": 1,
    }
    (folder / f"{name}.json").write_text(json.dumps(entry))
    return name


def test_a_request_passes_over_the_desk(engine: LocalEngine) -> None:
    session = JobSession(engine)
    job = session.submit(RED.replace(count=2))
    assert [r.job for r in session.requests] == [job]
    images = job.results(timeout=120)
    assert wait(session, lambda: not session.requests)
    assert [r.open() for r in session.results] == images[::-1]
    assert session.current is not None
    assert session.current.job is job
    assert session.current.step is not None
    assert session.current.step.step == 2
    assert engine.queue_store.waiting() == []


def wait(session: JobSession, what: object, seconds: float = 120) -> bool:
    """Wait for the session to tell of something."""
    heard = threading.Event()

    def look() -> None:
        if what():  # type: ignore[operator]
            heard.set()

    session.listen(look)
    try:
        return heard.wait(seconds)
    finally:
        session.unlisten(look)


def test_what_is_refused_is_not_accepted(engine: LocalEngine) -> None:
    session = JobSession(engine)
    with refused("out-of-range"):
        session.submit(RED.replace(width=1024))
    assert session.requests == []


def test_each_request_can_be_cancelled(engine: LocalEngine) -> None:
    session = JobSession(engine)
    jobs = [session.submit(LONG.replace(seed=seed)) for seed in range(3)]
    assert len(engine.queue_store.waiting()) == 3
    while jobs[0].status == "queued":
        time.sleep(0.01)
    session.move(jobs[2].id, 0)
    assert [r.job for r in session.requests] == [jobs[0], jobs[2], jobs[1]]
    session.move(jobs[1].id, 0)
    session.cancel(jobs[1].id)
    assert jobs[1].wait(60)
    session.cancel()  # the one that is on
    assert jobs[0].wait(60)
    assert wait(session, lambda: [r.job for r in session.requests] == [jobs[2]])
    session.cancel(jobs[2].id)
    assert jobs[2].wait(60)
    assert wait(session, lambda: not session.requests)
    assert {job.status for job in jobs} == {"cancelled"}
    assert session.results == []
    assert engine.queue_store.waiting() == []


def test_a_second_desk_finds_what_runs_and_what_was_drawn(engine: LocalEngine) -> None:
    first = JobSession(engine)
    first.submit(RED).result(timeout=120)
    running = first.submit(LONG)
    second = JobSession(engine)
    assert [r.job for r in second.requests] == [running]
    assert [r.prompt for r in second.results] == ["a red circle"]
    assert second.results[0].open().params == first.results[0].open().params
    running.cancel()
    assert wait(second, lambda: not second.requests)


def test_there_is_one_desk_for_an_engine(engine: LocalEngine) -> None:
    assert session_of(engine) is session_of(engine)
    assert session_of(LocalEngine()) is not session_of(engine)


def test_what_a_killed_kernel_left_is_drawn_once(engine: LocalEngine) -> None:
    offer_id = interrupt(engine.gallery, RED.replace(count=3))
    session, other = JobSession(engine), JobSession(engine)
    [offer] = session.interrupted
    assert (offer.params.seed, offer.params.count) == (2, 2)
    job = session.draw_again(offer_id)
    assert job is not None
    assert [i.seed for i in job.results(timeout=120)] == [2, 3]
    assert other.draw_again(offer_id) is None  # two kernels had it on offer
    assert session.interrupted == other.interrupted == []


def test_an_offer_that_is_refused_stays(engine: LocalEngine) -> None:
    offer_id = interrupt(engine.gallery, RED.replace(model="no-such-model", count=2))
    session = JobSession(engine)
    with refused("unknown-model", "model"):
        session.draw_again(offer_id)
    assert [offer.id for offer in JobSession(engine).interrupted] == [offer_id]
    session.dismiss(offer_id)
    assert JobSession(engine).interrupted == []


def test_a_listener_that_fails_does_not_silence_the_others(engine: LocalEngine) -> None:
    session = JobSession(engine)
    fail = lambda: 1 / 0  # noqa: E731
    session.listen(fail)
    assert wait(session, lambda: True)
    session.unlisten(fail)


def test_a_session_without_listeners_has_no_thread(engine: LocalEngine) -> None:
    session = JobSession(engine)
    for _ in range(2):
        assert wait(session, lambda: True)
        deadline = time.monotonic() + 60
        while session._notify_thread is not None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    interrupt(engine.gallery, RED.replace(count=2))
    assert session.interrupted == []
    assert wait(session, lambda: session.interrupted)


def test_a_result_whose_file_is_gone_says_so(engine: LocalEngine, tmp_path: Path) -> None:
    JobSession(engine).submit(RED).result(timeout=120)
    session = JobSession(engine)
    [result] = session.results
    assert result.path is not None
    result.path.unlink()
    with refused("file-missing"):
        result.open()


def test_an_engine_that_is_gone_keeps_the_session_telling(engine: LocalEngine) -> None:
    class Stopped(Around):
        gone = False

        def jobs(self) -> list[Job]:
            return [] if self._there() else super().jobs()

        def interrupted(self) -> list[Interrupted]:
            return [] if self._there() else super().interrupted()

        def _there(self) -> bool:
            if self.gone:
                raise ZimgError("It was stopped.", code="engine-stopped")
            return False

    stopped = Stopped(engine)
    session = JobSession(stopped)
    job = session.submit(LONG)
    next(event for event in job.events() if isinstance(event, Step))
    stopped.gone = True
    assert [request.job for request in session.requests] == [job]
    assert wait(session, lambda: session.current is not None)
    time.sleep(2.5)  # it looks for what others left meanwhile
    job.cancel()
    assert wait(session, lambda: not session.requests)
