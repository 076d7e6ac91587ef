"""``zimg batch``: files of prompts, bad lines, going on, the table."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.refusals import refused
from zimg_kernel import GeneratedImage
from zimg_kernel.experiments.batch.prompt_file import PromptLine, read_prompts

from .conftest import Run

SMALL = ("--model", "nano-turbo", "--width", 128, "--height", 128, "--steps", 1)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMG_ENGINE", "local")


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "batch.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("a.txt", "\ufeff# shapes\na red circle\n\n 一个蓝色方块 \n",
         [(2, {"prompt": "a red circle"}), (4, {"prompt": "一个蓝色方块"})]),
        ("a.csv", 'Prompt,seed,negative,lora\r\n"a, b",3,,\r\n\r\nc,,d,x:0.5;y\r\n',
         [(2, {"prompt": "a, b", "seed": 3}),
          (4, {"prompt": "c", "negative_prompt": "d", "loras": [("x", 0.5), ("y", 1.0)]})]),
        ("a.tsv", "prompt\twidth\nd, e\t512.0\n", [(2, {"prompt": "d, e", "width": 512})]),
        ("a.json", '["f", {"prompt": "g", "n": 2}]',
         [(1, {"prompt": "f"}), (2, {"prompt": "g", "count": 2})]),
        ("a.jsonl", '"h\u2028i"\n\n{"prompt": "j"}\n',
         [(1, {"prompt": "h\u2028i"}), (3, {"prompt": "j"})]),
        ("a.yaml", "prompts:\n- k\n- {prompt: l, seed: 1}\n",
         [(1, {"prompt": "k"}), (2, {"prompt": "l", "seed": 1})]),
    ],
)  # fmt: skip
def test_files_of_all_kinds_are_read(
    tmp_path: Path, name: str, text: str, wanted: list[Any]
) -> None:
    found = read_prompts(written(tmp_path, name, text))
    assert [(line.number, dict(line.fields)) for line in found] == wanted


def test_a_line_that_cannot_be_read_stops_no_other(tmp_path: Path) -> None:
    found = read_prompts(written(tmp_path, "a.jsonl", '"a"\n{"prompt": \n7\n"b"\n'))
    assert [(line.number, line.prompt, bool(line.error)) for line in found] == [
        (1, "a", False), (2, "", True), (3, "", True), (4, "b", False),
    ]  # fmt: skip
    assert isinstance(found[0], PromptLine)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a.docx", "x", "wrong-ending"),
        ("a.txt", "# nothing\n", "empty-list"),
        ("a.csv", "seed\n3\n", "unknown-parameter"),
        ("a.csv", "prompt,colour\na,red\n", "unknown-parameter"),
        ("a.json", "{", "file-unreadable"),
        ("a.json", '{"prompt": "a"}', "wrong-type"),
        ("a.yaml", "- a\n-: [", "invalid-yaml"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, name: str, text: str, code: str) -> None:
    with refused(code, "file"):
        read_prompts(written(tmp_path, name, text))
    with refused("file-unreadable", "file"):
        read_prompts(tmp_path / "none.txt")


def test_bad_lines_are_listed_and_the_others_drawn(zimg: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "p.csv", "prompt,width\na red circle,\na blue square,63\n=1+1,\n")
    done = zimg("batch", file, "-o", tmp_path / "out", *SMALL, code=1)
    paths = done.stdout.split("\n")[:-1]
    assert len(paths) == 2
    assert all(GeneratedImage.open(path).image.size == (128, 128) for path in paths)
    assert "line 3" in done.stderr
    assert "1 of 3 lines" in done.stderr
    rows = table(tmp_path / "out")
    assert [(row["line"], row["status"]) for row in rows] == [
        ("2", "done"), ("3", "failed"), ("4", "done"),
    ]  # fmt: skip
    assert rows[2]["prompt"] == "'=1+1"  # no formula for a spreadsheet
    assert "63 px" in rows[1]["error"]
    assert len(list((tmp_path / "out").glob("*.png"))) == 2


def test_only_what_is_missing_is_drawn(zimg: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    file = written(tmp_path, "p.txt", "a red circle\na blue square\n")
    first = zimg("batch", file, "-o", out, "-n", 2, *SMALL).stdout.split()
    assert len(set(first)) == 4
    # A line put in before them moves the others, which are found again all the same.
    file.write_text("a green star\na red circle\na blue square\n")
    next(out.glob("1_*")).unlink()
    dry = zimg("batch", file, "-o", out, "-n", 2, *SMALL, "--dry-run")
    assert dry.stdout == "6 pictures, 2 to draw\n"
    again = zimg("batch", file, "-o", out, "-n", 2, *SMALL)
    assert again.stdout.split()[2:] == first
    assert "4 of 6 pictures are there already" in again.stderr
    assert len(list(out.glob("*.png"))) == 6
    fresh = zimg("batch", file, "-o", out, "-n", 2, "--fresh", "--json", *SMALL)
    rows = json.loads(fresh.stdout)
    assert not {row["path"] for row in rows} & {*first, *again.stdout.split()}
    assert [row["status"] for row in rows] == ["done"] * 6


def test_prompts_without_a_file_keep_to_the_gallery(zimg: Run, own_home: Path) -> None:
    done = zimg("batch", "-p", "a red circle", "-p", "", *SMALL, code=1)
    (path,) = done.stdout.split()
    assert Path(path).is_relative_to(own_home / "gallery")
    assert "line 2" in done.stderr
    again = zimg("batch", "-p", "a red circle", "-p", "", *SMALL, code=1)
    assert again.stdout.split() == [path]


def test_a_batch_of_nothing_is_refused(zimg: Run, tmp_path: Path) -> None:
    assert "zimg batch prompts.txt" in zimg("batch", code=2).stderr
    file = written(tmp_path, "p.txt", "a red circle\n")
    assert "name a folder" in zimg("batch", file, "-o", file, code=2).stderr
