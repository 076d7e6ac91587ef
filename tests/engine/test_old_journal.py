"""Journal files of earlier versions: what they hold is taken into the queue and offered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from refusals import warned
from zimg_kernel import Gallery, GenerationParams, LocalEngine
from zimg_kernel.engine.old_journal import FOLDER
from zimg_kernel.engine.owner import this_process
from zimg_kernel.engine.queue_store import QueueStore
from zimg_kernel.engine.recovery import interrupted

PARAMS = GenerationParams(
    model="nano-turbo", prompt="a red circle", width=128, height=128, steps=4, seed=5, count=3
)


@pytest.fixture
def store(tmp_path: Path) -> QueueStore:
    return QueueStore(tmp_path / "gallery")


def write(store: QueueStore, number: int = 1, **changes: object) -> Path:
    """Leave what a killed kernel of an earlier version leaves; return the file."""
    entry = {
        "version": 1, "params": PARAMS.replace(seed=number).model_dump(), "finished": 0,
        "accepted": f"2026-11-21T10:00:0{number}+00:00", "pid": 2**22 + 1, "started": 1.0,
    }  # fmt: skip
    path = store.folder / FOLDER / f"0000170000000000000{number}-0badcafe.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**entry, **changes}))
    return path


def offered(store: QueueStore) -> list[GenerationParams]:
    return [offer.params for offer in interrupted(store)]


def test_they_are_offered_in_their_order_and_their_files_go(store: QueueStore) -> None:
    paths = [write(store, number, finished=number % 4) for number in range(1, 6)]
    wanted = [
        PARAMS.replace(seed=number + number % 4, count=3 - number % 4) for number in (1, 2, 4, 5)
    ]
    assert offered(store) == wanted  # of the third one nothing is missing
    assert not any(path.exists() for path in paths)
    assert offered(store) == wanted
    first = interrupted(store)[0]
    assert first.accepted.isoformat() == "2026-11-21T10:00:01+00:00"
    assert store.claim(first.id) is not None
    write(store, 1)  # another process had read it in the same moment
    assert offered(store) == wanted[1:]


def test_that_of_a_living_process_stays(store: QueueStore) -> None:
    own = this_process()
    path = write(store, pid=own.pid, started=own.started)
    assert offered(store) == []
    assert path.exists()
    write(store, pid=own.pid, started=own.started - 100)  # another one had that number
    assert offered(store) == [PARAMS.replace(seed=1)]


def test_it_is_drawn_once(engine: LocalEngine) -> None:
    assert engine.gallery is not None
    store = QueueStore(engine.gallery.folder)
    write(store, 1, finished=1)
    [offer] = engine.interrupted()
    job = engine.resume(offer.id)
    assert job is not None
    assert [image.seed for image in job.results(60)] == [2, 3]
    assert engine.resume(offer.id) is None
    assert engine.interrupted() == []


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", "\xff\x00", '{"pid": 1}', '{"pid": "x", "started": 1}',
     '{"pid": 4194305, "started": 1, "params": {"prompt": ""}, "finished": 0}',
     '{"pid": 4194305, "started": 1, "params": {"prompt": "x"}, "finished": -1}',
     '{"pid": 99999999999999999999, "started": 1, "params": {"prompt": "x"}, "finished": 0, '
     '"accepted": "2026-11-21"}',
     '{"pid": 4194305, "started": 1, "params": {"prompt": "x"}, "finished": 0, "accepted": "?"}'],
)  # fmt: skip
def test_what_cannot_be_read_is_set_aside(store: QueueStore, text: str) -> None:
    write(store, 1)
    bad = write(store, 2)
    bad.write_bytes(text.encode("latin-1"))
    with warned("set-aside"):
        assert offered(store) == [PARAMS.replace(seed=1)]
    assert bad.with_suffix(".unreadable").read_bytes() == text.encode("latin-1")
    assert offered(store) == [PARAMS.replace(seed=1)]


@pytest.mark.parametrize("pid", [2**62 - 1, -1, 0])
def test_odd_numbers_of_processes_are_no_living_ones(store: QueueStore, pid: int) -> None:
    write(store, pid=pid)
    assert offered(store) == [PARAMS.replace(seed=1)]


def test_the_gallery_looks_past_it() -> None:
    gallery = Gallery()
    path = write(QueueStore(gallery.folder))
    engine = LocalEngine(gallery)  # of that of the others, a session may look for what is left
    engine.submit(PARAMS.replace(count=1)).result(60)
    engine.close()
    assert gallery.rebuild() == 1
    assert len(gallery.search()) == len(gallery) == 1
    assert path.exists()
