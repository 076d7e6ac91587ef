"""Order and limits of the shared engine: users, quota, time limit, two workers, models in turn."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import zimg_kernel as zimg
from refusals import refused
from shared_engine import SharedEngine
from zimg_kernel.cluster.client import ClusterEngine
from zimg_kernel.cluster.options import Options
from zimg_kernel.cluster.processes import holder
from zimg_kernel.cluster.status import ask
from zimg_kernel.cluster.wire import connect
from zimg_kernel.engine.events import Step
from zimg_kernel.errors import ZimgError

pytestmark = pytest.mark.slow

PARAMS = zimg.GenerationParams(
    prompt="a red circle", model="nano-turbo", width=128, height=128, steps=4, seed=100
)
LONG = PARAMS.replace(steps=200)


@pytest.fixture(scope="module")
def shared() -> Iterator[SharedEngine]:
    options = Options(workers=2, quota=30, users=("ann", "bob"))
    shared = SharedEngine(options)
    first = shared.client(None, "ann")
    for job in [first.submit(PARAMS, save=False) for _ in range(4)]:  # both have loaded it then
        job.wait(60)
    yield shared
    shared.stop()


@pytest.fixture
def ann(shared: SharedEngine, tmp_path: Path) -> Iterator[ClusterEngine]:
    engine = shared.client(tmp_path / "ann", "ann")
    yield engine
    engine.close()


@pytest.fixture
def bob(shared: SharedEngine, tmp_path: Path) -> Iterator[ClusterEngine]:
    engine = shared.client(tmp_path / "bob", "bob")
    yield engine
    engine.close()


def test_two_workers_finish_forty_pictures_one_killed_midway(ann: ClusterEngine) -> None:
    jobs = [ann.submit(PARAMS.replace(seed=seed, count=10)) for seed in (0, 100)]
    jobs += [ann.submit(PARAMS.replace(seed=seed)) for seed in range(200, 210)]
    jobs[0].results(60)
    worker = holder(ann.place, "worker-1")
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    assert [len(job.results(90)) for job in jobs] == [10, 10, *[1] * 10]
    assert ann.gallery is not None
    seeds = [entry.seed for entry in ann.gallery.search(limit=1000)]
    assert sorted(seeds) == [*range(10), *range(100, 110), *range(200, 210)]


def test_a_second_user_gets_a_fair_share(ann: ClusterEngine, bob: ClusterEngine) -> None:
    many = ann.submit(PARAMS.replace(count=25, steps=12))
    few = [bob.submit(PARAMS.replace(seed=seed)) for seed in range(3)]
    for job in few:
        job.results(60)
    assert len(many.images) < 20
    assert len(many.results(120)) == 25


def test_a_quota_is_of_each_user(ann: ClusterEngine, bob: ClusterEngine) -> None:
    job = ann.submit(LONG.replace(count=28))
    with refused("quota-exceeded", "count"):
        ann.submit(PARAMS.replace(count=10))
    assert bob.submit(PARAMS).result(60).seed == 100
    job.cancel()
    assert job.wait(60)


def test_a_user_who_is_not_named_is_refused(shared: SharedEngine, tmp_path: Path) -> None:
    stranger = shared.client(tmp_path, "eve")
    with refused("unknown-user", "user"):
        stranger.submit(PARAMS)
    stranger.close()


def test_a_job_that_takes_too_long_fails_alone(tmp_path: Path) -> None:
    limited = SharedEngine(Options(workers=1, job_seconds=10))
    engine = limited.client(tmp_path)
    slow = engine.submit(LONG.replace(count=8, width=384, height=384))
    quick = engine.submit(PARAMS)
    with pytest.raises(ZimgError) as failure:
        slow.results(120)
    assert failure.value.code == "time-limit"
    assert quick.result(60).seed == 100
    engine.close()
    limited.stop()


def test_models_are_drawn_in_turn_and_stay_warm(ann: ClusterEngine) -> None:
    models = ["nano-turbo", "nano-base"] * 4
    jobs = [ann.submit(PARAMS.replace(model=m, seed=n)) for n, m in enumerate(models)]
    assert [job.results(60)[0].params.model for job in jobs] == models
    assert set(ann.resources().loaded) >= {"nano-turbo", "nano-base"}


def test_a_request_that_arrives_twice_is_one_job(ann: ClusterEngine) -> None:
    job = ann.submit(PARAMS.replace(count=3))
    request = ann._followed._jobs[job.id].request
    again = ann._link.ask("submit", **request)
    assert again["id"] == job.id
    job.results(60)
    assert ann._link.ask("submit", **request)["status"] == "done"
    assert ann.gallery is not None
    assert len(ann.gallery) == 3


def test_the_status_tells_of_users_jobs_and_workers(ann: ClusterEngine) -> None:
    deadline = time.monotonic() + 180
    while len(ask(ann.place, "status")["workers"]) < 2:  # one was killed
        assert time.monotonic() < deadline
        time.sleep(0.1)
    job = ann.submit(LONG.replace(width=384, height=384))
    next(event for event in job.events(60) if isinstance(event, Step))
    told = ask(ann.place, "status")
    assert [user["user"] for user in told["users"]] == ["ann"]
    assert [(one["job"], one["pictures"]) for one in told["jobs"]] == [(job.id, "0/1")]
    assert sorted(worker["worker"] for worker in told["workers"]) == ["zimg-0", "zimg-1"]
    assert [w["draws"] for w in told["workers"] if w["draws"]] == [f"ann: {job.id}"]
    job.cancel()


def test_what_is_no_request_harms_nobody(shared: SharedEngine, ann: ClusterEngine) -> None:
    place = shared.place
    for said in (b"nonsense\n", b"[1]\n", b'{"id": 1}\n', b'{"method": "__init__"}\n', b"x" * 99):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(place.socket))
            connection.sendall(said)
    wire = connect(place.socket, 1)
    wire.send({"id": 1, "method": "no such", "x": 1})
    answer = next(wire.messages())
    assert answer["error"]["code"] == "unknown-request"
    wire.close()
    assert ann.submit(PARAMS).result(60).seed == 100
