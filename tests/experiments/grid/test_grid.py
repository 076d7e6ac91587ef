"""The grid on the embedded miniature: order, resuming, failing cells, stopping, events."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from engines import Around
from refusals import refused, warned
from zimg_kernel import GenerationParams, Job, LocalEngine, ZimgError
from zimg_kernel.engine.batch import drawing_order
from zimg_kernel.experiments.grid import Cell, Grid, swap

SMALL = {"prompt": "a red circle", "model": "nano-turbo", "steps": 1, "width": 128, "height": 128}


class Counted(Around):
    """An engine that hands on to a real one and keeps what was submitted."""

    def __init__(self, engine: LocalEngine) -> None:
        super().__init__(engine)
        self.submitted: list[GenerationParams] = []
        self.most = 0
        self.refuse: dict[int, Exception] = {}

    def submit(self, params: GenerationParams, **options: Any) -> Job:
        if params.seed in self.refuse:
            raise self.refuse[params.seed]
        self.submitted.append(params)
        job = self.engine.submit(params, **options)
        self.most = max(self.most, len(self.engine.jobs()))
        return job


@pytest.fixture
def counted(engine: LocalEngine) -> Counted:
    return Counted(engine)


def test_cells_are_drawn_and_kept_in_the_gallery(counted: Counted, tmp_path: Path) -> None:
    y = swap("red", ["red", "blue"])
    grid = Grid(SMALL, x={"seed": [1, 2, 3]}, y=y, engine=counted, folder=tmp_path / "g")
    assert grid.progress == (0, 6)
    assert grid.run() is grid
    assert grid.progress == (6, 6)
    assert [i.params.prompt for i in grid.images] == ["a red circle"] * 3 + ["a blue circle"] * 3
    assert [i.seed for i in grid.images] == [1, 2, 3] * 2
    cell = grid.cell(1, 2)
    assert (cell.params.seed, cell.params.prompt, cell.status) == (3, "a blue circle", "done")
    assert cell.path in {entry.path for entry in counted.engine.gallery.search()}
    assert cell.timings["total"] > 0
    assert all(cell.key == cell.image.params.hash for cell in grid.cells)
    assert counted.most <= 4  # three at a time, and one that is just being delivered


def test_the_same_grid_again_draws_nothing(counted: Counted, tmp_path: Path) -> None:
    def make() -> Grid:
        return Grid(SMALL, x={"seed": [-1, -1]}, y={"steps": [1, 2]}, engine=counted)

    first = make().run()
    again = make()
    assert again.progress == (4, 4)
    assert all(cell.found for cell in again.cells)
    again.run()
    assert len(counted.submitted) == 4
    assert again.axes["x"].headings == tuple(str(c.params.seed) for c in first.cells[:2])
    assert first.cells[0].params.seed != first.cells[1].params.seed

    fresh = Grid(SMALL, x={"seed": [-1, -1]}, y={"steps": [1, 2]}, engine=counted, fresh=True).run()
    assert len(counted.submitted) == 8
    assert fresh.cells[0].params.seed != first.cells[0].params.seed


def test_a_seed_is_drawn_once_for_the_grid(counted: Counted, tmp_path: Path) -> None:
    grid = Grid(SMALL, x={"steps": [1, 2, 3]}, engine=counted, folder=tmp_path)
    assert len({cell.params.seed for cell in grid.cells}) == 1
    assert grid.cells[0].params.seed >= 0


def test_a_picture_that_is_gone_is_drawn_again(counted: Counted, tmp_path: Path) -> None:
    grid = Grid(SMALL, x={"seed": [1, 2, 3]}, engine=counted, folder=tmp_path / "g").run()
    gone = grid.cells[1].path
    assert gone is not None
    gone.unlink()
    assert grid.run().progress == (3, 3)
    assert [params.seed for params in counted.submitted] == [1, 2, 3, 2]
    assert grid.cells[1].path.exists()


def test_the_gallery_knows_pictures_that_the_manifest_has_lost(
    counted: Counted, tmp_path: Path
) -> None:
    grid = Grid(SMALL, x={"seed": [1, 2]}, engine=counted, folder=tmp_path / "g").run()
    (tmp_path / "g" / "grid.json").unlink()
    again = Grid(SMALL, x={"seed": [1, 2, 3]}, engine=counted, folder=tmp_path / "g")
    assert again.progress == (2, 3)
    assert [cell.path for cell in again.cells[:2]] == [cell.path for cell in grid.cells]


def test_a_damaged_manifest_is_set_aside(counted: Counted, tmp_path: Path) -> None:
    (tmp_path / "grid.json").write_text('{"cells": 3')
    with warned("set-aside", "folder"):
        Grid(SMALL, x={"seed": [1]}, engine=counted, folder=tmp_path)
    assert (tmp_path / "grid.unreadable").exists()


def test_without_a_gallery_the_grid_keeps_its_pictures(engine: LocalEngine, tmp_path: Path) -> None:
    engine.gallery = None
    counted = Counted(engine)
    grid = Grid(SMALL, x={"seed": [1, 2]}, engine=counted, folder=tmp_path / "g").run()
    assert {cell.path.parent for cell in grid.cells} == {tmp_path / "g" / "pictures"}
    (tmp_path / "g").rename(tmp_path / "moved")
    again = Grid(SMALL, x={"seed": [1, 2]}, engine=counted, folder=tmp_path / "moved").run()
    assert len(again.images) == 2
    assert len(counted.submitted) == 2


def test_one_model_after_the_other(counted: Counted, tmp_path: Path) -> None:
    grid = Grid(
        SMALL,
        x={"model": ["nano-turbo", "nano-base"]},
        y={"seed": [1, 2]},
        engine=counted,
        folder=tmp_path,
    )
    models = {cell.key: cell.params.model for cell in grid.cells}
    assert [models[key] for key in drawing_order(grid.cells)] == ["nano-turbo"] * 2 + [
        "nano-base"
    ] * 2


def test_equal_cells_are_drawn_once(counted: Counted, tmp_path: Path) -> None:
    grid = Grid(SMALL, x={"seed": [5, 5]}, engine=counted, folder=tmp_path).run()
    assert len(counted.submitted) == 1
    assert [image.seed for image in grid.images] == [5, 5]


def test_a_cell_that_fails_keeps_its_sentence(counted: Counted, tmp_path: Path) -> None:
    counted.refuse = {2: ZimgError("There is no memory left."), 3: RuntimeError("boom")}
    grid = Grid(SMALL, x={"seed": [1, 2, 3, 4]}, engine=counted, folder=tmp_path).run()
    assert [cell.status for cell in grid.cells] == ["done", "failed", "failed", "done"]
    assert grid.cells[1].error == "There is no memory left."
    assert grid.cells[2].error == "The picture could not be drawn (RuntimeError: boom)."
    assert json.loads((tmp_path / "grid.json").read_text())["cells"][grid.cells[1].key] == {
        "error": "There is no memory left."
    }
    assert "2 failed" in repr(grid)
    counted.refuse = {}
    assert grid.run().failures == []
    assert len(counted.submitted) == 4


def test_cancelling_keeps_what_is_done(counted: Counted, tmp_path: Path) -> None:
    grid = Grid({**SMALL, "steps": 4}, x={"seed": range(1, 9)}, engine=counted, folder=tmp_path)
    grid.on_cell(lambda cell: grid.cancel())
    grid.start()
    assert grid.wait(60)
    done, total = grid.progress
    assert 1 <= done < total
    assert not grid.failures
    grid._listeners.clear()
    assert grid.run().progress == (8, 8)
    assert len(counted.engine.gallery) == 8


def test_listeners_hear_of_each_cell_and_of_the_end(counted: Counted, tmp_path: Path) -> None:
    heard: list[Cell | None] = []
    grid = Grid(SMALL, x={"seed": [1, 2]}, engine=counted, folder=tmp_path)
    grid.on_cell(lambda cell: 1 / 0)
    grid.on_cell(heard.append)
    grid.run()
    assert [cell and cell.params.seed for cell in heard] == [1, 2, None]


@pytest.mark.parametrize(
    ("axes", "code", "field"),
    [
        ({}, "axis-missing", None),
        ({"x": {"sed": [1]}}, "unknown-parameter", None),
        ({"x": {"seed": [1]}, "y": {"seed": [2]}}, "axis-repeated", "y"),
        ({"x": {"steps": [0]}}, "out-of-range", "steps"),
        ({"x": {"width": [128, 1600]}}, "out-of-range", "width"),
        ({"x": swap("green", ["blue"])}, "word-not-in-prompt", "prompt"),
        ({"x": {"prompt": ["a red circle", "xyzzy"]}}, "nothing-to-draw", "prompt"),
    ],
)
def test_bad_grids_are_refused_before_anything_is_drawn(
    counted: Counted, tmp_path: Path, axes: dict[str, Any], code: str, field: str | None
) -> None:
    with refused(code, field):
        Grid(SMALL, engine=counted, folder=tmp_path, **axes)
    assert counted.submitted == []
    assert not (tmp_path / "grid.json").exists()


def test_an_unknown_model_is_refused_with_the_nearest_one(counted: Counted, tmp_path: Path) -> None:
    with refused("unknown-model", "model") as caught:
        Grid(SMALL, x={"model": ["nanoturbo"]}, engine=counted, folder=tmp_path)
    assert "nano-turbo" in str(caught.value)


def test_a_manifest_that_cannot_be_written_is_said(counted: Counted, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way of a folder")
    grid = Grid(SMALL, x={"seed": [1]}, engine=counted, folder=tmp_path / "file" / "g", fresh=True)
    with refused("not-written", kind=ZimgError):
        grid.run()
    assert counted.submitted == []


def test_what_has_no_effect_is_said_once(engine: LocalEngine, tmp_path: Path) -> None:
    params = {**SMALL, "negative_prompt": "blue"}
    grid = Grid(params, x={"seed": [1, 2]}, engine=engine, folder=tmp_path)
    assert len(grid.warnings) == 1
    with warned("job-warning"):
        grid.run()


KILLED = """
import sys
from pathlib import Path
from zimg_kernel import Gallery, LocalEngine
from zimg_kernel.experiments.grid import Grid, swap

