"""Faults put in on purpose are found, each by the suite that looks for it."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.experiments.bench.competitors_for_tests import Clock, Painter, Sleeper, run, striped
from zimg_kernel.experiments.bench import Answer, Request, time_limit
from zimg_kernel.experiments.bench.compare import compare_results
from zimg_kernel.experiments.bench.findings import find
from zimg_kernel.experiments.bench.result import BenchResult, Case


def kinds(result: BenchResult, level: str = "fault") -> list[str]:
    """The kinds of the findings of a level."""
    return [finding.kind for finding in result.findings if finding.level == level]


def painted(folder: Path, seed: int, slower: float = 0.0) -> BenchResult:
    """One result of 25 rounds; what this machine does meanwhile is not in its clock."""
    clock = Clock()
    found = run(folder, [Painter(clock, seed=seed, slower=slower)], rounds=25, clock=clock)
    for one in found.runs:
        one.resources.pop("wait", None)
    return found


def noise(width: int, height: int) -> Image.Image:
    """A picture of noise alone."""
    values = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(values)


def test_a_step_that_takes_a_tenth_longer_is_found(tmp_path: Path) -> None:
    comparison = compare_results(painted(tmp_path / "a", 1), painted(tmp_path / "b", 2, 0.1))
    (change,) = comparison.changed
    assert (change.figure, change.competitor) == ("total", "painter")
    assert 1.04 < change.ratio < 1.12


@pytest.mark.parametrize(
    ("threads", "told"), [(1, True), (2, False)], ids=["one thread", "two threads"]
)
def test_waiting_is_exact_for_one_thread_alone(threads: int, told: bool, tmp_path: Path) -> None:
    results = painted(tmp_path / "a", 1), painted(tmp_path / "b", 2, 0.2)
    for result in results:
        result.environment["threads"] = threads
        for one in result.runs:  # others have the cores for half of the time
            one.times["total"] *= 2
            one.resources["wait"] = one.times["total"] / 2
    (total,) = [one for one in compare_results(*results).changes if one.figure == "total"]
    assert total.changed is told
    assert total.noise is not None
    assert (total.noise > 1) is not told


def test_a_machine_that_swings_hides_what_a_steady_one_shows(tmp_path: Path) -> None:
    results = painted(tmp_path / "a", 1), painted(tmp_path / "b", 2, 0.1)
    (steady,) = [one for one in compare_results(*results).changes if one.figure == "total"]
    for result in results:
        for one in result.runs:
            one.times["total"] *= (1.0, 1.5, 1.1, 1.3, 1.2)[one.round // 5]
    (swinging,) = [one for one in compare_results(*results).changes if one.figure == "total"]
    assert (steady.changed, swinging.changed) == (True, False)
    assert steady.noise is not None
    assert swinging.noise is not None
    assert steady.noise < 0.1 < 0.3 < swinging.noise


def test_twenty_pairs_of_equal_runs_give_at_most_one_alarm(tmp_path: Path) -> None:
    alarms = 0
    for pair in range(20):
        results = [painted(tmp_path / f"{pair}-{side}", 2 * pair + side) for side in (0, 1)]
        alarms += bool(compare_results(*results).changed)
    assert alarms <= 1


def test_a_leak_of_a_megabyte_a_picture_is_found(tmp_path: Path) -> None:
    clock = Clock()
    leaky = Painter(clock, "leaky", seed=1, leak=0.001)
    tight = Painter(clock, "tight", seed=2)
    cases = [Case(name=f"{number:02d}", params={"prompt": str(number)}) for number in range(50)]
    result = run(tmp_path, [leaky, tight], cases, suite="stability", rounds=1, clock=clock)
    (leak,) = [one for one in result.findings if one.kind == "memory-leak"]
    assert leak.competitor == "leaky"
    assert leak.values["slope_gb"] == pytest.approx(0.001, rel=0.1)
    assert [one.competitor for one in result.findings if one.kind == "steady"] == ["tight"]


def test_memory_that_ends_amid_the_sizes_stops_neither_them_nor_others(tmp_path: Path) -> None:
    clock = Clock()
    small = Painter(clock, "small", most=64 * 128)
    large = Painter(clock, "large")
    sizes = [(64, 64), (256, 256), (64, 128), (64, 64)]
    cases = [Case(name=f"{n}: {w}x{h}", params={"width": w, "height": h})
             for n, (w, h) in enumerate(sizes)]  # fmt: skip
    result = run(tmp_path, [small, large], cases, suite="sizes", rounds=2, clock=clock)
    outcomes = {(row.competitor, row.case): row.statuses for row in result.rows}
    assert outcomes["small", "1: 256x256"] == {"out-of-memory": 1, "skipped": 1}
    assert outcomes["small", "2: 64x128"] == outcomes["small", "3: 64x64"] == {"ok": 2}
    assert all(outcomes["large", case.name] == {"ok": 2} for case in cases)
    (found,) = [one for one in result.findings if one.kind == "memory-ends"]
    assert found.values == {"cases": ["1: 256x256"], "recovered": True, "largest": "2: 64x128"}
    assert small.recovered == 1


@pytest.mark.parametrize(
    "paint",
    [
        lambda w, h: Image.new("RGB", (w, h)),
        lambda w, h: striped(w // 2, h),
        noise,
    ],
    ids=["black", "too small", "noise"],
)  # fmt: skip
def test_broken_pictures_are_found(paint: object, tmp_path: Path) -> None:
    clock = Clock()
    broken = Painter(clock, "broken", paint=paint)  # type: ignore[arg-type]
    cases = [Case(name="default", params={"width": 64, "height": 64, "seed": 1})]
    result = run(tmp_path, [broken, Painter(clock, "whole")], cases, rounds=2, clock=clock)
    assert kinds(result) == ["broken-picture"] * 2
    assert {run.competitor for run in result.runs if run.status == "broken"} == {"broken"}


@pytest.mark.parametrize("cut", [0, 60, None], ids=["empty", "cut", "gone"])
def test_a_broken_file_of_a_whole_picture_is_found(cut: int | None, tmp_path: Path) -> None:
    class Careless(Painter):
        def draw(self, request: Request) -> Answer:
            answer = super().draw(request)
            answer.path = request.folder / f"{request.name}.png"
            if cut is not None:
                answer.images[0].save(answer.path)
                answer.path.write_bytes(answer.path.read_bytes()[:cut])
            return answer

    result = run(tmp_path, [Careless(Clock())], rounds=1)
    assert kinds(result) == ["broken-picture"]
    assert "cannot be read" in str(result.runs[0].error)


def test_a_competitor_that_never_answers_is_given_up_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grace = time_limit.within
    monkeypatch.setattr(
        "zimg_kernel.experiments.bench.measure.within",
        lambda seconds, function, cancel: grace(0.2, function, cancel, grace=0.01),
    )
    sleeper, clock = Sleeper(), Clock()
    result = run(tmp_path, [sleeper, Painter(clock, "awake")], rounds=3)
    sleeper.woken.set()
    statuses = {name: [run.status for run in result.runs if run.competitor == name]
                for name in ("sleeper", "awake")}  # fmt: skip
    assert statuses == {"sleeper": ["timeout", "skipped", "skipped"], "awake": ["ok"] * 3}
    assert sleeper.asked == 1
    assert "no-answer" in kinds(result)
    assert result.complete


def test_a_competitor_that_always_fails_is_asked_three_times(tmp_path: Path) -> None:
    def fail(width: int, height: int) -> Image.Image:
        raise RuntimeError("no luck")

    clock = Clock()
    failing, other = Painter(clock, "failing", paint=fail), Painter(clock, "other")
    result = run(tmp_path, [failing, other], rounds=5, clock=clock)
    statuses = [run.status for run in result.runs if run.competitor == "failing"]
    assert statuses == ["failed"] * 3 + ["skipped"] * 2
    assert "competitor-failed" in kinds(result)
    assert sum(run.status == "ok" for run in result.runs) == 5


def test_other_pixels_of_the_same_parameters_are_found(tmp_path: Path) -> None:
    shades = iter(range(100, 200))

    def fickle(width: int, height: int) -> Image.Image:
        picture = striped(width, height)
        picture.putpixel((0, 0), (next(shades), 0, 0))
        return picture

    clock = Clock()
    cases = [Case(name="default", params={"seed": 1})]
    result = run(tmp_path, [Painter(clock, paint=fickle)], cases, rounds=2, clock=clock)
    assert kinds(result, "warning")[:1] == ["not-repeatable"]
    [found] = [one for one in result.findings if one.kind == "not-repeatable"]
    assert found.values["psnr"] > 60  # one pixel by one
    assert "round otherwise" not in found.text
    result.runs.append(result.runs[0].model_copy(update={"status": "out-of-memory"}))
    assert "round otherwise" in find(result, tmp_path)[0].text


def test_a_stop_keeps_what_is_measured(tmp_path: Path) -> None:
    from zimg_kernel.errors import JobCancelled

    clock, stop = Clock(), threading.Event()
    with pytest.raises(JobCancelled):
        run(tmp_path, [Painter(clock)], rounds=5, clock=clock, stop=stop,
            on_progress=lambda progress: stop.set() if progress.done == 2 else None)  # fmt: skip
    result = run(tmp_path, [Painter(clock)], rounds=5, clock=clock)
    assert [run.round for run in result.runs] == [0, 1, 2, 3, 4]
    assert [run.number for run in result.runs] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("busy", [False, True], ids=["slower program", "busier machine"])
def test_a_drift_is_told_from_a_machine_that_gets_busier(busy: bool, tmp_path: Path) -> None:
    class Tiring(Painter):
        def draw(self, request: Request) -> Answer:
            answer = super().draw(request)
            more = 0.005 * self._drawn
            self._clock.sleep(more)
            answer.resources["wait"] = more if busy else 0.0
            return answer

    clock = Clock()
    cases = [Case(name=f"{number:02d}", params={"prompt": str(number)}) for number in range(50)]
    result = run(tmp_path, [Tiring(clock)], cases, suite="stability", rounds=1, clock=clock)
    assert ("slower-with-time" in kinds(result)) is not busy
