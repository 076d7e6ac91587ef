"""Readings of a card and of processor packages: what cannot be told is absent."""

from __future__ import annotations

import os
import sys
import time
import types
from pathlib import Path
from typing import Any

import pytest

from tests.experiments.bench.competitors_for_tests import run
from zimg_kernel.experiments.bench import Answer, Competitor, Request
from zimg_kernel.experiments.bench.memory_readings import MemoryReadings
from zimg_kernel.experiments.bench.nvml import open_card
from zimg_kernel.experiments.bench.own_time import waiting_share
from zimg_kernel.experiments.bench.rapl import PackageEnergy
from zimg_kernel.experiments.bench.run_queue import RunQueue
from zimg_kernel.experiments.bench.sampler import ResourceSampler


class _Error(Exception):
    pass


def _nvml(**answers: Any) -> types.ModuleType:
    """A module as nvidia-ml-py has it; functions without an answer are not supported."""
    module = types.ModuleType("pynvml")
    constants = {"NVML_TEMPERATURE_GPU": 0, "NVML_CLOCK_SM": 1, "NVML_CLOCK_MEM": 2}

    def refuse(*given: Any) -> Any:
        raise _Error("Not Supported")

    names = ["PowerUsage", "Temperature", "ClockInfo", "MemoryInfo", "UtilizationRates", "Name",
             "TotalEnergyConsumption", "ComputeRunningProcesses", "CurrentClocksEventReasons",
             "PowerManagementLimit", "MaxClockInfo", "EccMode", "MigMode"]  # fmt: skip
    for name in names:
        answer = answers.get(name, refuse)
        function = answer if callable(answer) else lambda *given, value=answer: value
        setattr(module, f"nvmlDeviceGet{name}", function)
    more = {
        "NVMLError": _Error,
        "nvmlInit": lambda: None,
        "nvmlDeviceGetHandleByIndex": lambda index: index,
        "nvmlDeviceGetHandleByUUID": refuse,
        "nvmlSystemGetDriverVersion": lambda: "580.1",
        "nvmlSystemGetCudaDriverVersion": lambda: 13000,
        **constants,
    }
    for name, value in more.items():
        setattr(module, name, value)
    return module


def test_what_a_card_cannot_tell_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    energy = iter((1_000, 6_000))
    fake = _nvml(
        PowerUsage=350_000, Temperature=61, Name=b"Some Card",
        MemoryInfo=types.SimpleNamespace(used=2e9, total=80e9),
        TotalEnergyConsumption=lambda handle: next(energy),
        ComputeRunningProcesses=[types.SimpleNamespace(pid=os.getpid()),
                                 types.SimpleNamespace(pid=1)],
        CurrentClocksEventReasons=0x4,
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    card = open_card()
    assert card is not None
    assert card.readings() == {"power": 350.0, "temperature": 61, "gpu_memory": 2.0}
    facts = card.facts()
    assert (facts["name"], facts["driver"], facts["cuda"]) == ("Some Card", "580.1", "13.0")
    assert facts["other_processes"] == 1
    assert "mig" not in facts
    assert card.held_back_by() == ["power cap"]
    resources = ResourceSampler(card).window().end()
    assert resources["energy_gpu"] == 5.0
    assert resources["power_mean"] == 350.0
    assert resources["gpu_processes"] == 1
    assert not {"clock_sm", "gpu_share", "energy_cpu"} & set(resources)


def test_without_a_driver_there_is_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = _nvml()

    def no_driver() -> None:
        raise _Error("Driver Not Loaded")

    fake.nvmlInit = no_driver  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    assert open_card() is None
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert open_card() is None


def test_waiting_is_that_of_the_time_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RunQueue, "waited", lambda queue: 0.1)

    class Repeated(Competitor):
        kind, name = "device", "repeated"

        def draw(self, request: Request) -> Answer:
            time.sleep(0.2)
            return Answer(times={"total": 0.001})

    result = run(tmp_path, [Repeated()], rounds=2)
    assert {one.status for one in result.runs} == {"ok"}
    assert 0 < waiting_share(result) < 0.6


def test_energy_of_packages_counts_on_after_its_end(tmp_path: Path) -> None:
    for name, energy in (("intel-rapl:0", 900), ("intel-rapl:1", 100), ("intel-rapl:0:0", 5)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "energy_uj").write_text(f"{energy * 10**6}\n")
        (tmp_path / name / "max_energy_range_uj").write_text(f"{10**9}\n")
    meter = PackageEnergy(tmp_path)
    before = meter.read()
    (tmp_path / "intel-rapl:0" / "energy_uj").write_text(f"{50 * 10**6}\n")
    (tmp_path / "intel-rapl:1" / "energy_uj").write_text(f"{130 * 10**6}\n")
    assert meter.joules(before, meter.read()) == pytest.approx(150 + 30)
    none = PackageEnergy(tmp_path / "none")
    assert not none.readable
    assert none.joules(none.read(), none.read()) is None


def test_a_window_tells_of_this_process() -> None:
    with ResourceSampler(None, interval=0.001) as sampler:
        window = sampler.window()
        held = bytearray(os.urandom(60_000_000))
        resources = window.end()
    assert resources["ram_end"] > 0.06
    assert 0 <= resources["cpu_share"] <= 1
    assert {"ram_peak", "ram_mean", "system_ram_free"} <= set(resources)
    assert not {"torch_peak", "gpu_memory_peak", "energy_gpu"} & set(resources)
    assert len(held) == 60_000_000
    assert sampler.thinned()


def test_waiting_for_a_core_is_told_by_the_thread_that_waited_longest(tmp_path: Path) -> None:
    for name, waited in (("1", 5), ("2", 7)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "schedstat").write_text(f"100 {waited * 10**9} 3\n")
    queue = RunQueue(tmp_path)
    (tmp_path / "1" / "schedstat").write_text(f"100 {8 * 10**9} 3\n")
    (tmp_path / "3").mkdir()
    (tmp_path / "3" / "schedstat").write_text(f"100 {10**9} 3\n")
    assert queue.waited() == 3.0
    assert RunQueue(tmp_path / "none").waited() is None


def test_memory_is_read_as_psutil_reads_it() -> None:
    import psutil

    for read in (MemoryReadings(), _by_psutil()):
        found = read()
        assert found["ram"] == pytest.approx(psutil.Process().memory_info().rss / 1e9, rel=0.1)
        free = psutil.virtual_memory().available / 1e9
        assert found["system_ram_free"] == pytest.approx(free, rel=0.2)


def _by_psutil() -> MemoryReadings:
    """The same on a system without those files."""
    other = MemoryReadings()
    other.__del__()
    other._files = []
    return other
