"""Users' files from version 0.1.0: read, found again and continued."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

import zimg_kernel as zimg
from compat.drawing import DATA, differences
from ui.harness import wait_for
from zimg_kernel import GeneratedImage, GenerationParams, edit
from zimg_kernel.grid import Grid, grid_from_yaml
from zimg_kernel.lora import find_lora, inspect_lora, list_loras
from zimg_kernel.prompts import combinations, expand, template
from zimg_kernel.suite import SuiteReport, run_suite
from zimg_kernel.variety import compare_variety
from zimg_widgets import Studio, rate

EXPECTED: dict[str, Any] = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))
FOUND: dict[str, Any] = EXPECTED["gallery"]


def engine_on(gallery: zimg.Gallery) -> Any:
    """Return an engine with a gallery: the only thing here that no document shows."""
    return zimg.LocalEngine(gallery)


def same_software() -> bool:
    """Whether what decides pixels has the versions that wrote the pictures.

    Only then pictures and verdicts of an earlier run stand for those of this one.
    """
    written = GeneratedImage.open(DATA / "home" / "gallery" / FOUND["names"][0]).versions
    try:
        return all(version(name) == number for name, number in written.items())
    except PackageNotFoundError:
        return False


def names(gallery: zimg.Gallery, text: str = "") -> list[str]:
    """Return the names of what a search finds."""
    return [entry.path.relative_to(gallery.folder).as_posix() for entry in gallery.search(text)]


def test_a_gallery_opens_as_it_was_left(gallery: zimg.Gallery) -> None:
    assert names(gallery) == gallery.names() == FOUND["names"]
    assert len(gallery) == len(FOUND["names"])
    assert gallery.models() == FOUND["models"]
    for name, digest in FOUND["pixels"].items():
        if digest and name.endswith(".png"):
            shown = gallery.input(digest)
            assert shown is not None
            assert shown.tobytes() == GeneratedImage.open(gallery.folder / name).image.tobytes()


@pytest.mark.parametrize("text", FOUND["searches"])
def test_words_find_the_same_pictures(text: str, gallery: zimg.Gallery) -> None:
    assert names(gallery, text) == FOUND["searches"][text]


def test_pictures_of_every_format_tell_the_same_parameters(gallery: zimg.Gallery) -> None:
    for name, fields in FOUND["params"].items():
        params = GeneratedImage.open(gallery.folder / name).params
        assert params == GenerationParams.from_dict(fields)
        assert params.hash == FOUND["hashes"][name]
        assert json.loads(params.to_json()) == fields


def test_an_index_is_made_again_from_the_files(gallery: zimg.Gallery, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(gallery.folder, moved, ignore=shutil.ignore_patterns("index.sqlite*"))
    again = zimg.Gallery(moved)
    assert again.rebuild() == len(FOUND["names"])
    assert sorted(again.names()) == sorted(FOUND["names"])
    assert gallery.rebuild() == len(FOUND["names"])


def test_what_was_thrown_away_comes_back(gallery: zimg.Gallery) -> None:
    trashed = gallery.trashed()
    assert sorted(item.name for item in trashed) == EXPECTED["trash"]
    paths = gallery.restore(trashed)
    assert (
        sorted(path.relative_to(gallery.folder).as_posix() for path in paths) == EXPECTED["trash"]
    )
    assert sorted(names(gallery, "black square")) == EXPECTED["trash"]
    assert gallery.trashed() == []
    undone = gallery.restore(gallery.trash(paths[0]))
    assert undone == [paths[0]]


def test_edits_know_what_they_were_made_from(gallery: zimg.Gallery) -> None:
    for digest in FOUND["inputs"]:
        assert gallery.input(digest) is not None
    last = gallery.search("a green star", seed=33)[0]
    tree = gallery.family(last).to_list()
    assert [[v["kind"], v["parent"], v["current"]] for v in tree] == FOUND["family"]
    assert tree[-1]["path"] == str(last.path)


@pytest.mark.parametrize("name", EXPECTED["edits"])
def test_an_edit_is_drawn_again_from_its_own_file(name: str, gallery: zimg.Gallery) -> None:
    stored = GeneratedImage.open(gallery.folder / name)
    again = zimg.generate(stored.params, progress=False)
    assert again.params == stored.params
    assert not differences(again.image, stored.image)


def check_resumed(grid: Grid, facts: dict[str, Any], place: Path) -> None:
    """Run a grid that was stopped; only what is missing may be drawn."""
    assert grid.folder == place / facts["folder"]
    assert [cell.key for cell in grid.cells] == facts["keys"]
    assert [cell.params.seed for cell in grid.cells] == facts["seeds"]
    done = {cell.key: cell.path for cell in grid.cells if cell.path is not None}
    assert {key: place / path for key, path in facts["done"].items()} == done
    heard: list[str] = []
    files = sorted(path.name for path in grid.folder.iterdir())
    grid.on_cell(lambda cell: heard.append(cell.key) if cell else None)
    assert grid.run(progress=False).progress == (len(grid), len(grid))
    assert not grid.failures
    assert sorted(heard) == sorted(set(facts["keys"]) - set(facts["done"]))
    assert all(cell.found == (cell.key in facts["done"]) for cell in grid.cells)
    assert sorted(path.name for path in grid.folder.iterdir()) == files
    kept = json.loads((grid.folder / "grid.json").read_text(encoding="utf-8"))
    assert list(kept["cells"]) == [*facts["done"], *heard]


def test_a_grid_stopped_halfway_goes_on(gallery: zimg.Gallery, home: Path) -> None:
    facts = EXPECTED["grid"]
    before = len(gallery)
    check_resumed(grid_from_yaml(home / "work" / "grid.yaml"), facts, home)
    assert len(gallery) == before + len(facts["keys"]) - len(facts["done"])


def test_a_grid_whose_gallery_has_moved_goes_on(gallery: zimg.Gallery, home: Path) -> None:
    if not same_software():
        pytest.skip("a grid looks for pictures only where the same software has drawn them")
    facts = EXPECTED["grid"]
    file = home / facts["folder"] / "grid.json"
    file.write_text(file.read_text(encoding="utf-8").replace(str(home), "/gone"), encoding="utf-8")
    check_resumed(grid_from_yaml(home / "work" / "grid.yaml"), facts, home)


def test_a_grid_that_keeps_its_pictures_itself_goes_on(gallery: zimg.Gallery, home: Path) -> None:
    facts = EXPECTED["sketch"]
    asked = {name: facts[name] for name in ("params", "x", "y", "title")}
    check_resumed(Grid(**asked, folder=home / "sketch"), facts, home)


def test_a_suite_takes_the_verdicts_that_are_there(gallery: zimg.Gallery, home: Path) -> None:
    facts = EXPECTED["suite"]
    before = len(gallery)
    verdicts = home / facts["folder"] / "verdicts.jsonl"
    kept = verdicts.read_bytes()
    report = run_suite(home / "work" / "suite.yaml", progress=False)
    assert report.folder == home / facts["folder"]
    assert [result.key for result in report.results] == facts["keys"]
    check_report(report, home)
    assert report.newly_failed == report.newly_passed == []
    drawn = 0 if same_software() else len(facts["keys"])
    assert report.drawn == len(gallery) - before == drawn
    assert verdicts.read_bytes().startswith(kept)
    if same_software():
        assert verdicts.read_bytes() == kept  # nothing was decided again


def test_a_suite_decides_anew_as_it_did(gallery: zimg.Gallery, home: Path, tmp_path: Path) -> None:
    report = run_suite(home / "work" / "suite.yaml", cache=tmp_path / "fresh", progress=False)
    check_report(report, home)
    lines = (tmp_path / "fresh" / "verdicts.jsonl").read_text(encoding="utf-8").splitlines()
    decided = sorted(
        [raw["picture"], raw["check"], raw["status"]] for raw in map(json.loads, lines)
    )
    assert decided == EXPECTED["suite"]["checks"]


def check_report(report: SuiteReport, home: Path) -> None:
    """Compare a report with the one that was written before."""
    facts = EXPECTED["suite"]
    assert report.statuses() == facts["statuses"]
    assert [report.total.passed, report.total.n] == facts["passed"]
    before = json.loads((home / "work" / "report.json").read_text(encoding="utf-8"))
    now = json.loads(report.to_json())
    assert now.keys() == before.keys()
    assert now["rates"] == before["rates"]
    assert [one["params"] for one in now["results"]] == [one["params"] for one in before["results"]]


def test_a_comparison_of_ways_to_vary_is_not_made_twice(gallery: zimg.Gallery, home: Path) -> None:
    facts = EXPECTED["variety"]
    before = len(gallery)
    compare_variety(**facts["asked"], progress=False)
    assert [path.name for path in (home / "variety").iterdir()] == facts["folders"]
    if same_software():
        assert len(gallery) == before


def test_cards_of_a_user_are_read(home: Path) -> None:
    cards = zimg.load_catalog()
    own = ("nano-lines", "my-edit", "my-turbo", "my-turbo-small")
    lines, editor, turbo, small = (cards[name] for name in own)
    assert lines.title == "跟随线条 (follows lines)"
    assert lines.controlnet is not None
    assert lines.controlnet.folder == str((home / "nets" / "lines").resolve())
    assert editor.pipeline == "zimg_kernel.nano.omni.NanoOmniPipeline"
    assert (editor.default_size, editor.steps, editor.guidance) == ((128, 128), 4, 1.5)
    assert turbo.source.folder == str((home / "weights" / "Z-Image-Turbo").resolve())
    assert (turbo.title, turbo.steps, turbo.download_gb) == ("my-turbo", 8, None)
    assert small.source == turbo.source
    assert (small.default_size, small.memory_gb) == ((512, 512), 14.5)
    assert edit.editors("instruct") == ["nano-edit", "my-edit"]


def test_a_card_that_names_a_pipeline_by_its_path_draws(gallery: zimg.Gallery) -> None:
    source = gallery.folder / EXPECTED["edits"][0]
    job = edit.instruct(source, "把圆变成黄色", model="my-edit", steps=2, seed=1)
    assert job.result().image.size == (128, 128)
    zimg.default_engine().unload("my-edit")


def test_templates_and_wildcards_of_a_user_give_the_same_prompts(home: Path) -> None:
    wanted = EXPECTED["texts"]
    found = [
        template("my-lantern", language).expand(seed, thing="lantern")
        for language in ("en", "zh")
        for seed in range(4)
    ]
    assert found == wanted["template"]
    text = "a __my/colours__ __things/large__"
    assert [expand(text, seed=seed) for seed in range(6)] == wanted["expand"]
    assert list(combinations("a __my/colours__ __things/small__")) == wanted["all"]


def test_a_lora_is_found_and_fits(home: Path) -> None:
    assert [report.name for report in list_loras()] == ["lesson"]
    assert find_lora("lesson") == home / "loras" / "lesson.safetensors"
    report = inspect_lora("lesson", "nano-turbo")
    assert report.problem == ""
    assert (report.format, report.ranks, report.matched) == ("diffusers", (4,), report.modules)


def test_requests_that_were_cut_off_are_offered(gallery: zimg.Gallery) -> None:
    engine = engine_on(gallery)
    offered = engine.interrupted()
    wanted = [GenerationParams.from_dict(fields) for fields in EXPECTED["journal"]]
    assert [request.params for request in offered] == wanted
    assert offered[0].accepted < offered[1].accepted
    studio = Studio(language="en")
    wait_for(  # the panel is told in a thread of its own
        lambda: wanted[0].prompt in json.dumps(state_of(studio), ensure_ascii=False, default=str)
    )
    studio.close_all()
    job = engine.resume(offered[0].id)
    assert job.params == wanted[0]
    job.cancel()
    engine.dismiss(offered[1].id)
    assert engine.interrupted() == []
    assert list((gallery.folder / ".journal").iterdir()) == []
    engine.close()


def state_of(widget: Any) -> list[Any]:
    """Return what a page is told of a control and all those inside it."""
    inside = [state_of(child) for child in getattr(widget, "children", ())]
    live = {name: getattr(widget, name) for name in getattr(widget, "LIVE", ())}
    return [{k: v for k, v in widget.get_state().items() if k != "layout"} | live, *inside]


@pytest.mark.parametrize("kind", ["stars", "pairs"])
def test_ratings_of_people_count_on(kind: str, gallery: zimg.Gallery) -> None:
    facts = EXPECTED["ratings"]
    pictures = [gallery.folder / name for name in facts["pictures"]]
    results = rate([GeneratedImage.open(path) for path in pictures], kind=kind, name="best circle")
    answers = [[a.rater, a.item, a.value] for a in results.results.answers]
    assert answers == facts["answers"][kind]
    assert results.results.to_csv() == facts["csv"][kind]
    missing = rate(pictures, "博", kind, name="best circle").task
    assert missing["done"] == {"stars": 2, "pairs": 0}[kind]


def test_the_command_shows_and_searches(gallery: zimg.Gallery) -> None:
    name = EXPECTED["edits"][0]
    shown = run_python("-m", "zimg_kernel", "show", str(gallery.folder / name))
    assert json.loads(shown) == FOUND["params"][name]
    found = run_python("-m", "zimg_kernel", "gallery", "--search", "lighthouse")
    assert found.startswith(str(gallery.folder / "best" / "other.png"))


def test_a_notebook_of_a_user_runs(home: Path, tmp_path: Path) -> None:
    cells = json.loads((DATA / "notebook.ipynb").read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    script = tmp_path / "notebook.py"
    script.write_text("\n\n".join([*code, 'print("to the end")']), encoding="utf-8")
    assert run_python(str(script)).endswith("to the end\n")


def run_python(*arguments: str) -> str:
    """Run Python in a process of its own and return what it prints."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout
