"""Tests of the reference workload between steps, and of what it finds."""

from __future__ import annotations

import random
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


def swinging(folder: Path, seed: int, slower: float = 1.0, threads: int = 1) -> BenchResult:
    """A result of a machine whose pace swings by a third from one picture to the next."""
    found = run(folder, [Painter(Clock(), seed=seed)], rounds=10, clock=Clock())
    dice = random.Random(seed)
    found.environment["threads"] = threads
    for one in found.runs:
        pace = 0.0015 * dice.lognormvariate(0, 0.2)
        paced = 20 * slower * dice.lognormvariate(0, 0.04)
        steps = paced * pace * 7
        one.times |= {"total": 1.3 * steps, "transformer": 1.1 * steps}
        one.resources |= {"wait": 0.0, "alone_cpu": steps, "alone_wait": 0.0, "alone_still": 0.0,
                          "pace": pace, "alone_paced": paced}  # fmt: skip
    return found


@pytest.mark.parametrize("threads", [1, 2])
def test_steps_that_compute_a_tenth_more_are_found(threads: int, tmp_path: Path) -> None:
    before = swinging(tmp_path / "a", 1, 1.0, threads)
    after = swinging(tmp_path / "b", 2, 1.1, threads)
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


def test_another_number_of_threads_is_not_told_by_one(tmp_path: Path) -> None:
    before, after = swinging(tmp_path / "a", 1, 1, 2), swinging(tmp_path / "b", 2, 1.1)
    told = {one.figure: one.text for one in compare_results(before, after).changes}
    assert "on one thread" not in told["transformer"]


def test_it_runs_where_enough_rounds_tell_something() -> None:
    assert between_steps(4) is None
    found = between_steps(5)
    assert found is not None
    for seconds, times in ((0.0, 2), (1e9, 64)):
        assert found.passes(seconds) == times
    assert found.passes(0.05) in (2, 4, 8, 16, 32, 64)


def test_what_it_takes_is_in_no_time_that_is_told() -> None:
    clock = ThreadClock(Slow())
    for _ in range(3):
        clock.mark()
    spent = clock.spent_alone()
    assert set(spent) <= set(EXPLAINED)
    assert spent["pace"] < 0.05  # it slept
    told = sum(spent.get(name, 0.0) for name in ("alone_cpu", "alone_wait", "alone_still"))
    assert told < 0.15  # of 0.3 s that they slept
    assert ThreadClock(Slow()).spent_alone() == {}


class Slow(BetweenSteps):
    """Takes far longer than the steps."""

    def once(self) -> None:
        time.sleep(0.05)

    def passes(self, step: float) -> int:
        return 2


@pytest.mark.parametrize("kind", [EngineCompetitor, StockCompetitor])
def test_steps_are_drawn_on_one_thread_and_the_others_are_given_back(
    kind: type[Competitor], engine: LocalEngine, tmp_path: Path
) -> None:
    torch = pytest.importorskip("torch")
    seen: list[int] = []

    class Seeing(BetweenSteps):
        def once(self) -> None:
            seen.append(torch.get_num_threads())
            super().once()

    def threads() -> int:
        return int(engine.run(lambda model, stop: torch.get_num_threads(), "nano-turbo").result())

    competitor = kind("nano-turbo", engine)  # type: ignore[call-arg]
    competitor.ready()
    engine.run(lambda model, stop: torch.set_num_threads(2), "nano-turbo").result()
    params = {"prompt": "a red circle", "seed": 1, "width": 128, "height": 128}
    found = competitor.steps_alone(Request(params, tmp_path, "one"), Seeing())
    assert {"alone_cpu", "alone_paced", "pace"} <= set(found) <= set(EXPLAINED)
    assert set(seen) == {1}
    assert threads() == 2
    assert list(tmp_path.iterdir()) == []


def test_where_it_cannot_be_told_it_is_absent(engine: LocalEngine, tmp_path: Path) -> None:
    competitor = EngineCompetitor("nano-turbo", engine)
    competitor.in_process = False
    request = Request({"prompt": "a red circle", "width": 128, "height": 128}, tmp_path, "one")
    assert competitor.steps_alone(request, BetweenSteps()) == {}
    competitor.in_process = True
    competitor.ready()
    single = Request({**request.params, "steps": 1}, tmp_path, "one")
    assert competitor.steps_alone(single, BetweenSteps()) == {}


def test_a_failure_there_leaves_the_run_as_it_is(tmp_path: Path) -> None:
    class Failing(Painter):
        def steps_alone(self, request: Request, between: BetweenSteps) -> dict[str, float]:
            raise OSError("no more")

    clock = Clock()
    result = run(tmp_path, [Failing(clock)], clock=clock, between=BetweenSteps())
    assert {one.status for one in result.runs} == {"ok"}


def test_engine_and_stock_diffusers_tell_it(engine: LocalEngine, tmp_path: Path) -> None:
    params = {"width": 128, "height": 128, "steps": 3}
    result = run_bench(
        "latency", ["nano-turbo", "stock:nano-turbo"], rounds=5, params=params, engine=engine,
        out=tmp_path, progress=False,
    )  # fmt: skip
    for one in result.runs:
        if one.warmup:
            continue
        assert one.resources["alone_paced"] > 0
        assert one.resources["pace"] > 0
        assert 0 < sum(one.steps) <= one.times["draw"] <= one.times["total"]
