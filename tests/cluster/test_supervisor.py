"""Supervisor of the shared engine: whatever is killed comes back, also all at once."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

import zimg_kernel as zimg
from refusals import refused
from zimg_kernel import GenerationParams
from zimg_kernel.cluster.attach import attach
from zimg_kernel.cluster.client import ClusterEngine
from zimg_kernel.engine import default_engine, use_engine
from zimg_kernel.experiments.bench import run_bench
from zimg_kernel.gallery.gallery import Gallery

from .running import ZIMG, RunningEngine

pytestmark = pytest.mark.slow

SMALL = GenerationParams(
    prompt="a red circle", model="nano-turbo", width=128, height=128, steps=2, seed=5
)


@pytest.mark.parametrize("role", ["scheduler", "service", "worker-0", "supervisor"])
def test_what_is_killed_comes_back_alone(running: RunningEngine, role: str) -> None:
    before = running.until_all_run()
    running.kill(role)
    now = running.until_all_run(without=[before[role]])
    kept = {"supervisor", "service"} - {role}  # workers end with their scheduler
    assert {name: now[name] for name in kept} == {name: before[name] for name in kept}


def test_after_all_were_killed_the_next_client_brings_them_back(at_home: RunningEngine) -> None:
    engine = ClusterEngine(at_home.place, Gallery(at_home.home / "gallery"))
    first = engine.submit(SMALL).result(60)
    job = engine.submit(SMALL.replace(count=12, seed=20))
    next(event for event in job.events() if type(event).__name__ == "Finished")
    killed = at_home.kill(*at_home.roles)
    images = job.results(240)
    at_home.until_all_run(without=killed)
    assert [image.seed for image in images] == list(range(20, 32))
    saved = [entry.seed for entry in engine.gallery.search(limit=100)] if engine.gallery else []
    assert sorted(saved) == sorted([first.seed, *range(20, 32)])
    engine.close()


def test_a_kernel_and_a_command_use_it_without_a_word(at_home: RunningEngine) -> None:
    code = (
        "import sys, zimg_kernel as z\n"
        "image = z.generate('a blue star', model='nano-turbo', width=128, height=128, steps=2,"
        " seed=3, progress=False)\n"
        "print(type(z.default_engine()).__name__, image.image.size,"
        " {'torch', 'diffusers', 'distributed', 'dask'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    said = subprocess.check_output(command, env=at_home.environment, text=True)
    assert said == "ClusterEngine (128, 128) set()\n"
    drawn = at_home.run("generate", "a green square", "--model", "nano-turbo", "--steps", "1")
    assert drawn.endswith(".png\n")


def test_other_settings_and_the_users_choice_draw_in_the_process(
    at_home: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert attach(None) is not None
    monkeypatch.setenv("ZIMG_SPEED", "stock")
    assert attach(None) is None
    monkeypatch.setenv("ZIMG_ENGINE", "cluster")
    with refused("no-engine", "ZIMG_ENGINE"):
        attach(None)
    monkeypatch.delenv("ZIMG_SPEED")
    assert attach(None) is not None
    monkeypatch.setenv("ZIMG_ENGINE", "local")
    assert attach(None) is None
    monkeypatch.setenv("ZIMG_ENGINE", "clutser")
    with refused("unknown-choice", "ZIMG_ENGINE"):
        attach(None)


def test_a_benchmark_measures_it_by_name(at_home: RunningEngine, tmp_path: Path) -> None:
    result = run_bench(
        "latency", ["cluster:nano-turbo"], rounds=2, out=tmp_path, progress=False,
        params={"width": 128, "height": 128, "steps": 1, "seed": 91},
    )  # fmt: skip
    runs = [run for run in result.runs if not run.warmup]
    assert [run.status for run in runs] == ["ok", "ok"]
    assert all(run.times["transformer"] > 0 for run in runs)
    assert "ram_peak" not in runs[0].resources  # the memory is another process's
    assert (tmp_path / str(runs[0].picture)).is_file()
    assert result.competitors[0].facts["engine"] == "ClusterEngine"


def test_status_tells_processes_and_workers(at_home: RunningEngine) -> None:
    at_home.until_all_run()
    deadline = time.monotonic() + 120
    while len((told := json.loads(at_home.run("status", "--json")))["service"]["workers"]) < 2:
        assert time.monotonic() < deadline, told
    assert told["state"] == "up"
    assert {one["role"] for one in told["processes"]} == at_home.roles
    assert "worker-1" in at_home.run("status")


def test_another_choice_of_options_is_refused_while_it_runs(at_home: RunningEngine) -> None:
    same = subprocess.run([*ZIMG, "up", "--workers=2"], env=at_home.environment)
    assert same.returncode == 0
    other = subprocess.run([*ZIMG, "up", "--workers=1"], env=at_home.environment)
    assert other.returncode == 2


def test_after_down_a_process_draws_for_itself(
    at_home: RunningEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = use_engine(None)
    try:
        engine = default_engine()
        assert isinstance(engine, ClusterEngine)
        at_home.run("down")
        assert at_home.processes() == []
        assert isinstance(default_engine(), zimg.LocalEngine)
        assert default_engine().gallery is engine.gallery
    finally:
        use_engine(before)
        at_home.run("up", "--workers=2")
