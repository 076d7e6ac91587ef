"""Tests of the reference workload between steps, and of what it finds."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import pytest

from tests.experiments.bench.competitors_for_tests import Clock, Painter, run
from zimg_kernel import LocalEngine
from zimg_kernel.experiments.bench import run_bench
from zimg_kernel.experiments.bench.between_steps import BetweenSteps, between_steps
from zimg_kernel.experiments.bench.compare import compare_results
from zimg_kernel.experiments.bench.competitors.competitor import Competitor, Request
from zimg_kernel.experiments.bench.competitors.engine import EngineCompetitor
from zimg_kernel.experiments.bench.competitors.stock import StockCompetitor
from zimg_kernel.experiments.bench.result import EXPLAINED, BenchResult
from zimg_kernel.experiments.bench.thread_clock import ThreadClock


def swinging(
    folder: Path, seed: int, slower: float = 1.0, threads: int = 1, contention: float = 0.2
) -> BenchResult:
    """A result of a machine whose pace swings by a third from one picture to the next.

    Of several threads each pass stands still for so large a share of its time on a core.
    """
    found = run(folder, [Painter(Clock(), seed=seed)], rounds=10, clock=Clock())
    dice = random.Random(seed)
    found.environment["threads"] = threads
    for one in found.runs:
        pace = 0.0015 * dice.lognormvariate(0, 0.2)
        paced = 20 * slower * dice.lognormvariate(0, 0.04)
        steps = paced * pace * 7
        one.times |= {"total": 1.3 * steps, "transformer": 1.1 * steps}
        one.resources |= {"wait": 0.0, "steps_cpu": steps, "steps_wait": 0.0, "steps_still": 0.0,
                          "pace": pace, "steps_paced": paced}  # fmt: skip
        if threads > 1:
            one.resources |= {"pace_still": contention * pace,
                              "steps_paced_still": paced / (1 + contention) ** (1 / 3)}  # fmt: skip
    return found


def test_steps_that_compute_a_tenth_more_are_found(tmp_path: Path) -> None:
    before, after = swinging(tmp_path / "a", 1), swinging(tmp_path / "b", 2, 1.1)
    [change] = compare_results(before, after).changed
    assert change.figure == "transformer"
    assert 1.06 < (change.corrected or 0) < 1.14
    assert "slower in its steps" in change.text
    [back] = compare_results(after, before).changed
    assert "faster in its steps" in back.text


def test_equal_steps_are_not(tmp_path: Path) -> None:
    results = [swinging(tmp_path / str(seed), seed) for seed in range(20)]
    pairs = [(a, b) for n, a in enumerate(results) for b in results[n + 1 :]]
    assert sum(bool(compare_results(*pair).changed) for pair in pairs) <= len(pairs) // 20


@pytest.mark.parametrize(("first", "second"), [(0.2, 0.2), (0.9, 0.9)])
def test_steps_of_several_threads_that_take_a_tenth_more_are_found(
    first: float, second: float, tmp_path: Path
) -> None:
    before = swinging(tmp_path / "a", 1, 1, 2, first)
    after = swinging(tmp_path / "b", 2, 1.1, 2, second)
    [change] = compare_results(before, after).changed
    assert change.figure == "transformer"
    assert "slower in its steps" in change.text


def test_equal_steps_of_several_threads_are_not_however_others_use_the_machine(
    tmp_path: Path,
) -> None:
    before = [swinging(tmp_path / f"a{seed}", seed, 1, 2, 0.2) for seed in range(10)]
    after = [swinging(tmp_path / f"b{seed}", seed + 10, 1, 2, 0.9) for seed in range(10)]
    changed = [(a, b) for a in before for b in after if compare_results(a, b).changed]
    assert len(changed) <= 5
    told = [one.text for one in compare_results(before[0], before[1]).changes]
    assert "OMP_NUM_THREADS=1" in told[1]


def test_several_threads_without_known_standstill_are_not_told_by_it(tmp_path: Path) -> None:
    before, after = swinging(tmp_path / "a", 1, 1, 2), swinging(tmp_path / "b", 2, 1.1, 2)
    for one in after.runs:
        del one.resources["steps_paced_still"]
    assert not compare_results(before, after).changed


def test_it_runs_where_enough_rounds_tell_something() -> None:
    assert between_steps(4) is None
    found = between_steps(5)
    assert found is not None
    for seconds, times in ((0.0, 2), (1e9, 64)):
        assert found.passes(seconds) == times
    assert found.passes(0.05) in (2, 4, 8, 16, 32, 64)


def test_what_it_takes_is_in_no_time_that_is_told() -> None:
    clock = ThreadClock(BetweenSteps())
    for _ in range(3):
        clock.mark()
    aside = sum(clock.aside)
    assert len(clock.aside) == 3
    spent = clock.spent()
    assert set(spent) <= set(EXPLAINED)
    assert sum(spent.get(name, 0.0) for name in ("steps_cpu", "steps_wait", "steps_still")) < aside
    first, second, third = clock.alone([1.0, 1.0, 1.0])
    assert first == 1.0
    assert second == pytest.approx(1 - clock.aside[0], abs=1e-4)
    assert third == pytest.approx(1 - clock.aside[1], abs=1e-4)


class Slow(BetweenSteps):
    """Takes far longer than the steps."""

    def once(self) -> None:
        time.sleep(0.05)

    def passes(self, step: float) -> int:
        return 2


@pytest.mark.parametrize("kind", [EngineCompetitor, StockCompetitor])
def test_competitors_times_are_without_it(
    kind: type[Competitor], engine: LocalEngine, tmp_path: Path
) -> None:
    competitor = kind("nano-turbo", engine)  # type: ignore[call-arg]
    competitor.ready()
    params = {"prompt": "a red circle", "seed": 1, "width": 128, "height": 128, "steps": 3}
    began = time.perf_counter()
    answer = competitor.draw(Request(params, tmp_path, "one", Slow()))
    wall = time.perf_counter() - began
    assert answer.aside >= 3 * 3 * 0.05
    assert answer.times["draw"] + answer.aside <= wall
    assert sum(answer.steps) <= answer.times["draw"]


def test_engine_and_stock_diffusers_tell_it(engine: LocalEngine, tmp_path: Path) -> None:
    params = {"width": 128, "height": 128, "steps": 3}
    result = run_bench(
        "latency", ["nano-turbo", "stock:nano-turbo"], rounds=5, params=params, engine=engine,
        out=tmp_path, progress=False,
    )  # fmt: skip
    for one in result.runs:
        assert one.resources["steps_paced"] > 0
        assert one.resources["pace"] > 0
        if sys.platform == "linux":
            assert one.resources["steps_paced_still"] > 0
            assert one.resources["pace_still"] >= 0
        assert 0 < sum(one.steps) <= one.times["draw"] <= one.times["total"]
