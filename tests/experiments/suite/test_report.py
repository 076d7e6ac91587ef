"""A report's figures and its forms: text, JSON, JUnit XML, HTML."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from refusals import refused
from tests.experiments.suite.pictures import painted
from zimg_kernel import GenerationParams
from zimg_kernel.experiments.suite import CheckResult, PictureResult, Suite, SuiteReport
from zimg_kernel.intervals import wilson_interval

STATUSES = ("passed", "failed", "error", "skipped")


@pytest.fixture
def report(tmp_path: Path) -> SuiteReport:
    """Two cases, one drawn by two models, with one verdict of each kind and a few more."""
    checks = [{"text": "茶 <b> & \x01"}, {"colour": "red"}, {"size": [256, 256]}, {"clip": 20}]
    cases = [
        {"id": "zh-1", "prompt": "一个<红色>的圆", "tags": ["simple"], "checks": checks},
        {"id": "en-1", "prompt": 'a "red" circle', "checks": {"size": [256, 256]}},
    ]
    suite = Suite(name="Test & report", about="Of all.", cases=cases)
    image = painted("red circle")
    path = image.save(tmp_path / "one.png")
    results = []
    for layer, model in enumerate(("nano-turbo", "nano-base")):
        params = GenerationParams(prompt=suite.cases[0].prompt, model=model, seed=3)
        one = PictureResult(0, 0, layer, params, params.hash, path, case=suite.cases[0])
        one.timings = {"total": 0.5}
        one.verdicts = {n: CheckResult(status, f"saw\x00 {n}", 0.5)
                        for n, status in enumerate(STATUSES)}  # fmt: skip
        results.append(one)
    params = GenerationParams(prompt=suite.cases[1].prompt, model="nano-turbo", seed=4)
    last = PictureResult(1, 1, 0, params, params.hash, case=suite.cases[1])
    last.verdicts = {0: CheckResult("passed")}
    return SuiteReport(suite, [*results, last], ["a is for b."], seconds=2.0, drawn=3)


def test_rates_have_wilsons_interval_and_leave_skipped_out(report: SuiteReport) -> None:
    rates = {(rate.group, rate.name): rate for rate in report.rates()}
    total = rates["all", "checks"]
    assert (total.passed, total.n, total.errors, total.skipped) == (3, 7, 2, 2)
    assert total.interval == wilson_interval(3, 7)
    assert (rates["all", "pictures"].passed, rates["all", "pictures"].n) == (1, 3)
    assert (rates["check", "size"].passed, rates["check", "size"].n) == (1, 3)
    assert (rates["check", "clip"].n, rates["check", "clip"].skipped) == (0, 2)
    assert rates["language", "en"].share == 1
    assert (rates["model", "nano-base"].passed, rates["model", "nano-base"].n) == (1, 3)
    assert rates["tag", "simple"].n == 6
    assert report.ok(3 / 7)
    assert not report.ok(0.5)


def test_junit_is_as_ci_systems_read_it(report: SuiteReport, tmp_path: Path) -> None:
    root = ET.parse(report.to_junit(tmp_path / "junit.xml")).getroot()
    assert root.tag == "testsuites"
    suites = list(root)
    assert [suite.tag for suite in suites] == ["testsuite"] * 2
    assert suites[0].get("name") == "Test & report [nano-turbo]"
    for suite in suites:
        cases = list(suite)
        assert {case.tag for case in cases} == {"testcase"}
        assert suite.get("tests") == str(len(cases))
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped",) * 2):
            count = sum(case.find(tag) is not None for case in cases)
            assert suite.get(attribute) == str(count) == "1"
        assert float(suite.get("time", "x")) == 0.5
        assert len(suite.get("timestamp", "")) == len("2026-11-21T12:00:00")
        for case in cases:
            assert case.get("name")
            assert case.get("classname", "").startswith("Test & report.")
            assert float(case.get("time", "x")) >= 0
            assert {child.tag for child in case} <= {"failure", "error", "skipped", "system-out"}
            assert len(case) - (case.find("system-out") is not None) <= 1
    assert root.get("tests") == "9"
    assert (root.get("failures"), root.get("errors")) == ("2", "2")
    failure = suites[0].find("testcase/failure")
    assert failure is not None
    assert failure.get("message") == "saw\ufffd 1"
    assert "prompt: 一个<红色>的圆" in str(failure.text)
    names = [case.get("name") for case in suites[0]]
    assert names[0] == "text 茶 <b> & \ufffd [nano-turbo, seed 3]"
    assert len(set(names)) == len(names)
    with refused("wrong-ending", "path"):
        report.to_junit(tmp_path / "junit.png")


def test_the_page_holds_pictures_and_escapes_words(report: SuiteReport, tmp_path: Path) -> None:
    page = report.to_html(tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("<img ") == 2
    assert page.count('alt="一个&lt;红色&gt;的圆"') == 2
    assert "<红色>" not in page
    assert "3 of 7: 42.9 %" in page
    assert "Of all." in page
    assert 'lang="zh"' in page
    with refused("wrong-ending", "path"):
        report.to_html(tmp_path / "report.png")


def test_a_notebook_gets_a_small_bundle(report: SuiteReport) -> None:
    report.results = [replace(report.results[0]) for _ in range(200)]
    bundle = report._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}
    images = bundle["text/html"].split("data:image/jpeg;base64,")[1:]
    assert sum(len(image.partition('"')[0]) for image in images) < 170_000
    assert 0 < len(images) < 200
    assert f"{len(images)} of 200 pictures are shown" in bundle["text/html"]
    assert "left out: a is for b." in bundle["text/plain"]


def test_json_holds_all_but_the_pictures(report: SuiteReport, tmp_path: Path) -> None:
    raw = json.loads(report.to_json(tmp_path / "report.json"))
    assert raw == json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert raw["suite"] == "Test & report"
    assert [len(one["checks"]) for one in raw["results"]] == [4, 4, 1]
    assert raw["results"][0]["checks"][1]["status"] == "failed"
    clip = next(rate for rate in raw["rates"] if rate["name"] == "clip")
    assert (clip["share"], clip["interval"], clip["skipped"]) == (None, None, 2)


def test_text_says_what_failed(report: SuiteReport) -> None:
    text = str(report)
    assert "zh-1  nano-turbo  seed 3  ✓✗!–" in text
    assert "failed: colour red: saw" in text
    assert (
        "checks                 3 of 7: 42.9 % (95 %: 15.8-75.0) (2 with errors, 2 skipped)" in text
    )