class Counted(LocalEngine):
    def submit(self, params, **options):
        with open(sys.argv[1], "a") as file:
            print(params.hash, file=file)
        return super().submit(params, **options)

grid = Grid(
    {"prompt": "a red circle", "model": "nano-turbo", "width": 128, "height": 128},
    x={"seed": [1, 2, -1]},
    y=swap("red", ["red", "blue", "green"]),
    z={"steps": [6, 7]},
    engine=Counted(Gallery()),
    folder=Path(sys.argv[2]),
)
print(*grid.progress, flush=True)
grid.on_cell(lambda cell: print("cell", flush=True))
grid.run()
print("end", *grid.progress, flush=True)
"""


@pytest.mark.slow
def test_a_grid_killed_halfway_goes_on_without_redoing_a_picture(
    clean_environment: dict[str, str], tmp_path: Path
) -> None:
    log, folder = tmp_path / "submitted", tmp_path / "grid"
    pictures = Path(clean_environment["ZIMG_HOME"]) / "gallery"
    command = [sys.executable, "-c", KILLED, str(log), str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=clean_environment)
    assert process.stdout is not None
    assert process.stdout.readline().split() == ["0", "18"]
    for _ in range(9):
        assert process.stdout.readline() == "cell\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait(30)
    there = {path: path.stat().st_mtime_ns for path in pictures.rglob("*.png")}
    before = len(log.read_text().splitlines())
    assert 9 <= len(there) < 18

    done = subprocess.run(
        command, capture_output=True, text=True, env=clean_environment, timeout=300
    )
    lines = done.stdout.splitlines()
    assert lines[0].split() == [str(len(there)), "18"]  # every picture on disk was found
    assert lines[-1] == "end 18 18"
    submitted = log.read_text().splitlines()
    assert len(submitted) - before == 18 - len(there)
    assert len(set(submitted)) == 18  # the drawn seed is the same in both runs
    after = {path: path.stat().st_mtime_ns for path in pictures.rglob("*.png")}
    assert len(after) == 18
    assert there.items() <= after.items()


INTERRUPTED = """
from zimg_kernel import Gallery, LocalEngine
from zimg_kernel.experiments.grid import Grid

params = {"prompt": "a red circle", "model": "nano-turbo", "steps": 8}
grid = Grid(params, x={"seed": range(200)}, engine=LocalEngine(Gallery()))
grid.on_cell(lambda cell: print("cell" if cell else "end", flush=True))
try:
    grid.run()
except KeyboardInterrupt:
    print("interrupted", *grid.progress, flush=True)
"""


@pytest.mark.slow
def test_an_interrupt_stops_soon_and_keeps_what_is_done(clean_environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", INTERRUPTED]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=clean_environment)
    assert process.stdout is not None
    for _ in range(2):
        assert process.stdout.readline() == "cell\n"
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    rest = process.stdout.read().splitlines()
    process.wait(60)
    assert time.monotonic() - asked < 120
    assert rest[-2] == "end"
    assert rest[-1].startswith("interrupted")
    done = int(rest[-1].split()[1])
    assert 2 <= done <= 20  # of 200
    pictures = Path(clean_environment["ZIMG_HOME"]) / "gallery"
    assert len(list(pictures.rglob("*.png"))) == done
