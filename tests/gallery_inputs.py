"""Kinds of damaged files of a gallery: its index, its queue, the state of a grid."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from PIL import Image

from input_kinds import GRID, Action, Kind, zimg
from mutations import JUNK, changed, mutated
from zimg_kernel import Gallery, GeneratedImage, GenerationParams
from zimg_kernel.engine.queue_file import NAME
from zimg_kernel.engine.queue_store import QueueStore
from zimg_kernel.engine.recovery import interrupted

_ENTRY = {
    "version": 1, "accepted": "2026-01-02T03:04:05+00:00", "pid": 2**22 + 1, "started": 1.0,
    "params": {"prompt": "a red circle", "model": "nano-turbo", "seed": 1, "count": 2},
    "finished": 0,
}  # fmt: skip
_STATE = {
    "version": 1, "title": "t", "seeds": {"params": 7},
    "cells": {"0" * 64: {"path": "a.png", "timings": {"total": 1.0}}, "1" * 64: {"error": "no"}},
}  # fmt: skip
_COLUMNS = (
    "path", "created", "day", "stamp", "model", "prompt", "seed", "width", "record", "pixels",
    "source",
)  # fmt: skip


def kinds(folder: Path) -> Iterator[Kind]:
    """Yield the kinds, whose files are written below a folder of their own."""
    yield _index(folder)
    entry = folder / "journal" / ".journal" / "00000000001700000000-0123abcd.json"
    store = QueueStore(entry.parents[1])
    yield _json("journal, Studio", entry, _ENTRY, lambda: interrupted(store))
    yield _queue(folder)
    (folder / "spec.yaml").write_text(yaml.safe_dump(GRID))
    state = folder / "grid" / "grid.json"
    grid = ("grid", str(folder / "spec.yaml"), "-o", str(state.parent), "--dry-run")
    yield _json("grid.json, grid", state, _STATE, lambda: zimg(*grid))


def _index(folder: Path) -> Kind:
    whole = folder / "whole"
    gallery = Gallery(whole)
    for seed in range(5):
        params = GenerationParams(prompt="a red circle", model="nano-turbo", seed=seed)
        gallery.add(GeneratedImage(Image.new("RGB", (16, 16)), params))
    with sqlite3.connect(whole / "index.sqlite") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = (whole / "index.sqlite").read_bytes()
    own = folder / "indexed"

    def make(chance: random.Random | None) -> Action:
        shutil.rmtree(own, ignore_errors=True)
        shutil.copytree(whole, own, ignore=shutil.ignore_patterns("index*"))
        file = own / "index.sqlite"
        damaged = chance is not None and chance.random() < 0.5
        file.write_bytes(mutated(content, chance) if damaged and chance else content)
        if chance is not None and not damaged:
            _spoil(file, chance)
        picture = next(own.glob("*/*.png"))
        ways = ((), ("--search", "red"), ("--family", str(picture)), ("--seed", "1"))
        way = (chance or random.Random(0)).choice(ways)
        return lambda: zimg("gallery", "--folder", str(own), "--json", *way)

    return Kind("index.sqlite, gallery", make, own)


def _queue(folder: Path) -> Kind:
    whole = QueueStore(folder / "queue-whole")
    for seed in range(3):
        whole.accept(f"job-{seed}", GenerationParams(prompt="a red circle", seed=seed, count=2))
    whole.close()
    content = (whole.folder / NAME).read_bytes()
    own = folder / "queue"

    def make(chance: random.Random | None) -> Action:
        shutil.rmtree(own, ignore_errors=True)
        own.mkdir(parents=True)
        (own / NAME).write_bytes(mutated(content, chance) if chance else content)
        store = QueueStore(own)

        def use() -> None:
            try:
                interrupted(store)
                store.waiting()
                store.accept("job-new", GenerationParams(prompt="a star", seed=1))
            except (sqlite3.Error, OSError):  # the job goes on, with a warning
                pass
            finally:
                store.close()

        return use

    return Kind("queue, Studio", make, own)


def _spoil(file: Path, chance: random.Random) -> None:
    value: Any = chance.choice([*JUNK, b"\xff", "../a.png", "/etc/passwd", "9" * 400])
    column = chance.choice(_COLUMNS)
    with sqlite3.connect(file) as connection:
        if column == "record" and chance.random() < 0.8:
            (record,) = connection.execute("SELECT record FROM pictures").fetchone()
            value = json.dumps(changed(json.loads(record), chance))
        if isinstance(value, list | dict):
            value = json.dumps(value)
        elif isinstance(value, int) and abs(value) > 2**62:
            value = float(value)
        try:
            connection.execute(
                f"UPDATE OR REPLACE pictures SET {column} = ? WHERE seed < 3", (value,)
            )
        except (sqlite3.IntegrityError, UnicodeError):  # a column that must hold something
            connection.execute("DROP TABLE pictures")
    connection.close()


def _json(name: str, path: Path, content: Any, read: Callable[[], Any]) -> Kind:
    def make(chance: random.Random | None) -> Action:
        shutil.rmtree(path.parent, ignore_errors=True)
        os.makedirs(path.parent)
        tree = content if chance is None or chance.random() < 0.4 else changed(content, chance)
        data = json.dumps(tree).encode()
        path.write_bytes(mutated(data, chance) if chance and tree is content else data)
        return read

    return Kind(name, make, path.parent)
