"""Kinds of damaged and generated inputs, and what reads each: the commands as users call them."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import random
import shutil
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import lora_files
from mutations import changed, mutated, mutated_png, originals

MODELS = {
    "mine": {"like": "z-image-turbo", "title": "Mine", "source": {"folder": "/nowhere"}},
    "other": {"like": "mine", "pipeline": "ZImagePipeline", "steps": 8, "guidance": 0.0},
}
SUITE = {
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
GRID = {
    "prompt": "a red circle", "model": "nano-turbo", "width": 128, "height": 128,
    "x": {"seed": [1, 2]}, "y": {"swap": "red", "words": ["red", "blue"]}, "title": "t",
}  # fmt: skip
TEMPLATE = {
    "title": {"en": "Card", "zh": "卡"},
    "about": {"en": "A card", "zh": "卡"},
    "en": {"text": "a {kind} card", "values": {"kind": ["red", "blue"]}},
}
WILDCARDS = {"colour": ["red", "2::blue", "{dark|light} green"], "light": {"soft": ["dusk"]}}
_TOGETHER = 10  # pictures in a gallery

Action = Callable[[], Any]


@dataclass(frozen=True)
class Kind:
    """One kind of input.

    Parameters
    ----------
    name : str
        File and command.
    make : callable
        Called with a source of chance, writes the input and returns what reads it; at the first
        call with None, for a whole one.
    inputs : int
        How many one call writes.
    file : Path
        What it writes: kept where reading fails.
    """

    name: str
    make: Callable[[random.Random | None], Action]
    file: Path
    inputs: int = 1


def zimg(*arguments: str) -> None:
    """Run the command in this process.

    Raises
    ------
    AssertionError
        It refuses in more than one sentence, or ends otherwise than with 0, 1 or 2.
    """
    from zimg_kernel.cli import main

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    code: Any = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(list(arguments))
        except SystemExit as end:
            code = end.code
    err.flush()
    said = err.buffer.getvalue().decode()  # type: ignore[attr-defined]
    assert code in (0, 1, 2, None), f"exit code {code}: {said}"
    assert "Traceback" not in said, said
    if code == 2:
        assert all(line.startswith("zimg: ") for line in said.splitlines()), said
        raise Refused(said)


class Refused(Exception):
    """One sentence said instead of a result."""


def kinds(folder: Path) -> Iterator[Kind]:
    """Yield all kinds of damaged files, which are written below a folder of their own."""
    os.environ["ZIMG_HOME"] = str(folder / "home")
    os.environ["ZIMG_MODELS"] = str(folder / "models.yaml")
    os.environ.setdefault("ZIMG_CACHE", str(folder / "cache"))
    (folder / "home").mkdir(exist_ok=True)
    yield from _pictures(folder)
    yield _loras(folder)
    yield _model_folders(folder)
    for name, content, read in _texts(folder):
        yield _text(folder / name, content, read)


def _pictures(folder: Path) -> Iterator[Kind]:
    (folder / "pictures").mkdir()
    files = {path: path.read_bytes() for path in originals(folder / "pictures")}

    def damaged(content: bytes, chance: random.Random | None) -> bytes:
        if chance is None:
            return content
        is_png = content.startswith(b"\x89PNG")
        return (mutated_png if is_png and chance.random() < 0.6 else mutated)(content, chance)

    def shown(ending: str, chance: random.Random | None) -> Action:
        path = folder / f"shown{ending}"
        some = [content for name, content in files.items() if name.suffix == ending]
        path.write_bytes(damaged((chance or random.Random(0)).choice(some), chance))
        return lambda: zimg("show", str(path))

    def listed(chance: random.Random | None) -> Action:
        from zimg_kernel.images.thumbnails import thumbnail

        gallery = folder / "gallery"
        shutil.rmtree(gallery, ignore_errors=True)
        gallery.mkdir()
        pick = chance or random.Random(0)
        for number in range(_TOGETHER):
            path, content = pick.choice(list(files.items()))
            (gallery / f"{number}{path.suffix}").write_bytes(damaged(content, chance))
        last = gallery / f"0{pick.choice(list(files)).suffix}"

        def read() -> None:
            zimg("gallery", "--folder", str(gallery), "--rebuild", "--json")
            zimg("gallery", "--folder", str(gallery))
            thumbnail(last)

        return read

    for ending in (".png", ".jpg", ".webp", ".avif"):
        make = functools.partial(shown, ending)
        yield Kind(f"{ending[1:]}, show", make, folder / f"shown{ending}")
    yield Kind("pictures, gallery --rebuild", listed, folder / "gallery", _TOGETHER)


def _loras(folder: Path) -> Kind:
    import torch

    layers = [f"layers.{i}.attention.to_{p}" for i in range(2) for p in "qkv"]
    ends = {"lora_A.weight": (4, 64), "lora_B.weight": (64, 4)}
    peft = {f"transformer.{a}.{b}": torch.ones(s) for a in layers for b, s in ends.items()}
    kohya = {
        f"lora_unet_{a.replace('.', '_')}.{b}": torch.ones(s)
        for a in layers
        for b, s in {"lora_down.weight": (4, 64), "lora_up.weight": (64, 4), "alpha": ()}.items()
    }
    lokr = {f"diffusion_model.{a}.lokr_w{n}": torch.ones(8, 8) for a in layers for n in (1, 2)}
    path = folder / "some.safetensors"
    tags = {"ss_tag_frequency": {"a": {"red": 3}}, "ss_network_alpha": 4}
    settings = {"lora_adapter_metadata": {"transformer.r": 4, "transformer.lora_alpha": 8}}
    wholes = [
        lora_files.write(path, tensors, **said).read_bytes()
        for tensors, said in (
            (peft, settings), (kohya, tags), (lokr, {}), (lora_files.sdxl(), tags),
        )
    ]  # fmt: skip

    def make(chance: random.Random | None) -> Action:
        content = (chance or random.Random(0)).choice(wholes)
        size = struct.unpack("<Q", content[:8])[0]
        if chance is not None and chance.random() < 0.5:
            head = json.dumps(changed(json.loads(content[8 : 8 + size]), chance)).encode()
            content = struct.pack("<Q", len(head)) + head + content[8 + size :]
        elif chance is not None:
            content = mutated(content[: 8 + size], chance) + content[8 + size :]
        path.write_bytes(content)
        model = ("--model", "z-image-turbo") if chance is None or chance.random() < 0.5 else ()
        return lambda: zimg("lora", "show", str(path), *model)

    return Kind("safetensors, lora show", make, path)


def _model_folders(folder: Path) -> Kind:
    from zimg_kernel.models import embedded

    whole, own = embedded.folder("nano-turbo"), folder / "model"
    own.mkdir()
    changeable = []
    for source in sorted(whole.rglob("*")):
        target = own / source.relative_to(whole)
        if source.is_dir():
            target.mkdir()
        elif source.suffix == ".json" and source.stat().st_size < 100_000:
            target.write_bytes(source.read_bytes())
            changeable.append((target, source.read_bytes()))
        else:
            target.symlink_to(source)

    def make(chance: random.Random | None) -> Action:
        for path, content in changeable:
            path.write_bytes(content)
        if chance is not None:
            path, content = chance.choice(changeable)
            damaged = chance.random() < 0.4
            path.write_bytes(
                mutated(content, chance)
                if damaged
                else json.dumps(changed(json.loads(content), chance)).encode()
            )
        card = {"own": {"like": "nano-turbo", "source": {"folder": str(own)}}}
        (folder / "models.yaml").write_text(yaml.safe_dump(card))
        return lambda: zimg("models")

    return Kind("a model's folder, models", make, own)


def _texts(folder: Path) -> Iterator[tuple[str, Any, Callable[[Path], Any]]]:
    import papermill

    from zimg_kernel.cli.run import run_notebook
    from zimg_kernel.experiments.grid.yaml_file import grid_from_yaml
    from zimg_kernel.experiments.suite.yaml_file import load_suite
    from zimg_kernel.prompts.templating import templates
    from zimg_kernel.prompts.templating.wildcards import Wildcards

    papermill.execute_notebook = functools.partial(papermill.execute_notebook, prepare_only=True)

    def words(path: Path) -> None:
        lists = Wildcards([path.parent])
        for name in lists.names():
            lists.get(name)

    (folder / "words").mkdir()
    yield "models.yaml", MODELS, lambda path: zimg("models")
    yield "suite.yaml", SUITE, load_suite
    yield "grid.yaml", GRID, grid_from_yaml
    yield "template.yaml", TEMPLATE, lambda path: templates._read(path, time.time_ns())
    yield "words/w.yaml", WILDCARDS, words
    yield "run.ipynb", notebook(), lambda path: run_notebook(path, {}, folder / "o.ipynb")


def _text(path: Path, content: Any, read: Callable[[Path], Any]) -> Kind:
    dump = json.dumps if path.suffix == ".ipynb" else yaml.safe_dump

    def make(chance: random.Random | None) -> Action:
        tree = content if chance is None or chance.random() < 0.4 else changed(content, chance)
        try:
            data = dump(tree).encode()
        except (UnicodeError, yaml.YAMLError):
            data = repr(tree).encode("utf-8", "surrogatepass")
        path.write_bytes(mutated(data, chance) if chance and tree is content else data)
        return lambda: read(path)

    return Kind(path.name, make, path)


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
