"""Metrics for Prometheus, and Grafana's dashboard of them."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from pathlib import Path

import pytest
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from ports import free_port
from zimg_kernel import GeneratedImage, GenerationParams
from zimg_kernel.cluster.energy import CardReader, ProcessorEnergy
from zimg_kernel.cluster.metrics import Metrics, State
from zimg_kernel.cluster.starts import count_start, forget_starts, restarts
from zimg_kernel.cluster.status import read_dashboard

PARAMS = GenerationParams(prompt="a red circle", model="nano-turbo", seed=1)
_STATE = State(
    waiting=3, drawing=2, jobs=2, oldest=1.5, workers=2, loaded={"nano-turbo": 2},
    memory={"service": 10**8}, restarts={"worker-0": 1}, disk_free=10**9,
)  # fmt: skip
# What only a machine with a card, or a user who may read RAPL, has.
_AT_TIMES = {
    "zimg_gpu_memory_used_bytes", "zimg_gpu_memory_total_bytes", "zimg_gpu_power_watts",
    "zimg_gpu_energy_joules_total", "zimg_cpu_energy_joules_total",
}  # fmt: skip


def _counted() -> Metrics:
    metrics = Metrics(lambda: _STATE)
    seconds = {"text_encoder": 0.2, "transformer": 2.0, "vae": 0.3, "total": 2.5}
    metrics.drawn(GeneratedImage(Image.new("RGB", (8, 8)), PARAMS, timings=seconds))
    metrics.saved(0.02)
    metrics.ended("done")
    metrics.failed("quota-exceeded")
    metrics.died()
    return metrics


def _samples(text: str) -> dict[tuple[str, str], float]:
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_happened_and_what_is_there_is_told() -> None:
    found = _samples(_counted().text())
    for name, label, value in (
        ("zimg_queue_waiting_pictures", "", 3),
        ("zimg_queue_drawing_pictures", "", 2),
        ("zimg_queue_oldest_seconds", "", 1.5),
        ("zimg_workers", "", 2),
        ("zimg_models_loaded", "nano-turbo", 2),
        ("zimg_process_memory_bytes", "service", 1e8),
        ("zimg_restarts_total", "worker-0", 1),
        ("zimg_pictures_total", "nano-turbo", 1),
        ("zimg_part_seconds_sum", "text_encoder", 0.2),
        ("zimg_part_seconds_sum", "transformer", 2.0),
        ("zimg_part_seconds_sum", "vae", 0.3),
        ("zimg_part_seconds_sum", "save", 0.02),
        ("zimg_jobs_ended_total", "done", 1),
        ("zimg_errors_total", "quota-exceeded", 1),
        ("zimg_worker_deaths_total", "", 1),
        ("zimg_disk_free_bytes", "", 1e9),
    ):
        assert found[name, label] == value, name
    assert all("red circle" not in str(key) for key in found)


def test_every_metric_is_ours_and_tells_what_it_is() -> None:
    for family in text_string_to_metric_families(_counted().text()):
        assert family.name.startswith("zimg_")
        assert family.documentation.endswith(".")


def test_what_cannot_be_read_is_absent_and_not_zero(tmp_path: Path) -> None:
    metrics = Metrics(State)
    text = metrics.text()
    assert "zimg_disk_free_bytes" not in text
    assert ("zimg_gpu_energy_joules_total" in text) == bool(CardReader().energy())
    assert ("zimg_cpu_energy_joules_total" in text) == (ProcessorEnergy().read() is not None)
    assert ProcessorEnergy(tmp_path).read() is None


def test_processor_energy_adds_up_also_when_its_counter_begins_anew(tmp_path: Path) -> None:
    for zone, value in (("intel-rapl:0", 900), ("intel-rapl:1", 100), ("intel-rapl:0:0", 5)):
        (tmp_path / zone).mkdir()
        (tmp_path / zone / "energy_uj").write_text(f"{value}\n")
        (tmp_path / zone / "max_energy_range_uj").write_text("1000\n")
    energy = ProcessorEnergy(tmp_path)
    assert energy.read() == 0
    (tmp_path / "intel-rapl:0" / "energy_uj").write_text("50\n")
    (tmp_path / "intel-rapl:1" / "energy_uj").write_text("300\n")
    assert energy.read() == pytest.approx(350e-6)
    assert energy.read() == pytest.approx(350e-6)


def test_two_engines_in_one_process_have_registries_of_their_own() -> None:
    first, second = _counted(), Metrics(State)
    assert ("zimg_pictures_total", "nano-turbo") in _samples(first.text())
    assert ("zimg_pictures_total", "nano-turbo") not in _samples(second.text())


def test_they_are_served_on_loopback_and_written_for_node_exporter(tmp_path: Path) -> None:
    metrics = _counted()
    port = free_port()
    end = metrics.serve(port)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        assert b"zimg_pictures_total" in answer.read()
    end()
    file = tmp_path / "zimg.prom"
    end = metrics.keep_file(file, every=0.05)
    deadline = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert _samples(file.read_text())["zimg_pictures_total", "nano-turbo"] == 1
    metrics.drawn(GeneratedImage(Image.new("RGB", (8, 8)), PARAMS))
    while _samples(file.read_text())["zimg_pictures_total", "nano-turbo"] < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    end()


def test_every_query_of_the_dashboard_names_a_metric_that_exists() -> None:
    names = {name for name, _ in _samples(_counted().text())} | _AT_TIMES
    dashboard = json.loads(read_dashboard())
    queries = [t["expr"] for panel in dashboard["panels"] for t in panel["targets"]]
    asked = {name for query in queries for name in re.findall(r"\bzimg_\w+", query)}
    assert asked <= names
    assert all(re.search(r"\bzimg_\w+", query) for query in queries)
    kept = [name for name in names if not name.endswith("_created")]
    own = {re.sub(r"_(bucket|count|sum)$", "", name) for name in kept}
    shown = {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked}
    assert own - shown == {"zimg_engine_info"}  # every metric is shown
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)


def test_every_query_uses_labels_that_the_metric_has() -> None:
    labels: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(_counted().text()):
        for sample in family.samples:
            labels.setdefault(sample.name, set()).update(sample.labels)
    for panel in json.loads(read_dashboard())["panels"]:
        for target in panel["targets"]:
            name = re.findall(r"\bzimg_\w+", target["expr"])[0]
            named = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            if name in labels:
                assert named <= labels[name], target


def test_starts_are_counted_over_the_ends_of_processes(tmp_path: Path) -> None:
    for role in ("service", "worker-0", "worker-0", "worker-0"):
        count_start(tmp_path, role)
    (tmp_path / "scheduler.starts").write_text("?")
    assert restarts(tmp_path) == {"service": 0, "worker-0": 2}
    forget_starts(tmp_path)
    assert restarts(tmp_path) == {}
