"""Odd records beside good ones: a rebuild goes on, and whatever got in can be shown."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from zimg_kernel import BadInput, Gallery, GeneratedImage, GenerationParams
from zimg_widgets.gallery.widget import GalleryView

GOOD = GeneratedImage(
    Image.new("RGB", (16, 16), "red"), GenerationParams(prompt="good", seed=1, model="nano-turbo")
)


def odd(**changes: Any) -> str:
    record = GOOD.record()
    for name, value in changes.items():
        holder = record["params"] if name in record["params"] else record
        holder[name] = value
    return json.dumps(record)


RECORDS = {
    "params text": odd(params="x"),
    "params null": odd(params=None),
    "created no date": odd(created="yesterday"),
    "created a number": odd(created=5),
    "created in the year 1": odd(created="0001-01-01T00:00:00+00:00"),
    "created without a zone": odd(created="2026-01-01T00:00:00"),
    "prompt a list": odd(prompt=["a"]),
    "width beyond all": odd(width=10**30),
    "width text": odd(width="wide"),
    "source text": odd(source="x"),
    "source a list": odd(source=[1]),
    "source of lists": odd(source={"pixels": ["x"], "size": [5], "params": 1}),
    "surrogate": odd(prompt="\ud800 x"),
    "deep": '{"a":' * 5000 + "1" + "}" * 5000,
    "deep params": odd(lora=json.loads("[" * 400 + "]" * 400)),
    "long": odd(note="x" * 3_000_000),
    "seed text": odd(seed="abc"),
    "seed null": odd(seed=None),
    "guidance nan": odd(guidance=float("nan")),
    "guidance text": odd(guidance="7"),
    "size of one": odd(size=[5]),
    "timings a list": odd(timings=[]),
    "timings of texts": odd(timings={"total": "x"}),
    "memory text": odd(memory_gb="x"),
    "versions a list": odd(versions=[1]),
    "loras numbers": odd(loras=[1, None]),
    "edit text": odd(edit="x"),
    "edit of another kind": odd(edit={"kind": ["x"], "source": 5}),
    "steps text": odd(steps="x", model=5),
    "pixels a number": odd(pixels=5),
    "a number beyond all floats": odd(cfg_truncation=10**400),
    "truncation text": odd(cfg_truncation="x"),
    "noise a list": odd(embedding_noise=[1]),
    "foreign of numbers": odd(foreign={"models": 5, "notes": {"a": 1}}),
    "nothing but a prompt": json.dumps(
        {"created": "2026-01-01T00:00:00+00:00", "params": {"prompt": "x"}}
    ),
    "all else null": json.dumps(
        dict.fromkeys(GOOD.record())
        | {"created": "2026-01-01T00:00:00+00:00"}
        | {"params": dict.fromkeys(GOOD.record()["params"]) | {"prompt": "x"}}
    ),
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_rebuild_goes_on_and_everything_shows(tmp_path: Path, name: str) -> None:
    gallery = Gallery(tmp_path / "gallery")
    gallery.add(GOOD)
    info = PngImagePlugin.PngInfo()
    info.add_itxt("zimg", RECORDS[name], zip=True)
    path = gallery.folder / "odd.png"
    Image.new("RGB", (16, 16)).save(path, pnginfo=info)
    assert gallery.rebuild() in (1, 2)
    entries = gallery.search()
    assert "good" in [entry.prompt for entry in entries]
    assert "good" in gallery._repr_html_()
    view = GalleryView(gallery, language="en")
    for entry in entries:
        entry.seed, entry.model, entry.created, entry.edit, entry.source  # noqa: B018
        json.dumps(entry.record, allow_nan=False)
        with contextlib.suppress(BadInput):
            assert entry.open().image.size == (16, 16)
        gallery.lineage(entry).text()
        view._send_large(entry.path.relative_to(gallery.folder).as_posix(), 0, None)
    view.close()
    for entry in entries:
        if entry.prompt != "good":
            gallery.restore(gallery.trash(entry))


ROWS = {
    "path": [None, b"a.png", 7, "../a.png", "/etc/passwd"],
    "record": ["", "x", "[1]", "7", "{", "{}", '{"params": 1}', b"\xff", "[" * 9000],
    "stamp": [b"x", "x", float("inf")],
    "pixels": [b"x", "other"],
    "source": [b"x", "own"],
    "model": [b"x", 7.5],
    "day": [b"x", "x"],
}


@pytest.mark.parametrize(("column", "value"), [(c, v) for c, vs in ROWS.items() for v in vs])
def test_an_index_of_others_hides_no_good_picture(tmp_path: Path, column: str, value: Any) -> None:
    gallery = Gallery(tmp_path)
    for seed in (1, 2):
        params = GenerationParams(prompt="good", seed=seed, model="nano-turbo")
        gallery.add(GeneratedImage(Image.new("RGB", (16, 16), (seed, 0, 0)), params))
    own = gallery.search(seed=2)[0]
    value = own.record["pixels"] if value == "own" else value
    with contextlib.closing(sqlite3.connect(tmp_path / "index.sqlite")) as connection, connection:
        connection.execute(f"UPDATE pictures SET {column} = ? WHERE seed = '1'", (value,))
    gallery = Gallery(tmp_path)
    found = gallery.search()
    assert own.path in [entry.path for entry in found]
    assert all(entry.created and entry.seed for entry in found)
    assert own.path.relative_to(tmp_path).as_posix() in gallery.names()
    assert gallery.entries(gallery.names())
    assert gallery.models()["nano-turbo"] >= 1
    assert gallery.days()
    assert own.path in [version.path for version in gallery.lineage(own)]
    view = GalleryView(gallery, language="en")
    assert view.found["count"] >= 1
    view.close()
    assert gallery.rebuild() == 2


def test_a_schema_of_odd_bytes_is_made_anew(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path)
    gallery.add(GOOD)
    file = tmp_path / "index.sqlite"
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = file.read_bytes()
    file.write_bytes(content.replace(b"by_model", b"by_m\xa1del"))
    gallery = Gallery(tmp_path)
    gallery.rebuild()
    assert [entry.prompt for entry in gallery.search()] == ["good"]
