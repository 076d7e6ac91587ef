"""Idle models are given back, and loaded again on demand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from refusals import refused
from zimg_kernel import GenerationParams, Job, LocalEngine
from zimg_kernel.engine import idle
from zimg_kernel.engine.events import Step

PARAMS = GenerationParams(
    model="nano-turbo", prompt="a red circle", width=128, height=128, steps=2, seed=1
)


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate()]


@pytest.mark.slow
def test_models_leave_the_memory_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMG_IDLE_MINUTES", "0.02")  # 1.2 s
    engine = LocalEngine()
    drawn_with: list[list[str]] = []

    def note(job: Job) -> None:
        # In the thread that draws: whoever waits may look when the time is over.
        job.on_event(lambda e: drawn_with.append(engine.loaded) if isinstance(e, Step) else None)

    engine.on_submit(note)
    try:
        first = engine.submit(PARAMS).result(60)
        assert drawn_with == [["nano-turbo"]] * 2
        _wait(lambda: not engine.loaded)
        again = engine.submit(PARAMS).result(60)
        assert again.image.tobytes() == first.image.tobytes()
        engine.submit(PARAMS.replace(model="nano-base")).result(60)
        assert drawn_with[-1][-1] == "nano-base"
        _wait(lambda: not engine.loaded)
        # One that is used for longer than that stays.
        long = engine.run(lambda model, stop: time.sleep(3) or engine.loaded, "nano-turbo")
        assert long.result(60) == ["nano-turbo"]
        assert engine.pipeline("nano-base") is not None
        _wait(lambda: not engine.loaded)
    finally:
        engine.close()
    _wait(lambda: "zimg-idle" not in _threads())


@pytest.mark.slow
def test_other_programs_that_need_memory_get_it_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMG_IDLE_MINUTES", "30")
    monkeypatch.setattr(idle, "_LOOK", 0.1)
    monkeypatch.setattr(idle, "_RESTED", 0.5)
    monkeypatch.setattr(idle, "_SHORT", 0.0)
    engine = LocalEngine()
    try:
        for model in ("nano-turbo", "nano-base"):
            engine.submit(PARAMS.replace(model=model)).result(60)
        time.sleep(1)
        assert engine.loaded == ["nano-turbo", "nano-base"]
        monkeypatch.setattr(idle, "_SHORT", 1.0)
        _wait(lambda: engine.loaded == ["nano-base"] or not engine.loaded)
        _wait(lambda: not engine.loaded)
    finally:
        engine.close()


def test_a_containers_limit_counts(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("12:cpu:/old\n0::/box/inner\n")
    assert idle.share_left(tmp_path, own) == 1
    inner = tmp_path / "box" / "inner"
    inner.mkdir(parents=True)
    for folder, limit in ((inner, "max"), (inner.parent, "1000")):
        (folder / "memory.max").write_text(f"{limit}\n")
        (folder / "memory.current").write_text("960\n")
        (folder / "memory.stat").write_text("anon 900\ninactive_file 20\n")
    assert idle.share_left(tmp_path, own) == pytest.approx(0.06)
    (inner / "memory.max").write_text("950\n")
    assert idle.share_left(tmp_path, own) == pytest.approx(1 - 940 / 950)
    assert idle.share_left(tmp_path, tmp_path / "none") == 1
    assert 0 <= idle.share_left() <= 1


def test_a_kernel_keeps_its_models_by_default(engine: LocalEngine) -> None:
    assert idle.idle_minutes() == 0
    assert "zimg-idle" not in _threads()


@pytest.mark.parametrize("given", ["soon", "-1", "nan", "1e9"])
def test_a_time_that_is_none_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMG_IDLE_MINUTES", given)
    with refused("out-of-range", "ZIMG_IDLE_MINUTES"):
        LocalEngine()
