"""Writes ``data/`` by the version that it is run with, which was 0.1.0 (commit 4a61d15).

In a checkout of that version, with its packages importable and OMP_NUM_THREADS=1:

    PYTHONPATH=.:widgets:tests OMP_NUM_THREADS=1 python tests/compat/make_fixtures.py

What is written by hand stays: ``cases.yaml``, ``moved.yaml``, and a user's own texts in
``home``. Run it again only for pictures that are meant to change.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import sqlite3
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml
from PIL import Image, PngImagePlugin

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
BY_HAND = ("models.yaml", "templates", "wildcards", "work")
MADE = (
    "gallery",
    "grids",
    "suites",
    "sketch",
    "variety",
    "loras",
    "ratings.sqlite",
    "work/report.json",
)
SMALL = {"model": "nano-turbo", "width": 128, "height": 128, "steps": 3}
PACKAGES = (
    "zimg_kernel",
    *(f"zimg_kernel.{name}" for name in
      ("edit", "prompts", "grid", "suite", "variety", "lora", "controls", "nano")),
    "zimg_widgets",
)  # fmt: skip
DOCUMENTS = (
    "README.md",
    "README.zh.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "notebooks/01_generate.ipynb",
    "notebooks/02_prompt_lab.ipynb",
    "notebooks/03_edit.ipynb",
    "notebooks/learn/01_train_a_miniature.ipynb",
)


def main() -> None:
    """Write everything anew."""
    with tempfile.TemporaryDirectory(prefix="compat-") as folder:
        place = Path(folder)
        home = place / "home"
        os.environ.update(ZIMG_HOME=str(home), ZIMG_CACHE=str(place / "cache"))
        for name in BY_HAND:
            whole = DATA / "home" / name
            (shutil.copytree if whole.is_dir() else shutil.copy)(whole, _parent(home / name))
        make_lora(home / "loras")
        make_pixels(home, place)
        expected = make_home(home)
        for name in MADE:
            made = DATA / "home" / name
            shutil.rmtree(made, ignore_errors=True)
            made.unlink(missing_ok=True)
            (shutil.copytree if (home / name).is_dir() else shutil.copy)(home / name, made)
    expected["texts"] = texts()
    write_json(DATA / "expected.json", expected)
    (DATA / "home" / "loras" / "lesson.safetensors").chmod(0o644)
    names = public_names(Path(sys.modules["zimg_kernel"].__file__ or "").parents[1])
    text = yaml.safe_dump(names, allow_unicode=True, sort_keys=True, width=96)
    head = (
        "# What could be imported or run in version 0.1.0: all names of __all__, and what its\n"
        "# documents and notebooks use. Module: its names.\n"
    )
    (DATA / "public_names.yaml").write_text(head + text, encoding="utf-8")


def make_lora(folder: Path) -> None:
    """Train a small LoRA, or take the one that is there."""
    kept = DATA / "home" / "loras" / "lesson.safetensors"
    folder.mkdir(parents=True)
    if kept.exists():
        shutil.copy(kept, folder)
        return
    from safetensors import safe_open

    import lora_files
    import zimg_kernel as zimg

    with tempfile.TemporaryDirectory() as place:
        zimg.use_gallery(place)
        trained = lora_files.train(zimg.get_pipeline("nano-turbo"), Path(place))
        with safe_open(trained, "pt") as file:
            facts = file.metadata()
        halves = {name: value.half() for name, value in lora_files.tensors(trained).items()}
        lora_files.write(folder / trained.name, halves, **facts)


def make_pixels(home: Path, place: Path) -> None:
    """Draw the cases into a gallery of their own and keep the files as the gallery wrote them."""
    from drawing import PIXELS, all_cases, draw, machine, sha256

    import zimg_kernel as zimg

    shutil.rmtree(PIXELS, ignore_errors=True)
    PIXELS.mkdir(parents=True)
    zimg.use_gallery(place / "pixels")
    hashes = {}
    for case in all_cases():
        for number, picture in enumerate(draw(case, place / "out" / case["name"])):
            name = f"{case['name']}-{number}"
            assert picture.path is not None
            shutil.copy(picture.path, PIXELS / f"{name}.png")
            hashes[name] = sha256(picture.image)
            print(name, (PIXELS / f"{name}.png").stat().st_size)
    assert len(set(hashes.values())) == len(hashes)
    write_json(DATA / "pixels.json", {"machine": machine(), "sha256": hashes})


def make_home(home: Path) -> dict[str, Any]:
    """Fill a user's home; return what tests shall find there."""
    gallery = make_gallery(home)
    expected = {
        "edits": make_edits(home),
        "grid": make_half_grid(home),
        "sketch": make_half_sketch(home),
        "suite": make_suite(home),
        "variety": make_variety(home),
        "ratings": make_ratings(gallery),
        "journal": make_journal(gallery),
        "trash": make_trash(gallery),
    }
    expected["gallery"] = describe(gallery)
    for path in home.rglob("*.json"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(str(home), "{home}"), encoding="utf-8")
    for path in (home / "gallery" / "index.sqlite", home / "ratings.sqlite"):
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
    return expected


def make_gallery(home: Path) -> Any:
    """Draw some pictures; put another tool's picture and copies in other formats beside them."""
    import zimg_kernel as zimg

    gallery = zimg.use_gallery(home / "gallery")
    zimg.generate("a red circle", seed=7, **SMALL)
    zimg.generate(
        "一座红色的房子", seed=8, negative_prompt="蓝色", **{**SMALL, "model": "nano-base"}
    )
    zimg.generate("a red circle", seed=2**63 + 9, loras=[("lesson", 0.6)], **SMALL)
    picture = zimg.generate("a yellow heart", seed=10, count=2, **SMALL)[0]
    picture.save(gallery.folder / "best" / "heart.jpg")
    picture.save(gallery.folder / "best" / "心.webp")
    facts = PngImagePlugin.PngInfo()
    facts.add_text(
        "parameters",
        "a lighthouse in a storm\nNegative prompt: people\n"
        "Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 4242, Size: 64x64, Model: other-model",
    )
    Image.new("RGB", (64, 64), (20, 60, 90)).save(
        gallery.folder / "best" / "other.png", pnginfo=facts
    )
    assert gallery.rebuild() == 8
    return gallery


def make_edits(home: Path) -> list[str]:
    """Edit in a chain, with a mask, and with a picture from elsewhere; return their names."""
    from drawing import rectangle

    import zimg_kernel as zimg
    from zimg_kernel import edit

    folder = zimg.default_engine().gallery.folder
    first = zimg.Gallery().search("circle", seed=7)[0].open()
    mask = rectangle(first.image.size, (64, 8, 120, 120))
    second = edit.inpaint(first, mask, "a green star", feather=4, steps=3, seed=30).result()
    third = edit.instruct(second, "make the background blue", steps=4, seed=31).result()
    outside = Image.linear_gradient("L").resize((128, 128)).convert("RGB")
    fourth = edit.img2img(outside, "a purple square", 0.8, steps=3, seed=32).result()
    fifth = edit.vary(third, 0.5, "a green star", model="nano-turbo", steps=3, seed=33).result()
    return [p.path.relative_to(folder).as_posix() for p in (second, third, fourth, fifth)]


def make_half_grid(home: Path) -> dict[str, Any]:
    """Begin the user's grid and stop in the middle of it."""
    from zimg_kernel.grid import grid_from_yaml

    grid = grid_from_yaml(home / "work" / "grid.yaml", at_once=1)
    return _stopped(grid, home, 2)


def make_half_sketch(home: Path) -> dict[str, Any]:
    """The same for a grid that keeps its pictures itself and has seeds drawn by lot."""
    from zimg_kernel import LocalEngine
    from zimg_kernel.grid import Grid

    engine = LocalEngine()
    asked = {"prompt": "一个绿色的三角形", **SMALL}
    x, y = {"seed": [-1, 5]}, {"steps": [1, 2]}
    grid = Grid(asked, x=x, y=y, engine=engine, folder=home / "sketch", title="草图", at_once=1)
    facts = _stopped(grid, home, 2)
    engine.close()
    return {**facts, "params": asked, "x": x, "y": y, "title": "草图"}


