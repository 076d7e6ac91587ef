"""Exports of a grid: HTML, CSV and a contact sheet; and the command that writes them."""

from __future__ import annotations

import base64
import csv
import io
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from refusals import refused, warned
from zimg_kernel import Gallery, GalleryError, LocalEngine, ZimgError
from zimg_kernel.experiments.grid import Grid, grid_from_yaml, swap
from zimg_kernel.experiments.grid.export import tables

SMALL = {"model": "nano-turbo", "steps": 1, "width": 128, "height": 128}
SPEC = """
prompt: a red circle
model: nano-turbo
steps: 1
width: 128
height: 128
title: Colours & seeds
x: {seed: [1, 2]}
y: {swap: red, words: [red, 蓝色]}
"""


class Forgetful(LocalEngine):
    """Fails at one seed."""

    def submit(self, params, **options):  # type: ignore[no-untyped-def]
        if params.seed == 2 and "red" in params.prompt:
            raise ZimgError("No room for <this> one.")
        return super().submit(params, **options)


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Grid:
    """Two rows, two columns, two layers; two cells have failed."""
    folder = tmp_path_factory.mktemp("grid")
    engine = Forgetful(Gallery(folder / "gallery"))
    made = Grid(
        {**SMALL, "prompt": 'a red circle "A"'},
        x={"seed": [1, 2]},
        y=swap("red", ["red", "蓝色"]),
        z={"steps": [1, 2]},
        title="Colours & seeds",
        engine=engine,
        folder=folder,
    )
    with warned("job-warning"):  # the miniature draws no thing beside a word
        made.run()
    engine.close()
    return made


def pictures(text: str) -> list[Image.Image]:
    found = re.findall(r"data:image/jpeg;base64,([^\"]+)", text)
    return [Image.open(io.BytesIO(base64.b64decode(data))) for data in found]


def test_a_notebook_gets_tables_with_headings_and_alt_text(grid: Grid) -> None:
    text = grid._repr_html_()
    assert text.count("<table") == 2
    assert "<caption>Colours &amp; seeds · steps 2</caption>" in text
    assert text.count('<th scope="row">蓝色</th>') == 2
    assert "No room for &lt;this&gt; one." in text
    assert 'alt="a 蓝色 circle &#34;A&#34;"' in text
    assert [max(p.size) for p in pictures(text)] == [128] * 6


def test_many_pictures_stay_within_the_bytes(grid: Grid) -> None:
    text = tables(grid, most=4500)
    assert len(pictures(text)) == 3
    assert "3 of 6 pictures are shown" in text


def test_html_is_one_file_with_everything_in_it(grid: Grid, tmp_path: Path) -> None:
    path = grid.to_html(tmp_path / "a" / "grid.html", side=64)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "http" not in text
    assert "<script" not in text
    assert [max(p.size) for p in pictures(text)] == [64] * 6
    assert "<title>Colours &amp; seeds</title>" in text
    with refused("wrong-ending", "path"):
        grid.to_html(tmp_path / "grid.png")


def test_csv_has_a_row_for_each_cell(grid: Grid, tmp_path: Path) -> None:
    raw = grid.to_csv(tmp_path / "grid.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert len(rows) == 8
    last = rows[-1]
    assert (last["x (seed)"], last["y (red)"], last["z (steps)"]) == ("2", "蓝色", "2")
    assert (last["prompt"], last["steps"]) == ('a 蓝色 circle "A"', "2")
    assert last["hash"] == grid.cells[-1].key
    assert Path(last["path"]).is_file()
    assert float(last["seconds total"]) > 0
    failed = [row for row in rows if row["status"] == "failed"]
    assert {row["error"] for row in failed} == {"No room for <this> one."}
    assert [row["path"] for row in failed] == ["", ""]


def test_a_file_that_cannot_be_written_is_no_lost_picture(grid: Grid, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way of a folder")
    for write, name in ((grid.to_csv, "grid.csv"), (grid.to_html, "grid.html")):
        with refused("not-written", kind=ZimgError) as caught:
            write(tmp_path / "file" / name)
        assert not isinstance(caught.value, GalleryError)
        assert "in memory" not in str(caught.value)


def test_the_sheet_has_all_pictures_and_headings(grid: Grid) -> None:
    sheet = grid.contact_sheet(side=128)
    wide = 2 * (128 + 8) + 8  # two pictures and the gaps around them
    pixels = np.asarray(sheet)
    assert (pixels[:, :-wide] < 128).any()  # beside the pictures: row headings
    for layer, bottom in ((0, sheet.height // 2), (1, sheet.height)):
        for row, column in ((0, 0), (1, 0), (1, 1)):
            left, top = sheet.width - wide + 8 + 136 * column, bottom - wide + 8 + 136 * row
            image = grid.cell(row, column, layer).image
            assert image is not None
            assert (pixels[top : top + 128, left : left + 128] == np.asarray(image.image)).all()
        heads = pixels[bottom - wide - 40 : bottom - wide, -wide:]
        assert (heads < 128).any()


def test_a_grid_from_yaml(engine: LocalEngine, tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(SPEC, encoding="utf-8")
    made = grid_from_yaml(path, engine=engine, folder=tmp_path)
    assert (made.title, len(made)) == ("Colours & seeds", 4)
    assert made.cells[3].params.prompt == "a 蓝色 circle"
    for text, code in (
        ("- 1", "not-a-mapping"),
        ("a: [", "invalid-yaml"),
        ("steps: 1\nsteps: 2", "invalid-yaml"),
        ("x: 1", "invalid-axis"),
    ):
        path.write_text(text)
        with refused(code):
            grid_from_yaml(path, engine=engine, folder=tmp_path)
    with refused("file-missing", "path"):
        grid_from_yaml(tmp_path / "none.yaml", engine=engine)


@pytest.mark.slow
def test_the_command_writes_it_all_and_goes_on(
    clean_environment: dict[str, str], tmp_path: Path
) -> None:
    spec, folder = tmp_path / "spec.yaml", tmp_path / "out"
    spec.write_text(SPEC, encoding="utf-8")

    def zimg(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "zimg_kernel", "grid", str(spec), "-o", str(folder), *more]
        return subprocess.run(command, capture_output=True, text=True, env=clean_environment)

    assert zimg("--dry-run").stdout == "4 cells, 4 to draw\n"
    done = zimg()
    assert done.returncode == 0, done.stderr
    written = [Path(line) for line in done.stdout.split()]
    assert [path.name for path in written] == ["grid.html", "grid.csv", "grid.png"]
    assert all(path.is_file() for path in written)
    assert zimg("--dry-run").stdout == "4 cells, 0 to draw\n"
    spec.write_text(SPEC.replace("seed", "sed"), encoding="utf-8")
    wrong = zimg()
    assert wrong.returncode == 2
    assert "did you mean seed" in wrong.stderr
