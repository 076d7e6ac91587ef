"""Steps that stand still, told from a machine that others use."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import pytest

from tests.experiments.bench.competitors_for_tests import Clock, Painter, run
from zimg_kernel import LocalEngine
from zimg_kernel.experiments.bench import run_bench
from zimg_kernel.experiments.bench.compare import compare_results
from zimg_kernel.experiments.bench.result import EXPLAINED, BenchResult
from zimg_kernel.experiments.bench.thread_clock import ThreadClock

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts it")


def on_busy_cores(folder: Path, seed: int, asleep: float, rounds: int = 5) -> BenchResult:
    """A result of a machine whose cores others have for most of the time."""
    found = run(folder, [Painter(Clock(), seed=seed)], rounds=rounds, clock=Clock())
    dice = random.Random(seed)
    for one in found.runs:
        cpu = 0.5 * dice.lognormvariate(0, 0.1)
        wait = cpu * dice.lognormvariate(0, 0.7)
        still = cpu * (asleep + abs(dice.gauss(0, 0.005)))
        one.times["total"] = cpu + wait + still
        one.resources |= {"wait": wait, "steps_cpu": cpu, "steps_wait": wait, "steps_still": still}
    return found


@LINUX
def test_a_thread_that_sleeps_stands_still() -> None:
    clock = ThreadClock()
    clock.mark()
    end = time.thread_time() + 0.05
    while time.thread_time() < end:
        pass
    time.sleep(0.05)
    clock.mark()
    spent = clock.spent()
    assert set(spent) <= set(EXPLAINED)
    assert 0.045 < spent["steps_still"] < 0.5
    assert spent["steps_cpu"] == pytest.approx(0.05, abs=0.01)


def test_where_nobody_counts_it_is_absent(tmp_path: Path) -> None:
    clock = ThreadClock(own=tmp_path / "none")
    clock.mark()
    clock.mark()
    assert set(clock.spent()) == {"steps_cpu"}
    assert ThreadClock().spent() == {}


@pytest.mark.parametrize("rounds", [5, 25])
def test_steps_that_sleep_a_tenth_are_found_on_the_busiest_machine(
    rounds: int, tmp_path: Path
) -> None:
    before = on_busy_cores(tmp_path / "a", 1, 0.0, rounds)
    after = on_busy_cores(tmp_path / "b", 2, 0.1, rounds)
    [change] = compare_results(before, after).changed
    assert change.figure == "still"
    assert 1.09 < change.ratio < 1.11
    assert "slower by that" in change.text
    [back] = compare_results(after, before).changed
    assert "shorter" in back.text


def test_equal_steps_stand_still_alike(tmp_path: Path) -> None:
    alarms = 0
    for pair in range(20):
        results = [on_busy_cores(tmp_path / f"{pair}-{n}", 2 * pair + n, 0.01) for n in (0, 1)]
        alarms += bool(compare_results(*results).changed)
    assert alarms == 0


def test_threads_that_wait_for_each_other_and_cards_are_not_compared(tmp_path: Path) -> None:
    results = on_busy_cores(tmp_path / "a", 1, 0.0), on_busy_cores(tmp_path / "b", 2, 0.1)
    for name, value in (("threads", 2), ("gpu", {"name": "Some Card"})):
        for result in results:
            result.environment[name] = value
        assert "still" not in {one.figure for one in compare_results(*results).changes}
        for result in results:
            del result.environment[name]


def test_of_several_threads_the_steps_on_one_are(tmp_path: Path) -> None:
    results = on_busy_cores(tmp_path / "a", 1, 0.0), on_busy_cores(tmp_path / "b", 2, 0.1)
    for result in results:
        result.environment["threads"] = 2
        for one in result.runs:
            for part in ("cpu", "wait", "still"):
                one.resources[f"alone_{part}"] = one.resources[f"steps_{part}"]
                one.resources[f"steps_{part}"] = 0.3
    [change] = compare_results(*results).changed
    assert change.figure == "still"


@LINUX
def test_the_engine_and_stock_diffusers_tell_it(engine: LocalEngine, tmp_path: Path) -> None:
    params = {"width": 128, "height": 128, "steps": 3}
    result = run_bench(
        "latency", ["nano-turbo", "stock:nano-turbo"], rounds=1, params=params, engine=engine,
        out=tmp_path, progress=False,
    )  # fmt: skip
    for one in result.runs:
        told = sum(one.resources[name] for name in ("steps_cpu", "steps_wait", "steps_still"))
        assert told == pytest.approx(sum(one.steps[-2:]), rel=0.1)