def _stopped(grid: Any, home: Path, after: int) -> dict[str, Any]:
    drawn: list[Any] = []

    def count(cell: Any) -> None:
        drawn.append(cell)
        if len(drawn) == after:
            grid.cancel()

    grid.on_cell(count)
    grid.start()
    grid.wait(60)
    done = [cell for cell in grid.cells if cell.path is not None]
    assert 0 < len(done) < len(grid)
    return {
        "folder": grid.folder.relative_to(home).as_posix(),
        "keys": [cell.key for cell in grid.cells],
        "seeds": [cell.params.seed for cell in grid.cells],
        "done": {cell.key: cell.path.relative_to(home).as_posix() for cell in done},
    }


def make_suite(home: Path) -> dict[str, Any]:
    """Run the user's suite and write its report; return what was decided."""
    from zimg_kernel.suite import run_suite

    report = run_suite(home / "work" / "suite.yaml", progress=False)
    report.to_json(home / "work" / "report.json")
    return {
        "folder": report.folder.relative_to(home).as_posix(),
        "statuses": report.statuses(),
        "keys": [result.key for result in report.results],
        "passed": [report.total.passed, report.total.n],
        "checks": sorted(
            [raw["picture"], raw["check"], raw["status"]]
            for raw in map(json.loads, (report.folder / "verdicts.jsonl").open(encoding="utf-8"))
        ),
    }


def make_variety(home: Path) -> dict[str, Any]:
    """Compare seeds with noises that are far apart, which are chosen once and kept."""
    from zimg_kernel.variety import compare_variety

    asked = {**SMALL, "prompts": "a yellow star", "methods": ["far_noise"], "n": 2, "seed": 5}
    compare_variety(**asked, progress=False)
    return {"asked": asked, "folders": [p.name for p in (home / "variety").iterdir()]}


def make_ratings(gallery: Any) -> dict[str, Any]:
    """Rate pictures by stars and in pairs, as raters would by clicking."""
    from zimg_widgets import rate

    found = sorted((entry.open() for entry in gallery.search("heart", model="nano-turbo")),
                   key=lambda picture: picture.path.name)  # fmt: skip
    found = [picture for picture in found if picture.path.suffix == ".png"]
    found += [gallery.search("circle", seed=7)[0].open()]
    said = {"stars": {"anna": [5, 3, 2], "博": [4, 3]}, "pairs": {"anna": ["left", "tie", "right"]}}
    for kind, raters in said.items():
        for rater, answers in raters.items():
            task = rate(found, rater, kind, name="best circle")
            for value in answers:
                message = {"kind": "answer", "turn": task.task["turn"], "value": value}
                task._heard(None, message, None)
    results = {kind: rate(found, kind=kind, name="best circle").results for kind in said}
    return {
        "pictures": [p.path.relative_to(gallery.folder).as_posix() for p in found],
        "answers": {
            kind: [[a.rater, a.item, a.value] for a in result.answers]
            for kind, result in results.items()
        },
        "csv": {kind: result.to_csv() for kind, result in results.items()},
    }


def make_journal(gallery: Any) -> list[dict[str, Any]]:
    """Leave two requests as a process that is killed leaves them: one begun, one waiting."""
    import zimg_kernel as zimg
    from zimg_kernel.job import Finished, Job
    from zimg_kernel.journal import Journal

    journal = Journal(gallery.folder / ".journal")
    begun = zimg.GenerationParams(prompt="三颗黄色的星星", seed=50, guidance=0.0, **SMALL)
    first = zimg.generate(begun, progress=False)
    job = Job(begun.replace(count=3))
    journal.accept(job)
    job.report(Finished(first, 0, 3))
    waiting = Job(begun.replace(prompt="a black ring", negative_prompt="red", seed=60))
    journal.accept(waiting)
    left = [begun.replace(seed=51, count=2), waiting.params]
    for path in journal.folder.glob("*.json"):
        facts = json.loads(path.read_text(encoding="utf-8"))
        facts["pid"] = 2**22 + 1  # no process of Linux has so great a number
        path.write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    return [params.model_dump(mode="json") for params in left]


