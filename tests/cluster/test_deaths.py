"""Deaths of the shared engine's processes: every picture is there once, whoever is killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import zimg_kernel as zimg
from shared_engine import SharedEngine
from zimg_kernel.cluster.client import ClusterEngine
from zimg_kernel.cluster.options import Options
from zimg_kernel.cluster.processes import holder, roles_left
from zimg_kernel.engine.events import Event, Finished, Step
from zimg_kernel.errors import ZimgError

pytestmark = pytest.mark.slow

PARAMS = zimg.GenerationParams(
    prompt="a red circle", model="nano-turbo", width=128, height=128, steps=4, seed=100
)
LONG = PARAMS.replace(steps=200, width=384, height=384)


@pytest.fixture(scope="module")
def shared() -> Iterator[SharedEngine]:
    shared = SharedEngine(Options(workers=1))
    yield shared
    shared.stop()


@pytest.fixture
def engine(shared: SharedEngine, tmp_path: Path) -> Iterator[ClusterEngine]:
    engine = shared.client(tmp_path / "gallery")
    yield engine
    engine.close()


def kill(engine: ClusterEngine, *roles: str) -> None:
    """Kill processes of an engine at once."""
    for owner in [holder(engine.place, role) for role in roles]:
        if owner is not None:
            os.kill(owner.pid, signal.SIGKILL)


def wait_for(job: zimg.Job, kind: type[Event], count: int = 1) -> None:
    for event in job.events(180):
        count -= isinstance(event, kind)
        if not count:
            return


def require_once(engine: ClusterEngine, *jobs: zimg.Job) -> None:
    """Require that each picture of the jobs was told once and is in the gallery once."""
    for job in jobs:
        told = [event.index for event in job.events(180) if isinstance(event, Finished)]
        assert told == list(range(job.params.count)), job
        assert [image.seed for image in job.results()] == [p.seed for p in job.params.singles()]
    assert engine.gallery is not None
    wanted = sorted((job.id, index) for job in jobs for index in range(job.params.count))
    assert sorted(_pictures(engine.gallery)) == wanted
    files = set(engine.gallery.folder.glob("*/*.png"))
    assert files == {entry.path for entry in engine.gallery.search(limit=10_000)}
    assert engine.interrupted() == []
    assert engine.jobs() == []


def _pictures(gallery: zimg.Gallery) -> list[tuple[str, int]]:
    found = []
    for path in gallery.folder.glob("*/*.png"):
        job = zimg.GeneratedImage.open(path).job
        assert job is not None
        found.append((job["id"], job["index"]))
    return found


@pytest.mark.parametrize(
    "roles",
    [
        ("worker-0",),
        ("service",),
        ("scheduler",),
        ("supervisor", "service"),
        ("supervisor", "scheduler", "service", "worker-0"),
    ],
    ids=" ".join,
)
def test_every_picture_is_drawn_once_whoever_is_killed(
    engine: ClusterEngine, roles: tuple[str, ...]
) -> None:
    first = engine.submit(PARAMS.replace(count=12))
    second = engine.submit(PARAMS.replace(seed=900, count=2))
    wait_for(first, Finished, 3)
    kill(engine, *roles)
    assert first.wait(240)
    require_once(engine, first, second)


def test_what_was_accepted_is_drawn_without_its_client(
    shared: SharedEngine, engine: ClusterEngine, tmp_path: Path
) -> None:
    gone = shared.client(tmp_path / "gallery")
    for seed in (0, 10):
        gone.submit(PARAMS.replace(seed=seed, count=3))
    gone._link.close()
    kill(engine, "service")
    assert engine.gallery is not None
    deadline = time.monotonic() + 120
    while len(engine.gallery) < 6:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert sorted(e.seed for e in engine.gallery.search()) == [0, 1, 2, 10, 11, 12]


def test_a_job_that_is_not_saved_is_drawn_again(engine: ClusterEngine) -> None:
    job = engine.submit(PARAMS.replace(count=5), save=False)
    wait_for(job, Finished)
    kill(engine, "service")
    assert [image.seed for image in job.results(240)] == [100, 101, 102, 103, 104]
    assert engine.gallery is not None
    assert len(engine.gallery) == 0


def test_a_job_that_kills_its_worker_three_times_is_given_up_alone(engine: ClusterEngine) -> None:
    deadly = engine.submit(LONG)
    after = engine.submit(PARAMS)
    killed = 0
    for _ in range(3):
        deadline = time.monotonic() + 120
        while (worker := holder(engine.place, "worker-0")) is None or worker.pid == killed:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        # Only now: steps of the one before may have been on their way.
        seen = len([event for event in deadly._events if isinstance(event, Step)])
        while len([e for e in deadly._events if isinstance(e, Step)]) == seen:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        killed = worker.pid
        os.kill(killed, signal.SIGKILL)
        while worker.alive:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    with pytest.raises(ZimgError) as failure:
        deadly.result(180)
    assert failure.value.code == "worker-died"
    assert after.result(180).seed == 100


def test_a_job_cancelled_while_its_service_is_dead_is_not_drawn(engine: ClusterEngine) -> None:
    job = engine.submit(LONG.replace(count=3))
    wait_for(job, Step)
    kill(engine, "service")
    job.cancel()
    assert job.wait(180)
    assert job.status == "cancelled"
    assert engine.submit(PARAMS).result(60).seed == 100


def test_a_job_outlives_its_client_and_is_found_again(
    shared: SharedEngine, engine: ClusterEngine, tmp_path: Path
) -> None:
    gone = shared.client(tmp_path / "gallery")
    job = gone.submit(PARAMS.replace(count=6))
    wait_for(job, Finished)
    gone._link.close()  # as when its process ends
    found = engine.job(job.id)
    assert found is not None
    assert found.params == job.params
    require_once(engine, found)
    ended = shared.client(tmp_path / "gallery").job(job.id)
    assert ended is not None
    require_once(engine, ended)
    kill(engine, "service")
    late = shared.client(tmp_path / "gallery").job(job.id)
    assert late is not None
    require_once(engine, late)
    assert engine.job("job-0-0") is None


def test_all_of_them_are_alive_in_the_end(engine: ClusterEngine) -> None:
    engine.submit(PARAMS).result(60)
    assert set(roles_left(engine.place)) == {"supervisor", "scheduler", "service", "worker-0"}
