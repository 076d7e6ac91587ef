"""Order of runs, suites and their cases."""

from __future__ import annotations

from collections import Counter

import pytest

from refusals import refused
from zimg_kernel.engine.local import LocalEngine
from zimg_kernel.experiments.bench.competitors import Competitor
from zimg_kernel.experiments.bench.competitors.engine import EngineCompetitor
from zimg_kernel.experiments.bench.competitors.notebook import NotebookCompetitor
from zimg_kernel.experiments.bench.competitors.stock import StockCompetitor
from zimg_kernel.experiments.bench.plan import lay_out
from zimg_kernel.experiments.bench.progress import Forecast, spell
from zimg_kernel.experiments.bench.suites import SUITES, get_suite, warm_cases
from zimg_kernel.models.catalog import get_card


def test_each_round_holds_each_pair_once_in_an_order_of_its_own() -> None:
    runs = lay_out(["a", "b", "c"], ["x", "y"], rounds=4, seed=1, warm_cases=["x"])
    assert [one.warmup for one in runs] == [True] * 3 + [False] * 24
    rounds = [[one for one in runs if one.round == number] for number in range(4)]
    for block in rounds:
        assert set(Counter((one.competitor, one.case) for one in block).values()) == {1}
        assert len(block) == 6
    assert len({tuple((one.competitor, one.case) for one in block) for block in rounds}) > 1
    assert runs == lay_out(["a", "b", "c"], ["x", "y"], rounds=4, seed=1, warm_cases=["x"])


def test_a_ladder_keeps_its_order() -> None:
    runs = lay_out(["a", "b"], ["1", "2", "3"], rounds=2, seed=1, in_order=True)
    assert [one.case for one in runs] == ["1", "1", "2", "2", "3", "3"] * 2


@pytest.mark.parametrize("name", SUITES)
@pytest.mark.parametrize("model", ["nano-turbo", "z-image-turbo"])
def test_every_suite_has_cases_of_names_of_their_own(name: str, model: str) -> None:
    cases = get_suite(name).cases([get_card(model)])
    assert cases
    assert len({case.name for case in cases}) == len(cases)


def test_the_stability_suite_has_fifty_prompts() -> None:
    for model in ("nano-turbo", "z-image-turbo"):
        cases = get_suite("stability").cases([get_card(model)])
        assert len({case.params["prompt"] for case in cases}) == 50


def test_every_shape_is_warmed_up() -> None:
    cases = get_suite("sizes").cases([get_card("nano-turbo")])
    shapes = {(case.params["width"], case.params["height"]) for case in cases}
    assert len(warm_cases(cases, 1)) == len(shapes)
    assert warm_cases(get_suite("latency").cases([]), 2) == ["default", "default"]


def test_only_what_is_not_warm_is_warmed_up(engine: LocalEngine) -> None:
    def warmed(competitor: Competitor, suite: str) -> list[str]:
        cases = {case.name: case for case in get_suite(suite).cases([get_card("nano-turbo")])}
        runs = lay_out(
            [competitor.name],
            list(cases),
            rounds=1,
            seed=1,
            warm_cases=warm_cases(list(cases.values()), 2),
            warms=lambda _, case: competitor.warms(cases[case].params),
        )
        return [one.case for one in runs if one.warmup]

    first = ["1 pictures"] * 2
    assert warmed(StockCompetitor("nano-turbo"), "batch") == [
        *first, "2 pictures", "4 pictures", "10 pictures"
    ]  # fmt: skip
    assert warmed(EngineCompetitor("nano-turbo", engine), "batch") == first
    assert len(warmed(EngineCompetitor("nano-turbo", engine), "sizes")) == 9
    assert warmed(NotebookCompetitor("nano-turbo", warm=True), "papermill") == ["default"] * 2
    assert warmed(NotebookCompetitor("nano-turbo", warm=False), "papermill") == []


def test_an_unknown_suite_is_refused() -> None:
    with refused("unknown-suite", "suite"):
        get_suite("speed")


def test_a_forecast_knows_competitors_and_cases() -> None:
    forecast = Forecast()
    runs = lay_out(["fast", "slow"], ["x"], rounds=3, seed=1)
    assert forecast.left(runs) is None
    for one in runs[:2]:
        forecast.saw(one, 1.0 if one.competitor == "fast" else 9.0)
    assert forecast.left(runs[2:]) == pytest.approx(20.0)
    assert [spell(seconds) for seconds in (0.2, 40, 200, 7500)] == [
        "1 s", "40 s", "3 min", "2 h 5 min"
    ]  # fmt: skip
