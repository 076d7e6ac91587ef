"""Processes of the shared engine that hang: noticed, replaced, their pictures drawn once."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from zimg_kernel import GenerationParams
from zimg_kernel.cluster import pulse
from zimg_kernel.cluster.client import ClusterEngine
from zimg_kernel.engine.events import Finished
from zimg_kernel.engine.owner import Owner, this_process
from zimg_kernel.gallery.gallery import Gallery

from .running import RunningEngine

SMALL = GenerationParams(
    prompt="a red circle", model="nano-turbo", width=128, height=128, steps=2, seed=5
)


@pytest.fixture(scope="module")
def quick_to_notice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    with RunningEngine(tmp_path_factory.mktemp("hung"), hung_seconds=12) as engine:
        yield engine


@pytest.mark.slow
@pytest.mark.parametrize(
    "role",
    [
        "worker-0",
        *(pytest.param(role, marks=pytest.mark.nightly)
          for role in ("scheduler", "service", "supervisor")),
    ],
)  # fmt: skip
def test_a_process_that_is_stopped_is_replaced_and_its_pictures_drawn_once(
    quick_to_notice: RunningEngine, tmp_path: Path, role: str
) -> None:
    before = quick_to_notice.until_all_run()
    engine = ClusterEngine(quick_to_notice.place, Gallery(tmp_path), user="ann")
    job = engine.submit(SMALL.replace(count=6))
    next(event for event in job.events(60) if isinstance(event, Finished))
    os.kill(before[role], signal.SIGSTOP)
    now = quick_to_notice.until_all_run(without=[before[role]], limit=180)
    assert now["supervisor" if role != "supervisor" else "service"] in before.values()
    assert [image.seed for image in job.results(180)] == list(range(5, 11))
    assert engine.gallery is not None
    assert sorted(entry.seed for entry in engine.gallery.search(limit=100)) == list(range(5, 11))
    engine.close()


def test_a_process_is_not_blamed_for_the_sleep_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append(pid))
    monkeypatch.setattr(Owner, "own", False)
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    file = tmp_path / "worker-0.pid"
    file.touch()
    silence = pulse.Silence(file, 60)
    owner = this_process()
    for passed in (1.0, 3600.0, 1.0):
        clock[0] += passed
        assert not silence.end_if_hung(owner)
    for _ in range(100):
        clock[0] += 0.5
        silence.end_if_hung(owner)
    assert not killed
    for _ in range(30):
        clock[0] += 0.5
        silence.end_if_hung(owner)
    assert killed == [owner.pid]


def test_a_stuck_event_loop_is_no_sign_of_life(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "service.pid"
    file.touch()

    def touched() -> bool:
        os.utime(file, (1, 1))
        pulse.touch(file)
        return file.stat().st_mtime > 1

    async def live() -> None:
        life = asyncio.create_task(pulse.beat("dispatch"))
        await asyncio.sleep(0.01)
        assert touched()
        monkeypatch.setattr(pulse, "_FRESH", 0.0)
        assert not touched()
        life.cancel()

    asyncio.run(live())
    assert touched()  # a loop that has ended is not waited for
