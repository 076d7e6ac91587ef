"""Result files, their comparison and their collection."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from refusals import refused
from tests.experiments.bench.competitors_for_tests import Clock, Painter, run
from zimg_kernel.experiments.bench import read_result, write_result
from zimg_kernel.experiments.bench.collect import collect_results
from zimg_kernel.experiments.bench.compare import compare_results
from zimg_kernel.experiments.bench.result import EXPLAINED, BenchResult, Case
from zimg_kernel.experiments.bench.text import as_text


@pytest.fixture
def result(tmp_path: Path) -> BenchResult:
    """A result of two competitors, in ``tmp_path/one``."""
    clock = Clock()
    return run(tmp_path / "one", [Painter(clock, "a"), Painter(clock, "b")], rounds=3, clock=clock)


def test_a_file_holds_all_that_is_known_and_nothing_else(
    result: BenchResult, tmp_path: Path
) -> None:
    path = tmp_path / "one" / "result.json"
    assert read_result(path) == result
    content = json.loads(path.read_text())
    assert (content["format"], content["version"]) == ("zimg-bench", 1)
    assert "null" not in path.read_text()
    assert "energy_gpu" not in content["runs"][0]["resources"]
    assert (path.parent / content["runs"][0]["picture"]).is_file()
    assert write_result(result, tmp_path / "again.json").read_text() == path.read_text()


def test_every_figure_is_explained(result: BenchResult) -> None:
    named = {name for row in result.rows for name in row.figures}
    assert named - {"step"} <= set(EXPLAINED)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{}", "no-bench-result"),
        ("[", "no-bench-result"),
        ('{"format": "zimg-bench", "version": 2}', "version-too-new"),
        ('{"format": "zimg-bench", "version": 1}', "no-bench-result"),
    ],
)
def test_other_files_are_refused(content: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)
    with refused(code, "path"):
        read_result(path)
    with refused("file-missing", "path"):
        read_result(tmp_path / "none.json")


def test_a_finished_folder_is_not_measured_over(result: BenchResult, tmp_path: Path) -> None:
    with refused("result-exists", "out"):
        run(tmp_path / "one", [Painter(Clock(), "a"), Painter(Clock(), "b")], rounds=3)


def test_a_folder_of_other_settings_is_left_alone(result: BenchResult, tmp_path: Path) -> None:
    path = tmp_path / "one" / "result.json"
    write_result(result.model_copy(update={"complete": False}), path)
    with refused("other-settings", "out"):
        run(tmp_path / "one", [Painter(Clock(), "a"), Painter(Clock(), "b")], rounds=4)


def test_a_comparison_says_what_differs_beside_the_times(result: BenchResult) -> None:
    other = result.model_copy(deep=True)
    other.environment["cpu"] = "another one"
    other.competitors.pop()
    comparison = compare_results(result, other)
    assert comparison.changed == ()
    assert [change.competitor for change in comparison.changes if change.figure == "total"] == ["a"]
    assert "another one" in str(comparison)
    assert "too few" in str(comparison)
    assert any("only before: b" in note for note in comparison.notes)


def test_more_memory_is_found(result: BenchResult) -> None:
    other = result.model_copy(deep=True)
    for one in other.runs:
        one.resources["ram_peak"] += 0.2
    found = compare_results(result, other).changed
    assert [(change.competitor, change.figure) for change in found] == [
        ("a", "ram_peak"),
        ("b", "ram_peak"),
    ]


@pytest.mark.parametrize("told_by", ["reference", "wait"])
def test_a_slower_machine_is_no_slower_program(told_by: str, tmp_path: Path) -> None:
    def measured(name: str, pace: float) -> BenchResult:
        clock = Clock()
        found = run(tmp_path / name, [Painter(clock, seed=len(name))], clock=clock)
        for one in found.runs:
            own = one.times["total"]
            one.times["total"] *= pace
            known = {"reference": 0.02 * pace, "wait": own * (pace - 1)}
            one.resources = {told_by: known[told_by]}
        return found

    slower = compare_results(measured("one", 1.0), measured("other", 1.3))
    (total,) = [change for change in slower.changes if change.figure == "total"]
    assert total.ratio > 1.25
    assert not total.changed


def test_results_of_other_suites_are_not_compared(result: BenchResult) -> None:
    with refused("other-suite", "after"):
        compare_results(result, result.model_copy(update={"suite": "sizes"}))
    other = result.model_copy(deep=True)
    other.competitors = []
    with refused("nothing-to-compare", "after"):
        compare_results(result, other)


def test_results_of_many_machines_are_one_table(result: BenchResult, tmp_path: Path) -> None:
    other: dict[str, Any] = {**result.environment, "gpu": {"name": "Some Card"}}
    write_result(result.model_copy(update={"environment": other}), tmp_path / "sent" / "x.json")
    (tmp_path / "sent" / "unrelated.json").write_text('{"a": 1}')
    (tmp_path / "sent" / "later.json").write_text('{"format": "zimg-bench", "version": 9}')
    whole = (tmp_path / "one" / "result.json").read_bytes()
    (tmp_path / "sent" / "cut.json").write_bytes(whole[: len(whole) // 2])
    (empty := tmp_path / "other" / "result.json").parent.mkdir()
    empty.write_bytes(b"\xff")
    table = collect_results(tmp_path)
    assert len(table.rows) == 4
    assert "Some Card" in {row["machine"] for row in table.rows}
    assert [len(table.unread), len(str(table).splitlines())] == [3, 1 + 4 + 3]
    lines = table.to_csv(tmp_path / "all.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 5
    with refused("no-bench-result", "folder"):
        collect_results(tmp_path / "one" / "pictures")
    with refused("no-bench-result", "folder") as found:
        collect_results(empty.parent)
    assert str(empty) in str(found.value)


def test_the_text_names_who_and_what(tmp_path: Path) -> None:
    clock = Clock()
    cases = [Case(name="wide", params={"width": 128, "height": 64})]
    text = as_text(run(tmp_path, [Painter(clock)], cases, rounds=3, clock=clock))
    assert {"painter", "wide", "3 ok"} <= {part.strip() for line in text.splitlines()
                                           for part in line.split("  ")}  # fmt: skip
