"""``zimg test``: exit codes, files, and what stands where."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from zimg_kernel import LocalEngine
from zimg_kernel.cli.command import main

SUITE = """\
name: command
defaults: {model: nano-turbo, steps: 1, width: 128, height: 128}
cases:
- {id: right, prompt: a red circle, checks: {size: [128, 128]}}
- {id: wrong, prompt: 一个红色的圆, tags: [bad], checks: {size: [64, 64]}}
"""
Run = Callable[..., int]


@pytest.fixture
def zimg(as_default: LocalEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the command on the warm engine, in a folder with a suite; return its exit code."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "suite.yaml").write_text(SUITE, encoding="utf-8")

    def run(*arguments: str) -> int:
        try:
            main(["test", *arguments])
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    return run


def test_exit_codes_and_files(
    zimg: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = ("--junit", "j.xml", "--html", "h.html", "--json", "r.json")
    assert zimg("suite.yaml", *files) == 1
    out, err = capsys.readouterr()
    assert "failed: size 64, 64: 128×128 px" in out
    assert "checks                 1 of 2: 50.0 %" in out
    assert "zimg: picture 1: right, nano-turbo, seed 0: passed" in err
    assert "zimg: picture 2: wrong, nano-turbo, seed 0: failed size" in err
    assert ET.parse(tmp_path / "j.xml").getroot().get("failures") == "1"
    assert "<img " in (tmp_path / "h.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["drawn"] == 2

    assert zimg("suite.yaml", "--min-pass", "0.5") == 0
    out, err = capsys.readouterr()
    assert "0 of 2 pictures drawn" in out
    assert "picture" not in err
    assert zimg("suite.yaml", "--only", "right", "--seeds", "0,2-3") == 0
    assert "2 of 3 pictures drawn" in capsys.readouterr().out
    assert zimg("suite.yaml", "--only", "bad", "--fresh") == 1
    assert "1 of 1 pictures drawn" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no.yaml"], "no file no.yaml, nor a ready suite of that name (layout, simple, text)"),
        (["suite.yaml", "--seeds", "a"], "--seeds 'a' is no list of seeds"),
        (["suite.yaml", "--model", "nano-turbo2"], "did you mean nano-turbo"),
        (["suite.yaml", "--only", "x"], "No case has the id or tag x"),
        (["suite.yaml", "--junit", "j.txt"], "j.txt must end in .xml"),
        (["broken.yaml"], "broken.yaml, line 2, case a: checks is missing"),
    ],
)
def test_a_faulty_suite_or_option_is_code_2(
    zimg: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    (tmp_path / "broken.yaml").write_text("name: b\ncases: [{id: a, prompt: a red circle}]\n")
    assert zimg(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.startswith("zimg: ")
    assert err.count("\n") == 1


def test_functions_are_run_only_when_they_are_allowed(
    zimg: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "beside.py").write_text(
        "from pathlib import Path\nPath(__file__).with_name('ran').touch()\n"
        "def fine(image, case):\n    return True\n"
    )
    (tmp_path / "own.yaml").write_text(
        "name: own\ndefaults: {model: nano-turbo, seeds: 1}\ncases:\n"
        "- {id: a, prompt: a red circle, checks: {function: 'beside:fine'}}\n"
    )
    assert zimg("own.yaml") == 2
    assert "beside:fine" in capsys.readouterr().err
    assert not (tmp_path / "ran").exists()
    assert zimg("own.yaml", "--allow-functions") == 0
    assert (tmp_path / "ran").exists()
