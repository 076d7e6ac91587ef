"""Report of benchmarks: tables, plots and pictures from results with known figures."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from experiments.bench.written_results import made, written
from refusals import refused
from zimg_kernel.experiments.bench.judge.people import FILE, SET
from zimg_kernel.experiments.bench.report import charts
from zimg_kernel.experiments.bench.report.report import BenchReport
from zimg_kernel.experiments.bench.report.svg import nice_ticks
from zimg_kernel.experiments.bench.report.table import NONE, Table, short
from zimg_kernel.experiments.bench.result import Case, Finding
from zimg_kernel.experiments.rating.pixel_hash import pixel_hash
from zimg_kernel.experiments.rating.store import Ratings


def table(report: BenchReport, key: str, number: int = 0) -> Table:
    section = next(one for one in report.sections if one.key == key)
    return section.tables[number]


def test_run_by_run_and_side_by_side(tmp_path: Path) -> None:
    case = Case(name="default", params={"prompt": "<b>一个圆</b>"})
    made(tmp_path, "latency", [case], {"turbo": [1.2], "base": [4.8]})
    report = BenchReport(tmp_path)
    runs = table(report, "latency")
    assert [row[0] for row in runs.rows] == [*(f"run {n}" for n in range(1, 6)), "median (95 %)"]
    assert runs.rows[0][1:] == ["1.20 · 0.500", "4.80 · 0.500"]
    models = {row[0]: row[1:] for row in table(report, "models").rows}
    assert models["turbo"][:2] == ["8", "1.20"]
    assert models["turbo"][3:5] == ["45 %", NONE]  # without a GPU there is no smallest card
    page = report.to_html(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<b>一个圆</b>" not in page  # a prompt is no HTML
    assert page.count('src="data:image/jpeg') == 2
    assert "http" not in re.sub(r"http://www.w3.org/\S+", "", page)  # nothing is fetched
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ET.fromstring(svg)
    told = json.loads(report.to_json(tmp_path / "report.json"))
    assert {one["key"] for one in told["sections"]} >= {"models", "latency", "environment"}
    assert len(report.reread().results) == 1  # its own files are no results


def test_sizes_tell_where_memory_ends(tmp_path: Path) -> None:
    cases = [Case(name=name, facts={}) for name in ("256x256", "512x512", "1024x1024")]
    result = made(tmp_path, "sizes", cases, {"turbo": [1.0, 4.0, 0.0]}, rounds=1)
    result.runs[2] = result.runs[2].model_copy(
        update={"status": "out-of-memory", "times": {}, "resources": {}, "picture": None}
    )
    written(tmp_path, result)
    report = BenchReport(tmp_path / "sizes" / "result.json")
    assert [row[1] for row in table(report, "sizes").rows] == ["1.00", "4.00", "out of memory"]
    section = next(one for one in report.sections if one.key == "sizes")
    assert "out of memory" in section.charts[0].svg
    assert section.charts[0].svg.count("<circle") == 3  # two values and the legend


def test_complexity_steps_batch_and_stability(tmp_path: Path) -> None:
    levels = [Case(name=f"{level}-zh", facts={"complexity": level, "language": "zh"})
              for level in ("simple", "medium", "complex")]  # fmt: skip
    made(tmp_path, "complexity", levels, {"turbo": [1.8, 2.1, 2.3]})
    made(tmp_path, "steps", [Case(name=f"{n} steps", facts={"steps": n}) for n in (4, 8)],
         {"turbo": [1.0, 2.0]}, rounds=1)  # fmt: skip
    made(tmp_path, "batch", [Case(name=f"{n} pictures") for n in (1, 2)], {"turbo": [2.0, 1.5]})
    many = [Case(name=f"{n:02}") for n in range(20)]
    drift = [4.5 + 0.01 * n for n in range(20)]
    leak = Finding(kind="memory-leak", level="fault", text="turbo: grows", competitor="turbo")
    made(tmp_path, "stability", many, {"turbo": drift}, rounds=1, findings=[leak])
    report = BenchReport(tmp_path)
    complexity = table(report, "complexity").rows
    assert [row[0] for row in complexity] == ["simple", "medium", "complex"]
    assert complexity[2][3].startswith("2.30")
    assert table(report, "steps").rows[0][2] != NONE  # PSNR to the picture of eight steps
    assert table(report, "steps").rows[1][2] == NONE
    assert "4 steps" in next(one for one in report.sections if one.key == "steps").charts[1].svg
    assert table(report, "batch").rows[1][2] == "0.75×"
    [row] = table(report, "stability").rows
    assert "+10.00" in row[4]  # ms a picture
    assert row[-1] == "memory grows"
    assert table(report, "findings").rows[0][0] == "fault"
    order = [one.key for one in report.sections]
    assert order.index("complexity") < order.index("steps") < order.index("stability")


def test_quality_checklist_and_the_front(tmp_path: Path) -> None:
    cases = [Case(name=f"{level}-{n}", params={"prompt": "x"}, facts={"complexity": level})
             for level in ("simple", "complex") for n in range(3)]  # fmt: skip
    for suite in ("quality", "checklist"):
        result = made(tmp_path, suite, cases, {"turbo": [1.0] * 6, "base": [3.0] * 6}, rounds=1)
        for run in result.runs:
            right = float(run.competitor == "base" or run.case.startswith("simple"))
            run.values = {"check: characters": right, "score": right, "characters": 4,
                          "edits": 0 if right else 2}  # fmt: skip
            run.notes = {"check: characters": "says 'x'", "lettering asked for": "新春快乐",
                         "check: mood": "for people to judge"}  # fmt: skip
        written(tmp_path, result)
    report = BenchReport(tmp_path)
    by_level = {row[0]: row[1:] for row in table(report, "quality").rows}
    assert by_level["simple"][0].startswith("100 %")
    assert by_level["complex"][0].startswith("0 %")
    assert by_level["all"][1].startswith("100 %")
    lettering = table(report, "quality", 1)
    assert lettering.rows[0][1:3] == ["all", "75 % (58–92 %)"]
    rows = table(report, "checklist").rows
    assert rows[0][1:] == ["characters", "✓ says 'x'", "✓ says 'x'"]
    assert rows[1][2] == "– for people to judge"
    assert rows[-1][2].startswith("50 %")
    models = {row[0]: row for row in table(report, "models").rows}
    assert models["base"][-2].startswith("100 %")


def test_ratings_come_with_means_and_agreement(tmp_path: Path) -> None:
    made(tmp_path, "latency", [Case(name="default")], {"turbo": [1.0], "base": [2.0]}, rounds=1)
    report = BenchReport(tmp_path)
    assert "no ratings yet" in next(one for one in report.sections if one.key == "people").about
    store = Ratings(tmp_path / FILE, SET, "stars")
    for rater in "abc":
        for path, stars in zip(report.pictures, (5, 2), strict=True):
            with Image.open(path) as image:
                store.put(rater, pixel_hash(image), stars)
    again = report.reread()
    rows = table(again, "people").rows
    assert [row[:3] for row in rows] == [["turbo", "3", "5.00"], ["base", "3", "2.00"]]
    assert "alpha 1.00" in " ".join(table(again, "people").notes)
    assert again.as_dict()["ratings"]["alpha"] == 1


def test_every_table_of_the_reviews_is_pointed_to(tmp_path: Path) -> None:
    made(tmp_path, "latency", [Case(name="default")], {"turbo": [1.0], "base": [2.0]}, rounds=1)
    report = BenchReport(tmp_path)
    rows = table(report, "reviews").rows
    assert len({row[0] for row in rows}) == 4
    assert {row[2] for row in rows if "complexities" in row[1]} == {
        "not measured here: zimg bench complexity"
    }
    page = report.to_html(tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<a href="#bench-models">Models side by side</a>; ' in page
    for suite in ("complexity", "sizes", "steps", "batch", "stability", "cold", "checklist"):
        made(tmp_path, suite, [Case(name="default")], {"turbo": [1.0]}, rounds=1)
    titles = {one.title for one in report.reread().sections}
    for row in table(report.reread(), "reviews").rows:
        assert set(row[2].split("; ")) <= titles


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    with refused("no-bench-result", "path"):
        BenchReport(tmp_path)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (0, 4.8, [0, 1, 2, 3, 4, 5]),
     (0.86, 0.884, [0.86, 0.865, 0.87, 0.875, 0.88, 0.885]), (3, 3, [3, 4, 5, 6])],
)  # fmt: skip
def test_ticks_are_round_numbers(low: float, high: float, ticks: list[float]) -> None:
    assert nice_ticks(low, high) == pytest.approx(ticks)


def test_the_front_holds_what_nothing_else_beats() -> None:
    points = [charts.Tradeoff("a", 1, 0.5), charts.Tradeoff("b", 2, 0.4),
              charts.Tradeoff("c", 3, 0.9), charts.Tradeoff("d", 3, 0.8)]  # fmt: skip
    assert [one.name for one in charts.pareto_front(points)] == ["a", "c"]
    assert charts.front_chart("t", "x", "y", points).svg.count("<text") > 4
    assert not charts.strip_chart("t", "s", []).svg


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, NONE), (0.0, "0"), (0.5, "0.500"), (1.0, "1.00"), (12.34, "12.3"), (1234.5, "1234"),
     (0.00012, "0.00012")],
)  # fmt: skip
def test_numbers_have_three_digits_that_count(value: float | None, text: str) -> None:
    assert short(value) == text


@pytest.mark.parametrize(
    ("key", "heads"),
    [
        # A deployment guide: models by steps, seconds, memory, CPU share and smallest card.
        ("models", ["steps", "seconds a picture", "peak RAM", "CPU share", "smallest card"]),
        ("deployment", ["turbo"]),
        # A performance test: five runs, a ladder of sizes, fifty prompts, phrases read or not.
        ("latency", ["turbo", "base"]),
        ("sizes", ["turbo: seconds", "turbo: peak RAM"]),
        ("stability", ["pictures", "range", "slope", "verdict"]),
        ("checklist", ["prompt", "item", "turbo"]),
        # An experience report: loading, several at once, likeness.
        ("cold", ["loading", "first picture", "second picture"]),
        ("batch", ["seconds a picture", "against one by one"]),
        # A test of three complexities: seconds, memory, stars of three raters.
        ("complexity", ["prompt", "seconds", "peak RAM"]),
        ("models", ["items right", "stars (ratings)"]),
    ],
)
def test_the_tables_that_reviews_print_are_there(
    whole: BenchReport, key: str, heads: list[str]
) -> None:
    there = table(whole, key).heads
    assert all(any(head in one for one in there) for head in heads), there
    assert f'href="#bench-{key}"' in whole._repr_mimebundle_()["text/html"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> BenchReport:
    """A report of every suite that reviews have tables of."""
    folder = tmp_path_factory.mktemp("whole")
    both = {"turbo": [1.0, 1.1, 1.2], "base": [4.0, 4.1, 4.2]}
    for suite in ("latency", "sizes", "stability", "checklist", "cold", "batch", "complexity"):
        levels = ("simple", "medium", "complex")
        cases = [Case(name=f"{suite} {level}", facts={"complexity": level}) for level in levels]
        made(folder, suite, cases, both, rounds=2)
    return BenchReport(folder)


def test_a_card_has_columns_and_the_smallest_one_that_fits(tmp_path: Path) -> None:
    result = made(tmp_path, "latency", [Case(name="default")], {"turbo": [1.2], "base": [4.8]})
    for run in result.runs:
        peak = 14.6 if run.competitor == "turbo" else 20.3
        run.resources |= {"gpu_memory_peak": peak, "power_mean": 350.0, "energy_gpu": 420.0}
    written(tmp_path, result)
    report = BenchReport(tmp_path)
    models = {row[0]: row for row in table(report, "models").rows}
    assert [models[name][3] for name in ("turbo", "base")] == ["14.6", "20.3"]
    assert [models[name][5] for name in ("turbo", "base")] == ["16 GB", "20 GB"]
    resources = table(report, "latency", 2)
    assert {"power, W", "energy of the card, J"} <= set(resources.heads)
    assert "temperature, °C" not in resources.heads  # what is not measured has no column
    energy = [row for row in table(report, "deployment").rows if row[0].startswith("energy")]
    assert energy == [["energy of the card, J a picture", "420", "420"]]
