"""JUnit XML of a report: a suite for each model, a test case for each check."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from zimg_kernel.experiments.batch.paths import output_path
from zimg_kernel.files import atomic_file

from .check import CheckResult

if TYPE_CHECKING:
    from .report import PictureResult, SuiteReport

# What XML 1.0 cannot hold, not even escaped (its section 2.2).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(report: SuiteReport, path: Path) -> Path:
    """Write the file.

    Its form is that of Jenkins' schema (junit-10.xsd), which GitLab, GitHub's actions and
    others read: testsuites, testsuite with counts, testcase with failure, error or skipped.
    """
    path = output_path(path, ".xml")
    root = ET.Element("testsuites", {"name": _clean(report.suite.name)})
    for model in dict.fromkeys(result.model for result in report.results):
        _suite(root, report, model)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    root.set("time", f"{report.seconds:.3f}")
    ET.indent(root)
    with atomic_file(path) as file:
        file.write(ET.tostring(root, encoding="utf-8", xml_declaration=True))
    return path


def _suite(root: ET.Element, report: SuiteReport, model: str) -> None:
    results = [result for result in report.results if result.model == model]
    suite = ET.SubElement(root, "testsuite", {"name": _clean(f"{report.suite.name} [{model}]")})
    by = {"failed": 0, "error": 0, "skipped": 0, "passed": 0}
    for result in results:
        for place, (check, verdict) in enumerate(result.checked):
            by[verdict.status] += 1
            _case(suite, report, result, check.label, verdict, first=place == 0)
    suite.set("tests", str(sum(by.values())))
    suite.set("failures", str(by["failed"]))
    suite.set("errors", str(by["error"]))
    suite.set("skipped", str(by["skipped"]))
    suite.set("time", f"{sum(result.timings.get('total', 0.0) for result in results):.3f}")
    suite.set("timestamp", report.created.replace(tzinfo=None).isoformat(timespec="seconds"))


def _case(
    suite: ET.Element,
    report: SuiteReport,
    result: PictureResult,
    label: str,
    verdict: CheckResult,
    first: bool,
) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        {
            "classname": _clean(f"{report.suite.name}.{result.case.id}"),
            "name": _clean(f"{label} [{result.model}, seed {result.params.seed}]"),
            # Drawing counts once, with the picture's first check.
            "time": f"{result.timings.get('total', 0.0) if first else 0.0:.3f}",
        },
    )
    tag = {"failed": "failure", "error": "error", "skipped": "skipped"}.get(verdict.status)
    if tag is None:
        return
    outcome = ET.SubElement(case, tag, {"message": _clean(verdict.message)})
    if tag != "skipped":
        outcome.set("type", verdict.status)
        outcome.text = _clean(f"{label}\nprompt: {result.params.prompt}\n{verdict.message}")
        if result.path is not None:
            ET.SubElement(case, "system-out").text = _clean(f"[[ATTACHMENT|{result.path}]]")


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