def make_trash(gallery: Any) -> list[str]:
    """Throw away a picture by itself and two at once."""
    import zimg_kernel as zimg

    drawn = [
        zimg.generate("a black square", seed=seed, **{**SMALL, "steps": 1}) for seed in (70, 71, 72)
    ]
    gallery.trash(drawn[0].path)
    gallery.trash([picture.path for picture in drawn[1:]])
    return sorted(item.name for item in gallery.trashed())


def describe(gallery: Any) -> dict[str, Any]:
    """Return what is found in the gallery, and by which words."""
    import zimg_kernel as zimg

    names = gallery.names()
    last = gallery.search("a green star", seed=33)[0]
    versions = gallery.family(last).to_list()
    searches = ["红色", "red circle", "HEART", "lighthouse people", "蓝色", "nothing of this"]
    opened = {name: zimg.GeneratedImage.open(gallery.folder / name) for name in names}
    return {
        "names": names,
        "searches": {text: gallery.names(text) for text in searches},
        "models": gallery.models(),
        "family": [
            [version["kind"], version["parent"], version["current"]] for version in versions
        ],
        "params": {name: image.params.model_dump(mode="json") for name, image in opened.items()},
        "hashes": {name: image.params.hash for name, image in opened.items()},
        "pixels": {entry.path.relative_to(gallery.folder).as_posix(): entry.record.get("pixels")
                   for entry in gallery.entries(names)},
        "inputs": sorted(path.stem for path in (gallery.folder / ".inputs").glob("*.png")),
    }  # fmt: skip


def texts() -> dict[str, Any]:
    """Return what becomes of the user's template and wildcards."""
    os.environ["ZIMG_HOME"] = str(DATA / "home")
    from zimg_kernel.prompts import combinations, expand, template

    return {
        "template": [template("my-lantern", language).expand(seed, thing="lantern")
                     for language in ("en", "zh") for seed in range(4)],
        "expand": [expand("a __my/colours__ __things/large__", seed=seed) for seed in range(6)],
        "all": list(combinations("a __my/colours__ __things/small__")),
    }  # fmt: skip


def public_names(tree: Path) -> dict[str, Any]:
    """Return modules with their public names, and what can be run."""
    names: dict[str, set[str]] = defaultdict(set)
    for package in PACKAGES:
        names[package] |= set(import_module(package).__all__)
    # The script that an earlier installation has left in the environment's folder of commands.
    names["zimg_kernel.cli"].add("main")
    for document in DOCUMENTS:
        path = tree / document
        for code in code_of(path):
            for module, name in names_used(code):
                names[module].add(name)
        for dotted in re.findall(r"\bzimg_(?:kernel|widgets)(?:\.\w+)+", path.read_text("utf-8")):
            for module, name in split(dotted):
                names[module].add(name)
    from zimg_kernel.cli import cli

    return {
        "imports": {module: sorted(found) for module, found in names.items()},
        "run_as_modules": ["zimg_kernel", "zimg_widgets.app"],
        "commands": sorted(cli.commands),
    }


def code_of(path: Path) -> Iterator[ast.Module]:
    """Parse the Python code of a document or notebook."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        blocks = ["\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")]
    else:
        blocks = ["\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))]
    yield from map(ast.parse, blocks)


def names_used(code: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield module and name of each import, and of what is then taken from imported modules."""
    modules: dict[str, str] = {}
    for node in ast.walk(code):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("zimg_"):
            for alias in node.names:
                yield str(node.module), alias.name
                if isinstance(_named(str(node.module), alias.name), ModuleType):
                    modules[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("zimg_"):
                    modules[alias.asname or alias.name] = alias.name
    for node in ast.walk(code):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = modules.get(node.value.id)
            if module and hasattr(import_module(module), node.attr):
                yield module, node.attr


def _named(module: str, name: str) -> Any:
    """Return what ``from module import name`` gives."""
    found = getattr(import_module(module), name, None)
    return import_module(f"{module}.{name}") if found is None else found


def split(dotted: str) -> Iterator[tuple[str, str]]:
    """Yield the module and the name of a dotted path that stands in a text."""
    module, _, name = dotted.rpartition(".")
    try:
        if hasattr(import_module(module), name):
            yield module, name
    except ModuleNotFoundError:
        pass


def write_json(path: Path, value: Any) -> None:
    """Write JSON that is easy to compare."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _parent(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


if __name__ == "__main__":
    main()
