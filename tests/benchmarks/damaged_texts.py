"""Reads many damaged YAML files and notebooks: each is read or refused in one sentence, soon.

    python tests/benchmarks/damaged_texts.py --seconds 60

A catalogue of models, a suite, a grid, a template, a wildcard file and a notebook get random
bytes, cuts and repetitions, or values of other kinds in random places. Notebooks go through
papermill up to the first cell, which is not run. It exits with 1 where anything but a refusal
was raised, or one file took over a second.
"""

from __future__ import annotations

import argparse
import copy
import functools
import json
import os
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))

from mutations import mutated
from zimg_kernel.cli.run import run_notebook, without_address_grammar
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.experiments.grid.yaml_file import grid_from_yaml
from zimg_kernel.experiments.suite.yaml_file import load_suite
from zimg_kernel.models.catalog import load_catalog
from zimg_kernel.prompts.templating import templates as prompt_templates
from zimg_kernel.prompts.templating.wildcards import Wildcards

_MODELS = {
    "mine": {"like": "z-image-turbo", "title": "Mine", "source": {"folder": "/nowhere"}},
    "other": {"like": "mine", "pipeline": "ZImagePipeline", "steps": 8, "guidance": 0.0},
}
_SUITE = {
    "name": "colours",
    "defaults": {"model": "nano-turbo", "seeds": 1},
    "cases": [
        {"id": "red", "prompt": "a red circle", "tags": ["a"], "checks": {"objects": ["red"]}},
        {
            "id": "pair-${id}",
            "each": [{"id": "a", "a": "red"}, {"id": "b", "a": "blue"}],
            "prompt": "a ${a} star",
            "checks": {"count": {"all": 2}, "above": ["${a}", "star"]},
        },
    ],
}
_GRID = {
    "prompt": "a red circle", "model": "nano-turbo", "width": 128, "height": 128,
    "x": {"seed": [1, 2]}, "y": {"swap": "red", "words": ["red", "blue"]}, "title": "t",
}  # fmt: skip
_TEMPLATE = {
    "title": {"en": "Card", "zh": "卡"},
    "about": {"en": "A card", "zh": "卡"},
    "en": {"text": "a {kind} card", "values": {"kind": ["red", "blue"]}},
}
_WILDCARDS = {"colour": ["red", "2::blue", "{dark|light} green"], "light": {"soft": ["dusk"]}}
_JUNK: list[Any] = [
    None, True, 0, -1, 1.5, 10**30, "", "x", "16:9", [], {}, [[]], {"a": 1}, [1, "b", None],
    {"name": {"name": {}}}, "{a|b}", "__x__", "a\nb", float("nan"), "\ud800",
]  # fmt: skip


def notebook() -> dict[str, Any]:
    """Return a small notebook with parameters."""
    metadata = {"kernelspec": {"name": "python3", "language": "python", "display_name": "P"}}
    code = {"cell_type": "code", "execution_count": None, "outputs": [], "id": "a"}
    return {
        "nbformat": 4, "nbformat_minor": 5, "metadata": metadata,
        "cells": [
            {"cell_type": "markdown", "metadata": {}, "source": ["# A\n", "text"], "id": "m"},
            {**code, "metadata": {"tags": ["parameters"]}, "source": "prompt = 'a'\nseed: int = 1"},
            {**code, "metadata": {}, "source": "prompt", "id": "b"},
        ],
    }  # fmt: skip


def changed(tree: Any, chance: random.Random) -> Any:
    """Return a copy in which one to three values or keys are replaced, left out or doubled."""
    tree = copy.deepcopy(tree)
    for _ in range(chance.choice((1, 1, 2, 3))):
        places: list[tuple[Any, Any]] = []
        todo = [tree]
        while todo:
            node = todo.pop()
            keys = range(len(node)) if isinstance(node, list) else node
            if isinstance(node, dict | list):
                places += [(node, key) for key in keys]
                todo += [node[key] for key in keys]
        if not places:
            return chance.choice(_JUNK)
        node, key = chance.choice(places)
        kind = chance.random()
        if kind < 0.7:
            node[key] = copy.deepcopy(chance.choice(_JUNK))
        elif kind < 0.85:
            del node[key]
        elif isinstance(node, dict):
            node[chance.choice(("x", "id", "", "like", "0"))] = node[key]
        else:
            node.append(node[key])
    return tree


def readers(folder: Path) -> dict[str, tuple[Any, Callable[[Path], Any]]]:
    """Return for each kind of file its content and what reads it."""
    import papermill

    papermill.execute_notebook = functools.partial(papermill.execute_notebook, prepare_only=True)

    def words(path: Path) -> None:
        lists = Wildcards([path.parent])
        for name in lists.names():
            lists.get(name)

    return {
        "cards.yaml": (_MODELS, load_catalog),
        "suite.yaml": (_SUITE, load_suite),
        "grid.yaml": (_GRID, grid_from_yaml),
        "template.yaml": (_TEMPLATE, lambda path: prompt_templates._read(path, time.time_ns())),
        "words/w.yaml": (_WILDCARDS, words),
        "run.ipynb": (notebook(), lambda path: run_notebook(path, {}, folder / "o.ipynb")),
    }


def main() -> int:
    """Damage and read until the time is over; print counts and the slowest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    chance, found, slowest = random.Random(given.seed), Counter[str](), (0.0, "")
    shown: set[str] = set()
    with tempfile.TemporaryDirectory() as place, without_address_grammar():
        folder = Path(place)
        os.environ["ZIMG_HOME"] = place
        os.environ["JUPYTER_PLATFORM_DIRS"] = "1"
        (folder / "words").mkdir()
        kinds = readers(folder)
        end = time.monotonic() + given.seconds
        while time.monotonic() < end:
            name, (content, read) = chance.choice(list(kinds.items()))
            path = folder / name
            tree = changed(content, chance) if chance.random() < 0.6 else content
            dump = json.dumps if path.suffix == ".ipynb" else yaml.safe_dump
            try:
                data = dump(tree).encode()
            except (UnicodeError, yaml.YAMLError):
                continue
            path.write_bytes(mutated(data, chance) if tree is content else data)
            start = time.perf_counter()
            try:
                read(path)
                what = "read"
            except (BadInput, ZimgError) as error:
                what = "refused" if "\n" not in str(error) else "raised two lines"
                if what != "refused":
                    print(name, repr(str(error)))
            except Exception as error:
                what = f"raised {type(error).__name__}"
                key = f"{name} {what} {str(error)[:40]}"
                if key not in shown:
                    shown.add(key)
                    kept = folder.parent / f"damaged-{len(shown)}{path.suffix}"
                    kept.write_bytes(path.read_bytes())
                    print(f"{name}: {type(error).__name__}: {str(error)[:200]!a} (in {kept})")
            found[f"{name} {what}"] += 1
            slowest = max(slowest, (time.perf_counter() - start, name))
    for what, count in sorted(found.items()):
        print(f"{count:9} {what}")
    print(f"{slowest[0]:9.3f} s, the slowest: {slowest[1]}")
    return int(slowest[0] > 1 or any(" raised" in what for what in found))


if __name__ == "__main__":
    sys.exit(main())
