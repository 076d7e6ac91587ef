"""The journal: what was accepted is offered again after its process has ended, and only then."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from refusals import refused, warned
from zimg_kernel import Gallery, GenerationParams, LocalEngine
from zimg_kernel.engine.events import Cancelled, Done, Failed, Finished
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.journal import Journal
from zimg_kernel.engine.session import JobSession
from zimg_kernel.params import MAX_SEED

PARAMS = GenerationParams(
    model="nano-turbo",
    prompt="a red circle",
    width=128,
    height=128,
    steps=4,
    seed=MAX_SEED,
    count=3,
)
# Draws until the second picture has begun and the first one is in the journal, then stands
# still in the middle of it.
HALF_WAY = """
import json, sys, threading, time
from zimg_kernel import Gallery, GenerationParams, LocalEngine
from zimg_kernel.engine.events import Step
from zimg_kernel.engine.journal import Journal

gallery, journal = Gallery(), Journal()
engine = LocalEngine(gallery)
half_way = threading.Event()

def watch(event):
    if isinstance(event, Step) and (event.index, event.step) == (1, 2):
        while json.loads(entry.read_text())["finished"] < 1:
            time.sleep(0.01)
        half_way.set()
        {then}

job = engine.submit(GenerationParams.from_json(sys.argv[1]))
entry = journal.folder / (journal.accept(job) + ".json")
job.on_event(watch)
waiting = engine.submit(GenerationParams.from_json(sys.argv[1]).replace(prompt="a star", count=1))
journal.accept(waiting)
half_way.wait()
print("half way", flush=True)
{main}
"""


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def files(journal: Journal) -> list[Path]:
    return sorted(journal.folder.glob("*.json")) if journal.folder.is_dir() else []


def wait_until_idle(engine: LocalEngine) -> None:
    """Wait for the listeners too: whoever waits for a job alone may be woken before them."""
    while engine.jobs():
        time.sleep(0.01)


def orphan(path: Path, **changes: object) -> None:
    """Let an entry look as if its process had gone, and change other facts of it."""
    facts = json.loads(path.read_text())
    path.write_text(json.dumps({**facts, "started": facts["started"] - 100, **changes}))


def accept(journal: Journal, params: GenerationParams = PARAMS) -> tuple[Job, Path]:
    job = Job(params)
    return job, journal.folder / f"{journal.accept(job)}.json"


def test_an_entry_lives_as_long_as_its_job(journal: Journal, engine: LocalEngine) -> None:
    seen: list[int] = []
    job = engine.submit(PARAMS)
    path = journal.folder / f"{journal.accept(job)}.json"
    job.on_event(
        lambda event: (
            seen.append(json.loads(path.read_text())["finished"])
            if isinstance(event, Finished)
            else None
        )
    )
    job.results(60)
    wait_until_idle(engine)
    assert seen == [1, 2, 3][-len(seen) :]
    assert files(journal) == []
    assert list(journal.folder.iterdir()) == []
    assert journal.interrupted() == []


def test_it_is_written_before_accept_returns(journal: Journal) -> None:
    _, path = accept(journal)
    facts = json.loads(path.read_text())
    assert GenerationParams.from_dict(facts["params"]) == PARAMS
    assert (facts["pid"], facts["finished"]) == (os.getpid(), 0)
    assert facts["started"] == psutil.Process().create_time()
    assert path.stat().st_size < 1000


@pytest.mark.parametrize("end", [Done(()), Cancelled(), Failed(ValueError("x"))])
@pytest.mark.parametrize("early", [False, True])
def test_every_end_removes_it_also_one_that_came_before(
    journal: Journal, end: Done | Cancelled | Failed, early: bool
) -> None:
    job = Job(PARAMS)
    if early:
        job.report(end)
    journal.accept(job)
    if not early:
        assert len(files(journal)) == 1
        job.report(end)
    assert files(journal) == []


def test_cancelling_by_the_user_removes_it(journal: Journal, engine: LocalEngine) -> None:
    job = engine.submit(PARAMS.replace(steps=200))
    journal.accept(job)
    job.cancel()
    wait_until_idle(engine)
    assert files(journal) == []


def test_pictures_finished_before_accept_are_counted(journal: Journal, engine: LocalEngine) -> None:
    done = engine.submit(PARAMS.replace(count=1)).result(60)
    job = Job(PARAMS)
    job.report(Finished(done, 0, 3))
    path = journal.folder / f"{journal.accept(job)}.json"
    assert json.loads(path.read_text())["finished"] == 1
    orphan(path)
    assert [found.params for found in journal.interrupted()] == [PARAMS.replace(seed=0, count=2)]


def test_pictures_that_were_not_saved_are_offered_again(
    journal: Journal, engine: LocalEngine
) -> None:
    unsaved = engine.submit(PARAMS.replace(count=1), save=False).result(60)
    job, path = accept(journal)
    job.report(Finished(unsaved, 0, 3))
    orphan(path)
    assert journal.interrupted()[0].params == PARAMS


def start(code: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )


def offered(journal: Journal) -> list[GenerationParams]:
    return [found.params for found in journal.interrupted()]


@pytest.mark.slow
@pytest.mark.parametrize("zombie", [False, True])
def test_what_a_killed_kernel_owed_is_offered_and_drawn_the_same(
    engine: LocalEngine, zombie: bool
) -> None:
    code = HALF_WAY.format(then="time.sleep(600)", main="time.sleep(600)")
    process = start(code, PARAMS.to_json())
    journal, gallery = Journal(), Gallery()
    assert process.stdout is not None
    assert process.stdout.readline() == "half way\n"
    assert len(files(journal)) == 2
    assert journal.interrupted() == []  # it lives
    session = JobSession(LocalEngine(gallery))
    told = threading.Event()
    session.listen(lambda: told.set() if session.interrupted else None)
    assert session.interrupted == []
    assert journal.take(files(journal)[0].stem) is None
    process.kill()
    if zombie:  # its parent has not asked for it yet
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    else:
        process.wait()
    assert told.wait(30)  # a panel that was opened before learns of it
    found = journal.interrupted()
    owed = PARAMS.replace(guidance=0.0, seed=0, count=2)  # the seeds wrap at 2**64 here
    star = PARAMS.replace(guidance=0.0, prompt="a star", count=1)
    assert [entry.params for entry in found] == [owed, star]
    assert found[0].accepted < found[1].accepted
    process.wait()
    process.stdout.close()

    first = [entry.open() for entry in gallery.search()]
    assert [image.seed for image in first] == [MAX_SEED]
    params = journal.take(found[0].id)
    assert params == owed
    again = first + engine.submit(params).results(60)
    undisturbed = engine.submit(PARAMS).results(60)
    assert [i.params for i in again] == [i.params for i in undisturbed]
    assert [i.image.tobytes() for i in again] == [i.image.tobytes() for i in undisturbed]
    journal.dismiss(found[1].id)
    assert journal.interrupted() == []


@pytest.mark.slow
def test_a_kernel_that_ends_regularly_leaves_its_requests_too() -> None:
    process = start(HALF_WAY.format(then="time.sleep(0.5)", main=""), PARAMS.to_json())
    assert process.communicate(timeout=120)[0] == "half way\n"
    assert process.returncode == 0
    left = offered(Journal())
    assert [params.prompt for params in left] == ["a red circle", "a star"]
    saved = [entry.seed for entry in Gallery().search()]
    assert len(saved) + left[0].count == 3
    assert not {single.seed for single in left[0].singles()} & set(saved)


LOADING = """
import sys, time
from zimg_kernel import GenerationParams, LocalEngine
from zimg_kernel.engine.journal import Journal
job = LocalEngine().submit(GenerationParams.from_json(sys.argv[1]))
Journal().accept(job)
time.sleep({seconds})
"""


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 1, 2])
def test_a_process_that_ends_while_the_model_is_loaded_leaves_its_request(seconds: int) -> None:
    process = start(LOADING.format(seconds=seconds), PARAMS.to_json())
    process.communicate(timeout=120)
    saved = [entry.seed for entry in Gallery().search()]
    assert sum(params.count for params in offered(Journal())) + len(saved) == PARAMS.count


def test_an_engine_that_is_closed_leaves_nothing(journal: Journal) -> None:
    engine = LocalEngine()
    for _ in range(2):
        journal.accept(engine.submit(PARAMS.replace(steps=200)))
    engine.close()
    assert files(journal) == []


def test_another_process_with_the_same_number_is_not_taken_for_it(journal: Journal) -> None:
    _, path = accept(journal)
    assert journal.interrupted() == []
    orphan(path)
    assert offered(journal) == [PARAMS]
    orphan(path, pid=2**22 + 1)  # above the greatest number that Linux gives
    assert offered(journal) == [PARAMS]


def test_they_come_in_their_order_and_complete_ones_are_not_offered(journal: Journal) -> None:
    prompts = [f"picture {i}" for i in range(5)]
    paths = [accept(journal, PARAMS.replace(prompt=prompt))[1] for prompt in prompts]
    for path in paths:
        orphan(path, finished=3 if path == paths[2] else 1)
    found = journal.interrupted()
    assert [entry.params.prompt for entry in found] == prompts[:2] + prompts[3:]
    assert {(entry.params.seed, entry.params.count) for entry in found} == {(0, 2)}
    assert not paths[2].exists()


def test_taking_and_dismissing_forget_it(journal: Journal) -> None:
    for _ in range(2):
        orphan(accept(journal)[1])
    first, second = journal.interrupted()
    assert journal.take(first.id) == PARAMS
    assert journal.take(first.id) is None
    journal.dismiss(second.id)
    journal.dismiss(second.id)
    assert list(journal.folder.iterdir()) == []
    with refused("unknown-entry", "id"):
        journal.dismiss("../../index")


def test_of_kernels_that_take_it_at_once_only_one_gets_it(journal: Journal) -> None:
    for number in range(40):
        orphan(accept(journal, PARAMS.replace(seed=number))[1])
    code = (
        "import sys; from zimg_kernel.engine.journal import Journal\n"
        "journal = Journal(sys.argv[1]); ids = [e.id for e in journal.interrupted()]\n"
        "print(len(ids), flush=True); sys.stdin.readline()\n"
        "print(*[p.seed for p in map(journal.take, ids) if p])\n"
    )
    command = [sys.executable, "-c", code, str(journal.folder)]
    pipe = subprocess.PIPE
    running = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(3)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "40\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    got = " ".join(process.communicate(timeout=60)[0] for process in running)
    assert sorted(map(int, got.split())) == list(range(40))
    assert list(journal.folder.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", "\xff\x00", '{"pid": 1}', '{"pid": "x", "started": 1}',
     '{"pid": 99999999999999999999, "started": 1}',
     '{"pid": 4194305, "started": 1, "params": {"prompt": ""}, "finished": 0}',
     '{"pid": 4194305, "started": 1, "params": {"prompt": "x"}, "finished": -1}',
     '{"pid": 4194305, "started": 1, "params": {"prompt": "x"}, "finished": 0, "accepted": "?"}'],
)  # fmt: skip
def test_what_cannot_be_read_is_set_aside(journal: Journal, text: str) -> None:
    good, bad = accept(journal)[1], accept(journal)[1]
    orphan(good)
    bad.write_bytes(text.encode("latin-1"))
    with warned("set-aside"):
        assert offered(journal) == [PARAMS]
    assert bad.with_suffix(".unreadable").read_bytes() == text.encode("latin-1")
    assert offered(journal) == [PARAMS]


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path, engine: LocalEngine) -> None:
    (tmp_path / "file").write_text("")
    journal = Journal(tmp_path / "file" / "journal")
    job = engine.submit(PARAMS)
    journal.accept(job)
    assert len(job.results(60)) == 3
    said = [word for word in job.warnings if "could not be written down" in word]
    assert len(said) == 1
    assert "Not a directory" in said[0]
    assert "\n" not in said[0]
    assert journal.interrupted() == []


def test_a_full_disk_stops_nothing(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from zimg_kernel import GenerationParams\n"
        "from zimg_kernel.engine.events import Done\nfrom zimg_kernel.engine.job import Job\n"
        "from zimg_kernel.engine.journal import Journal\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "journal = Journal(sys.argv[1]); job = Job(GenerationParams(prompt='x', seed=1))\n"
        "journal.accept(job); job.report(Done(())); print(job.status, *job.warnings)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "journal")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("done This request could not be written down in ")
    assert "File too large" in done.stdout
    assert list((tmp_path / "journal").iterdir()) == []


def test_the_gallery_looks_past_it(engine: LocalEngine) -> None:
    gallery, journal = Gallery(), Journal()
    assert journal.folder == gallery.folder / ".journal"
    _, path = accept(journal)
    engine.gallery = gallery
    engine.submit(PARAMS.replace(count=1)).result(60)
    assert gallery.rebuild() == 1
    assert len(gallery.search()) == len(gallery) == 1
    assert path.exists()
