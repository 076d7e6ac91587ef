"""What the shared engine drew before need not be drawn again for notebooks that run as jobs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import zimg_kernel as zimg
from shared_engine import SharedEngine
from zimg_kernel.cluster.client import ClusterEngine
from zimg_kernel.cluster.options import Options
from zimg_kernel.engine.events import Done, Finished, Queued, Started, Step

pytestmark = pytest.mark.slow

PARAMS = zimg.GenerationParams(
    prompt="a red circle", model="nano-turbo", width=128, height=128, steps=3, seed=5
)


@pytest.fixture(scope="module")
def shared() -> Iterator[SharedEngine]:
    shared = SharedEngine(Options(workers=1))
    yield shared
    shared.stop()


@pytest.fixture
def engine(
    shared: SharedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ClusterEngine]:
    monkeypatch.setenv("ZIMG_UNATTENDED", "1")
    engine = shared.client(tmp_path / "gallery")
    yield engine
    engine.close()


def _paths(job: zimg.Job) -> list[Path | None]:
    return [image.path for image in job.results(60)]


def _files(engine: ClusterEngine) -> int:
    assert engine.gallery is not None
    return len(list(engine.gallery.folder.glob("*/*.png")))


def test_the_same_pictures_are_saved_once_and_told_alike(engine: ClusterEngine) -> None:
    params = PARAMS.replace(count=3)
    first, second = engine.submit(params), engine.submit(params)  # the second waits for the first
    third = engine.submit(PARAMS.replace(seed=PARAMS.seed + 1))  # one of them
    assert len(set(_paths(first))) == 3
    assert _paths(second) == _paths(first)
    assert _paths(third) == _paths(first)[1:2]
    assert _files(engine) == 3
    for job in (second, third):
        kinds = [type(event) for event in job.events(10)]
        assert kinds[:2] == [Queued, Started]
        assert kinds.count(Step) == 3 * kinds.count(Finished)
        assert kinds[-1] is Done
    steps = [event for event in second.events(10) if isinstance(event, Step)]
    assert [(step.index, step.step, step.steps, step.count) for step in steps] == [
        (index, step, 3, 3) for index in range(3) for step in (1, 2, 3)
    ]


def test_what_is_gone_or_changed_is_drawn_again(engine: ClusterEngine) -> None:
    (path,) = _paths(engine.submit(PARAMS))
    assert path is not None
    path.unlink()
    (again,) = _paths(engine.submit(PARAMS))
    assert again is not None
    assert _paths(engine.submit(PARAMS)) == [again]
    again.write_bytes(again.read_bytes() + b"changed")
    assert _paths(engine.submit(PARAMS)) != [again]


def test_who_looks_sees_it_drawn(engine: ClusterEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _paths(engine.submit(PARAMS))
    assert _paths(engine.submit(PARAMS)) == first
    monkeypatch.setenv("ZIMG_UNATTENDED", "0")
    assert _paths(engine.submit(PARAMS)) != first
    monkeypatch.setenv("ZIMG_UNATTENDED", "1")
    monkeypatch.setenv("ZIMG_REUSE", "0")
    assert _paths(engine.submit(PARAMS)) != first
    assert _files(engine) == 3


def test_other_previews_seeds_and_measurements_are_drawn(engine: ClusterEngine) -> None:
    first = _paths(engine.submit(PARAMS))
    assert _paths(engine.submit(PARAMS, preview="vae")) != first
    assert _paths(engine.submit(PARAMS.replace(seed=77))) != first
    engine.forget_prompts()
    assert _paths(engine.submit(PARAMS)) != first
    assert _paths(engine.submit(PARAMS, save=False)) == [None]


def test_a_cancelled_twin_is_not_waited_for(engine: ClusterEngine) -> None:
    long = PARAMS.replace(steps=150, seed=9)
    first, second = engine.submit(long), engine.submit(long)
    for event in first.events(60):
        if isinstance(event, Step):
            break
    first.cancel()
    assert len(_paths(second)) == 1
    assert first.status == "cancelled"
    assert _files(engine) == 1
