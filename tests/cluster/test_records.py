"""A running engine's metrics, audit log, logs and backup, as its user finds them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from refusals import refused
from zimg_kernel import GenerationParams
from zimg_kernel.cluster.client import ClusterEngine
from zimg_kernel.cluster.status import read_metrics
from zimg_kernel.engine.queue_store import QueueStore
from zimg_kernel.errors import ZimgError
from zimg_kernel.gallery.gallery import Gallery

from .running import RunningEngine

pytestmark = pytest.mark.slow

SMALL = GenerationParams(
    prompt="a red circle", model="nano-turbo", width=128, height=128, steps=2, seed=5, count=3
)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    """An engine with a quota, whose metrics are written into a file."""
    folder = tmp_path_factory.mktemp("watched")
    engine = RunningEngine(
        folder, workers=1, quota=20, metrics_file=folder / "zimg.prom", idle_minutes=0.05
    )
    with engine:
        yield engine


def _metrics(engine: RunningEngine) -> dict[tuple[str, str], float]:
    return _samples(engine.run("status", "--metrics"))


def _samples(text: str) -> dict[tuple[str, str], float]:
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def _written(watched: RunningEngine) -> str:
    """Return what node-exporter would find, once it is newer than the first picture."""
    file = watched.home.parent / "zimg.prom"
    deadline = time.monotonic() + 120
    while "zimg_pictures_total{" not in file.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return file.read_text()


def test_metrics_and_audit_of_real_requests(watched: RunningEngine) -> None:
    gallery = Gallery(watched.home / "gallery")
    engine = ClusterEngine(watched.place, gallery, user="anna")
    job = engine.submit(SMALL)
    job.results(90)
    engine.submit(SMALL.replace(count=1), save=False).result(60)
    with refused("quota-exceeded", "count"):
        engine.submit(SMALL.replace(count=30))
    cancelled = engine.submit(SMALL.replace(count=10, steps=50))
    cancelled.cancel()
    assert cancelled.wait(60)
    engine.close()
    deadline = time.monotonic() + 120
    while ("zimg_jobs_ended_total", "cancelled") not in (found := _metrics(watched)):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert found["zimg_pictures_total", "nano-turbo"] >= 4
    for part in ("text_encoder", "transformer", "vae", "total", "save"):
        assert found["zimg_part_seconds_count", part] >= 4
        assert found["zimg_part_seconds_sum", part] > 0
    assert found["zimg_jobs_ended_total", "done"] == 2
    assert found["zimg_errors_total", "quota-exceeded"] == 1
    assert found["zimg_workers", ""] == 1
    assert found["zimg_queue_oldest_seconds", ""] == 0
    for role in ("supervisor", "scheduler", "service", "worker-0"):
        assert found["zimg_process_memory_bytes", role] > 1e7
        assert found["zimg_restarts_total", role] == 0
    assert ("zimg_pictures_total", "nano-turbo") in _samples(_written(watched))

    lines = _lines(watched.home / "engine" / "logs" / "audit.jsonl")
    told = [(line["user"], line["what"], line["outcome"]) for line in lines]
    assert told[0] == ("", "start", "done")
    assert told.count(("anna", "submit", "accepted")) == 3
    assert told.count(("anna", "submit", "refused")) == 1
    assert told.count(("anna", "end", "done")) == 2
    assert told.count(("anna", "end", "cancelled")) == 1
    mine = [line for line in lines if line.get("job") == job.id]
    assert [line["what"] for line in mine] == ["submit", "end"]
    assert (mine[0]["model"], mine[0]["pictures"], mine[1]["pictures"]) == ("nano-turbo", 3, 3)
    assert "red circle" not in json.dumps(lines)


def test_idle_models_leave_the_worker_and_come_back(watched: RunningEngine) -> None:
    engine = ClusterEngine(watched.place, Gallery(watched.home / "gallery"))
    first = engine.submit(SMALL).result(60)
    deadline = time.monotonic() + 120
    while engine.resources().loaded:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert engine.submit(SMALL).result(60).image.tobytes() == first.image.tobytes()
    engine.close()


def test_restarts_are_counted_and_logs_are_private_json(watched: RunningEngine) -> None:
    killed = watched.kill("worker-0", "service")
    watched.until_all_run(without=killed)
    deadline = time.monotonic() + 120
    while True:
        try:
            found = _metrics(watched)
            break
        except AssertionError:  # its service does not answer yet
            assert time.monotonic() < deadline
            time.sleep(0.2)
    assert found["zimg_restarts_total", "service"] == 1
    assert found["zimg_restarts_total", "worker-0"] >= 1
    assert found["zimg_restarts_total", "supervisor"] == 0
    logs = watched.home / "engine" / "logs"
    assert {file.stem for file in logs.glob("*.jsonl")} == {*watched.roles, "audit"}
    for file in logs.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file
        if file.suffix == ".jsonl":
            assert _lines(file)


def test_a_backup_of_a_running_engine_is_whole(watched: RunningEngine, tmp_path: Path) -> None:
    engine = ClusterEngine(watched.place, Gallery(watched.home / "gallery"))
    job = engine.submit(SMALL.replace(count=15, steps=100))
    next(event for event in job.events() if type(event).__name__ == "Finished")
    told = json.loads(watched.run("backup", str(tmp_path / "backup"), "--json"))
    assert told["problems"] == []
    job.cancel()
    assert job.wait(90)
    engine.close()
    watched.run("restore", str(tmp_path / "backup"), "--gallery", str(tmp_path / "restored"))
    entry = QueueStore(tmp_path / "restored").find(job.id)
    assert entry is not None
    assert entry.state == "running"
    saved = [e.record["job"] for e in Gallery(tmp_path / "restored").search(limit=1000)]
    indices = {one["index"] for one in saved if one["id"] == job.id}
    assert set(range(entry.finished)) <= indices


def test_without_an_engine_there_are_no_metrics() -> None:
    with refused("no-engine"):
        read_metrics(None)


def test_requests_are_refused_before_the_disk_is_full(tmp_path: Path) -> None:
    running = RunningEngine(tmp_path)
    running.environment["ZIMG_DISK_FREE"] = "900TB"
    with running:
        engine = ClusterEngine(running.place, Gallery(running.home / "gallery"))
        with refused("disk-nearly-full", "gallery", ZimgError):
            engine.submit(SMALL)
        assert engine.jobs() == []
        assert engine.submit(SMALL, save=False).result(60).path is None
        engine.close()
    audit = _lines(running.home / "engine" / "logs" / "audit.jsonl")
    assert [line.get("code") for line in audit if line["what"] == "submit"] == [
        "disk-nearly-full", None,
    ]  # fmt: skip
