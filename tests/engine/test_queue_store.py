"""The queue's file: what was accepted stands there, for all processes, and goes to one."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from refusals import refused, warned
from zimg_kernel import GenerationParams
from zimg_kernel.engine.owner import this_process
from zimg_kernel.engine.queue_file import NAME
from zimg_kernel.engine.queue_store import QueueStore
from zimg_kernel.engine.recovery import interrupted

PARAMS = GenerationParams(prompt="a red circle 红", model="nano-turbo", seed=7, count=3)


@pytest.fixture
def store(tmp_path: Path) -> QueueStore:
    return QueueStore(tmp_path / "gallery")


def orphan(store: QueueStore, **changes: object) -> None:
    """Let all requests look as if their process had gone, and change other facts of them."""
    with sqlite3.connect(store.folder / NAME) as table:
        table.execute("UPDATE requests SET process_started = process_started - 100")
        for name, value in changes.items():
            table.execute(f"UPDATE requests SET {name} = ?", (value,))
    table.close()


def test_what_was_accepted_is_there_for_others(store: QueueStore) -> None:
    store.accept("job-1", PARAMS, priority=2, origin="studio")
    [entry] = QueueStore(store.folder).waiting()
    assert (entry.id, entry.prompt) == ("job-1", PARAMS.prompt)
    assert (entry.state, entry.priority, entry.origin) == ("queued", 2, "studio")
    assert entry.owner == this_process()
    assert (entry.finished, entry.total) == (0, 3)
    whole = store.find("job-1")
    assert whole is not None
    assert (whole.params, whole.retries) == (PARAMS, 0)
    assert interrupted(store) == []
    assert not store.others_draw()
    assert store.is_drawing(os.getpid())


def test_reading_makes_no_file(store: QueueStore) -> None:
    assert (store.waiting(), store.history(), store.left()) == ([], [], [])
    assert interrupted(store) == []
    assert store.find("x") is None
    assert not store.folder.exists()


def test_it_goes_from_state_to_state(store: QueueStore) -> None:
    for number in range(4):
        store.accept(f"job-{number}", PARAMS)
    store.begin("job-0")
    store.progress("job-0", 2)
    running = store.find("job-0")
    assert running is not None
    assert (running.state, running.finished) == ("running", 2)
    assert running.missing_after(2) == PARAMS.replace(seed=9, count=1)
    store.end("job-0", "done", 3)
    store.end("job-1", "failed", 0, "no room", "out-of-memory")
    store.end("job-2", "cancelled", 1)
    assert [entry.id for entry in store.waiting()] == ["job-3"]
    ended = {entry.id: entry for entry in store.history()}
    assert [entry.state for entry in store.history()] == ["cancelled", "failed", "done"]
    assert (ended["job-1"].error, ended["job-1"].error_code) == ("no room", "out-of-memory")


def test_order_and_moves(store: QueueStore) -> None:
    for number in range(4):
        store.accept(f"job-{number}", PARAMS, priority=int(number == 3))
    store.move("job-2", 1)
    assert [entry.id for entry in store.waiting()] == ["job-3", "job-2", "job-0", "job-1"]
    store.begin("job-1")
    assert store.waiting()[0].id == "job-1"
    with refused("unknown-entry", "id"):
        store.move("job-1", 0)


def test_what_is_left_is_offered_and_claimed_once(store: QueueStore) -> None:
    store.accept("job-1", PARAMS)
    assert store.claim("job-1") is None  # its process is alive
    orphan(store, finished=1)
    [offer] = interrupted(store)
    assert offer.params == PARAMS.replace(seed=8, count=2)
    entry = store.claim("job-1")
    assert entry is not None
    assert (entry.state, entry.retries, entry.owner) == ("queued", 1, this_process())
    assert store.claim("job-1") is None
    assert interrupted(store) == []


def test_what_is_left_is_read_again_only_after_a_change(store: QueueStore) -> None:
    for number in range(3):
        store.accept(f"job-{number}", PARAMS.replace(seed=number))
    orphan(store)
    interrupted(store)
    first, second = interrupted(store), interrupted(store)
    assert len(first) == 3
    assert first[0] is second[0]
    other = QueueStore(store.folder)
    assert other.claim("job-1") is not None
    assert [offer.id for offer in interrupted(store)] == ["job-0", "job-2"]
    store.dismiss("job-0")
    assert [offer.id for offer in interrupted(store)] == ["job-2"]


def test_complete_ones_are_not_offered(store: QueueStore) -> None:
    store.accept("job-1", PARAMS)
    orphan(store, finished=3)
    assert interrupted(store) == []
    assert [entry.state for entry in store.history()] == ["done"]


def test_dismissing_and_cancelling(store: QueueStore) -> None:
    for number in range(3):
        store.accept(f"job-{number}", PARAMS.replace(seed=number))
    store.dismiss("job-0")  # it is being drawn
    assert store.cancel("job-0")
    assert [wish[3] for wish in store.wishes()] == [True, False, False]
    orphan(store)
    interrupted(store)
    store.dismiss("job-1")
    assert store.cancel("job-2")
    assert not store.cancel("job-2")
    assert not store.cancel("gone")
    store.dismiss("gone")
    assert [offer.id for offer in interrupted(store)] == ["job-0"]


def test_the_same_request_again_takes_the_place_of_what_was_left(store: QueueStore) -> None:
    store.accept("job-1", PARAMS)
    store.accept("job-2", PARAMS.replace(seed=8))
    orphan(store)
    store.accept("job-3", PARAMS)
    assert [offer.id for offer in interrupted(store)] == ["job-2"]
    store.accept("job-4", PARAMS)  # job-3 is no orphan
    assert [entry.id for entry in store.waiting()] == ["job-3", "job-4"]


@pytest.mark.parametrize(
    ("column", "value"),
    [("params", "{"), ("params", "[]"), ("params", '{"prompt": ""}'), ("params", None),
     ("count", "x"), ("count", 0), ("finished", -1), ("finished", 1.5), ("state", "?"),
     ("pid", "x"), ("pid", 2**62), ("accepted", 1e300), ("accepted", "x"), ("rank", b"\xff"),
     ("prompt", b"\xff"), ("params", "[" * 100_000)],
)  # fmt: skip
def test_what_was_not_written_by_us_is_passed_over(
    store: QueueStore, column: str, value: object
) -> None:
    store.accept("job-1", PARAMS)
    with sqlite3.connect(store.folder / NAME) as table:
        try:
            table.execute(f"UPDATE requests SET {column} = ?", (value,))
        except sqlite3.IntegrityError:
            return
    table.close()
    orphan(store)
    store.waiting()
    store.history()
    assert len(interrupted(store)) <= 1
    store.claim("job-1")
    store.cancel("job-1")
    store.dismiss("job-1")
    store.accept("job-2", PARAMS)
    assert store.waiting()[-1].id == "job-2"


def test_a_text_that_is_no_unicode_hides_no_other_request(store: QueueStore) -> None:
    for number in range(2):
        store.accept(f"job-{number}", PARAMS.replace(seed=number))
    with sqlite3.connect(store.folder / NAME) as table:
        table.execute("UPDATE requests SET params = CAST(x'ff' AS TEXT) WHERE id = 'job-0'")
    table.close()
    assert [entry.id for entry in store.waiting()] == ["job-0", "job-1"]
    orphan(store)
    assert [offer.id for offer in interrupted(store)] == ["job-1"]


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_damaged_file_is_set_aside(store: QueueStore, content: bytes) -> None:
    store.folder.mkdir()
    (store.folder / NAME).write_bytes(content)
    if content:
        with warned("set-aside"):
            assert store.waiting() == []
        assert (store.folder / f"{NAME}.damaged").read_bytes() == content
    store.accept("job-1", PARAMS)
    assert [entry.id for entry in store.waiting()] == ["job-1"]


def test_a_file_with_programs_in_it_is_not_used(store: QueueStore) -> None:
    store.accept("job-1", PARAMS)
    store.close()
    with sqlite3.connect(store.folder / NAME) as table:
        table.execute("CREATE TRIGGER t AFTER INSERT ON requests BEGIN DELETE FROM requests; END")
    table.close()
    with warned("set-aside"):
        store.accept("job-2", PARAMS)
    assert [entry.id for entry in store.waiting()] == ["job-2"]


def test_a_folder_that_was_deleted_is_made_again(store: QueueStore) -> None:
    store.accept("job-1", PARAMS)
    for path in store.folder.iterdir():
        path.unlink()
    store.folder.rmdir()
    store.accept("job-2", PARAMS)
    assert [entry.id for entry in QueueStore(store.folder).waiting()] == ["job-2"]


def test_old_ends_are_forgotten(store: QueueStore) -> None:
    for number in range(5):
        store.accept(f"job-{number}", PARAMS)
    for number in range(4):
        store.end(f"job-{number}", "done", 3)
    with sqlite3.connect(store.folder / NAME) as table:
        table.execute("UPDATE requests SET ended = 1 WHERE id = 'job-0'")
    table.close()
    store.prune()
    assert [entry.id for entry in store.history()] == ["job-3", "job-2", "job-1"]
    assert [entry.id for entry in store.waiting()] == ["job-4"]


def test_many_threads_write(store: QueueStore) -> None:
    def work(first: int) -> None:
        for number in range(first, first + 50):
            store.accept(f"job-{number}", PARAMS)
            store.end(f"job-{number}", "done", 3)

    threads = [threading.Thread(target=work, args=(i * 50,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.history(1000)) == 200


CLAIM = """
import sys
from zimg_kernel.engine.queue_store import QueueStore
from zimg_kernel.engine.recovery import interrupted
store = QueueStore(sys.argv[1])
ids = [offer.id for offer in interrupted(store)]
print(len(ids), flush=True)
sys.stdin.readline()
print(*[id for id in ids if store.claim(id)], flush=True)
sys.stdin.readline()
"""


def test_of_processes_that_claim_at_once_only_one_gets_it(store: QueueStore) -> None:
    names = [f"job-{number:02}" for number in range(40)]
    for number, name in enumerate(names):
        store.accept(name, PARAMS.replace(seed=number))
    orphan(store)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM, str(store.folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    got: list[str] = []
    for wanted in ("40\n", None):
        for process in running:
            assert process.stdin is not None
            assert process.stdout is not None
            if wanted is None:
                process.stdin.write("go\n")
                process.stdin.flush()
        for process in running:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert wanted in (None, line)
            got += line.split() if wanted is None else []
    assert sorted(got) == names
    assert store.others_draw()
    assert [entry.id for entry in store.waiting()] != []
    for process in running:
        process.kill()
        process.communicate()
    assert sorted(offer.id for offer in interrupted(store)) == names  # they were not drawn


def test_a_full_disk_is_reported(store: QueueStore) -> None:
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from zimg_kernel import GenerationParams\n"
        "from zimg_kernel.engine.queue_store import QueueStore\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "try: QueueStore(sys.argv[1]).accept('x', GenerationParams(prompt='x', seed=1))\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    command = [sys.executable, "-c", code, str(store.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("OperationalError")


def test_what_was_drawn_when_its_process_ended_is_not_forgotten(store: QueueStore) -> None:
    store.accept("job-1", PARAMS)
    orphan(store)
    store.interrupt([(entry, PARAMS.count) for entry in store.left()])
    store.prune()
    [entry] = store.history()
    assert (entry.id, entry.state, entry.finished) == ("job-1", "done", PARAMS.count)
    assert entry.ended >= entry.accepted
