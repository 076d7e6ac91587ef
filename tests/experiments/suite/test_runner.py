"""Running a suite on the miniature: what is kept, what is drawn again, what an error is."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from engines import Around
from refusals import refused
from zimg_kernel import GenerationParams, Job, JobCancelled, LocalEngine, ZimgError
from zimg_kernel.experiments.suite import Case, PictureResult, Suite, ocr, run_suite
from zimg_kernel.experiments.suite.fingerprint import model_fingerprint

SMALL = {"model": "nano-turbo", "steps": 1, "width": 128, "height": 128}


class Counted(Around):
    """An engine that hands on to a real one and keeps what was submitted."""

    def __init__(self, engine: LocalEngine) -> None:
        super().__init__(engine)
        self.submitted: list[GenerationParams] = []

    def submit(self, params: GenerationParams, **options: Any) -> Job:
        self.submitted.append(params)
        return self.engine.submit(params, **options)


@pytest.fixture
def counted(engine: LocalEngine) -> Counted:
    return Counted(engine)


def suite(*cases: dict[str, Any], **defaults: Any) -> Suite:
    made = [{"id": f"case{n}", "prompt": "a red circle", "checks": {"size": [128, 128]}, **case}
            for n, case in enumerate(cases)]  # fmt: skip
    return Suite(name="a suite", defaults={**SMALL, **defaults}, cases=made)


def test_the_second_run_draws_and_judges_nothing(counted: Counted, own_home: Path) -> None:
    cases = ({}, {"prompt": "一个蓝色的方块", "checks": [{"size": [128, 128]}, {"colour": "blue"}]})
    heard: list[PictureResult] = []
    first = run_suite(suite(*cases, seeds=2), engine=counted, on_result=heard.append)
    assert [result.params.seed for result in first.results] == [0, 1, 0, 1]
    assert (first.drawn, len(counted.submitted), len(heard)) == (4, 4, 4)
    assert first.folder is not None
    assert own_home in first.folder.parents
    assert all(result.image.params == result.params for result in first.results)
    # The picture is the gallery's own file under a second name.
    assert {r.path.stat().st_ino for r in first.results} == {
        entry.path.stat().st_ino for entry in counted.gallery.search()}  # fmt: skip

    again = run_suite(suite(*cases, seeds=2), engine=counted)
    assert (again.drawn, len(counted.submitted)) == (0, 4)
    assert again.statuses() == first.statuses()
    assert all(result.found and result.image is not None for result in again.results)
    more = run_suite(suite(*cases), engine=counted, seeds=[1, 7])
    assert (more.drawn, len(counted.submitted)) == (2, 6)
    fresh = run_suite(suite(*cases), engine=counted, fresh=True)
    assert (fresh.drawn, len(counted.submitted)) == (2, 8)


def test_a_new_check_is_made_on_the_picture_that_is_there(counted: Counted) -> None:
    run_suite(suite({}), engine=counted)
    changed = suite({"checks": {"size": [64, 64]}}, {"checks": {"colour": "red"}})
    report = run_suite(changed, engine=counted)
    assert len(counted.submitted) == 1
    assert report.results[0].checked[0][1].message == "128×128 px"
    assert [result.passed for result in report.results] == [False, True]


def test_equal_pictures_of_several_cases_are_drawn_once(counted: Counted) -> None:
    report = run_suite(suite({}, {"checks": {"size": [64, 64]}}), engine=counted)
    assert report.drawn == len(counted.submitted) == 1
    assert [result.passed for result in report.results] == [True, False]


def test_damaged_and_missing_pictures_are_drawn_again(counted: Counted) -> None:
    first = run_suite(suite({}, seeds=2), engine=counted)
    for result, harm in zip(
        first.results, (Path.unlink, lambda p: p.write_bytes(b"x")), strict=True
    ):
        harm(result.path)
    # Verdicts stand without their pictures; a new check needs them.
    assert run_suite(suite({}, seeds=2), engine=counted).drawn == 0
    other = suite({"checks": {"colour": "red"}}, seeds=2)
    assert run_suite(other, engine=counted).drawn == 2


def test_other_weights_make_verdicts_and_pictures_void(
    engine: LocalEngine, tmp_path: Path, own_home: Path
) -> None:
    from zimg_kernel.models.catalog import get_card
    from zimg_kernel.models.weights import require_weights

    card = get_card("nano-turbo")
    copy = tmp_path / "model"
    shutil.copytree(require_weights(card), copy)
    own_home.mkdir(exist_ok=True)
    (own_home / "models.yaml").write_text(
        f"mine: {{like: nano-turbo, source: {{folder: '{copy}'}}}}\n"
    )
    own = get_card("mine")
    before = model_fingerprint(own, engine)
    assert model_fingerprint(own, engine) == before
    (path,) = (copy / "vae").glob("*.safetensors")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert model_fingerprint(own, engine) != before
    assert model_fingerprint(card, engine) != model_fingerprint(
        get_card("nano-base"), engine)  # fmt: skip


def test_a_broken_check_is_an_error_of_that_check_alone(counted: Counted, tmp_path: Path) -> None:
    def broken(image: Any, case: Case) -> bool:
        raise RuntimeError(f"no idea\nabout {case.id}")

    (tmp_path / "own_checks.py").write_text(
        "def wide(image, case):\n    return image.image.width\n"
    )
    (tmp_path / "s.yaml").write_text(
        "name: own\ndefaults: {model: nano-turbo, steps: 1, width: 128, height: 128}\n"
        "cases:\n- id: a\n  prompt: a red circle\n  checks:\n"
        "  - function: {function: 'own_checks:wide', at_least: 100}\n"
        "  - function: 'own_checks:tall'\n  - function: 'no_checks_at_all:f'\n"
    )
    report = run_suite(tmp_path / "s.yaml", engine=counted)
    results = [verdict for _, verdict in report.results[0].checked]
    assert [result.status for result in results] == ["passed", "error", "error"]
    assert results[0].value == 128
    assert "has no function tall" in results[1].message
    assert "no module no_checks_at_all" in results[2].message
    assert str(tmp_path) not in sys.path

    one = suite({"checks": [{"function": broken}, {"size": [128, 128]}]}, {"prompt": "a blue star"})
    report = run_suite(one, engine=counted)
    first = [verdict for _, verdict in report.results[0].checked]
    assert first[0].message == "RuntimeError: no idea about case0"
    assert first[1].passed
    assert report.results[1].passed


def test_a_case_that_cannot_be_drawn_does_not_stop_the_others(counted: Counted) -> None:
    cases = (
        {"prompt": "quantum chromodynamics lecture notes"},
        {},
        {"width": 1024, "height": 1024},
    )
    report = run_suite(suite(*cases), engine=counted)
    assert [result.checked[0][1].status for result in report.results] == [
        "error",
        "passed",
        "error",
    ]
    assert report.results[0].error
    assert "draws sides of 128 to 384 px" in report.results[2].error
    assert report.total.errors == 2
    assert not report.ok(0.5)


def test_what_turned_from_passed_to_failed_and_back_is_said(counted: Counted) -> None:
    told = {"now": True}
    one = suite({"checks": [{"function": lambda image, case: told["now"]}, {"size": [64, 64]}]})
    assert run_suite(one, engine=counted).newly_failed == []
    told["now"] = False
    report = run_suite(one, engine=counted)
    assert report.newly_failed == ["case0 · nano-turbo · seed 0 · function <lambda>"]
    assert report.newly_passed == []
    assert "newly failed: case0" in str(report)
    told["now"] = True
    report = run_suite(one, engine=counted)
    assert (report.newly_failed, len(report.newly_passed)) == ([], 1)
    assert run_suite(one, engine=counted).newly_passed == []
    assert len(counted.submitted) == 1  # a function's verdict is not kept, its picture is


def test_cases_are_left_out_by_family_and_checks_by_model(counted: Counted) -> None:
    cases = ({"family": "full"}, {"family": "nano", "checks": {"clip": 20, "size": [128, 128]}})
    report = run_suite(suite(*cases), engine=counted)
    assert report.left_out == ["case0 is for full-size models, not for nano-turbo."]
    statuses = [verdict.status for _, verdict in report.results[0].checked]
    assert statuses == ["skipped", "passed"]
    assert "skipped 1: No CLIP that reads English" in str(report)
    assert (report.total.n, report.total.skipped) == (1, 1)
    assert report.ok()
    only_skipped = run_suite(suite({"checks": {"clip": 20}}), engine=counted)
    assert not only_skipped.results[0].checked[0][1].passed
    assert not only_skipped.ok(0)
    assert only_skipped.drawn == 0  # nothing to find out
    with refused("no-case-for-model", "models"):
        run_suite(suite({"family": "full"}), engine=counted)


def test_a_missing_reader_is_said_before_anything_is_drawn(
    counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "_NEEDED", ("no_such_reader",))
    with refused("package-missing", "text", ZimgError):
        run_suite(suite({"checks": {"text": "茶"}}), engine=counted)
    assert counted.submitted == []


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"models": ["nano-tubo"]}, "unknown-model", "model"),
        ({"seeds": [-1]}, "out-of-range", "seeds.0"),
    ],
)
def test_bad_models_and_seeds_are_refused(
    counted: Counted, options: dict[str, Any], code: str, field: str
) -> None:
    with refused(code, field):
        run_suite(suite({}), engine=counted, **options)
    assert counted.submitted == []


def test_bad_options_are_refused(counted: Counted, tmp_path: Path) -> None:
    with refused("unknown-case", "only"):
        run_suite(suite({}), engine=counted, only=["nothing"])
    with refused("out-of-range", "at_once"):
        run_suite(suite({}), engine=counted, at_once=0)
    (tmp_path / "file").write_text("in the way of a folder")
    with refused("not-written", "cache", ZimgError):
        run_suite(suite({}), engine=counted, cache=tmp_path / "file" / "s")
    assert [params.seed for params in counted.submitted] in ([], [0])


def test_a_listener_that_breaks_stops_nothing_and_stop_stops(counted: Counted) -> None:
    def broken(result: PictureResult) -> None:
        raise RuntimeError

    assert run_suite(suite({}), engine=counted, on_result=broken).drawn == 1
    stop = threading.Event()
    many = suite({"prompt": "a blue star"}, seeds=20)
    with pytest.raises(JobCancelled):
        run_suite(many, engine=counted, stop=stop, on_result=lambda _: stop.set())
    assert len(counted.submitted) < 10


def test_the_engine_draws_while_a_picture_is_checked(engine: LocalEngine) -> None:
    busy: list[int] = []

    def look(image: Any, case: Case) -> bool:
        busy.append(len(engine.jobs()))
        return True

    run_suite(suite({"checks": {"function": look}}, seeds=4), engine=engine, at_once=3)
    assert len(busy) == 4
    assert busy[0] >= 1  # the next ones were handed over before
    assert max(busy) <= 3


def test_without_a_gallery_the_suite_keeps_its_pictures(engine: LocalEngine) -> None:
    engine.gallery = None
    report = run_suite(suite({}), engine=engine)
    assert report.results[0].image is not None
    assert run_suite(suite({"checks": {"colour": "red"}}), engine=engine).drawn == 0


KILLED = """
from zimg_kernel import Gallery, LocalEngine
from zimg_kernel.experiments.suite import Suite, run_suite

run_suite(Suite.load("killed.yaml"), engine=LocalEngine(Gallery()),
          on_result=lambda result: print("judged", flush=True))
"""


@pytest.mark.slow
def test_a_suite_killed_halfway_goes_on(
    engine: LocalEngine, clean_environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "killed.yaml").write_text(
        "name: killed\ndefaults: {model: nano-turbo, steps: 1, width: 128, height: 128}\n"
        "cases:\n"
        "- {id: a, prompt: a red circle, seeds: 24, checks: {size: [128, 128], colour: red}}\n"
    )
    command = [sys.executable, "-c", KILLED]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=clean_environment, cwd=tmp_path
    )
    assert process.stdout is not None
    for _ in range(6):
        assert process.stdout.readline() == "judged\n"
    os.kill(process.pid, signal.SIGKILL)
    judged = 6 + process.stdout.read().count("judged")
    process.wait(30)
    assert judged < 24

    report = run_suite(tmp_path / "killed.yaml", engine=engine)
    found = [result for result in report.results if result.found]
    assert judged <= len(found) <= judged + 1  # nothing that was judged is done again
    assert report.drawn == len(list(engine.gallery.names())) == 24 - len(found)
    assert report.total.n == 48
