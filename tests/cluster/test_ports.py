"""Ports that other programs have: told in a sentence, and another one taken unless asked for."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ports import free_port
from refusals import refused
from zimg_kernel import GenerationParams
from zimg_kernel.cluster.client import ClusterEngine
from zimg_kernel.cluster.control import start_engine
from zimg_kernel.cluster.options import Options
from zimg_kernel.gallery.gallery import Gallery

from .running import RunningEngine

SMALL = GenerationParams(
    prompt="a red circle", model="nano-turbo", width=128, height=128, steps=1, seed=5
)


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def test_a_port_of_another_program_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, refused("port-in-use", "port"):
        start_engine(Options(port=other.getsockname()[1]))


@pytest.mark.slow
def test_a_port_that_was_taken_meanwhile_is_left_to_whom_it_is(tmp_path: Path) -> None:
    with RunningEngine(tmp_path) as running:
        before = running.place.scheduler
        engine = ClusterEngine(running.place, Gallery(tmp_path / "gallery"))
        engine.submit(SMALL).result(60)
        with _takes_over(running, port_of(before)):
            assert engine.submit(SMALL.replace(seed=6)).result(180).seed == 6
            assert running.place.now().scheduler != before
            running.until_all_run(limit=180)
        engine.close()


@pytest.mark.slow
def test_a_port_that_was_asked_for_is_waited_for_and_told_of(tmp_path: Path) -> None:
    port = free_port()
    with RunningEngine(tmp_path, port=port) as running:
        with _takes_over(running, port):
            told = ""
            for _ in range(100):
                told = running.run("status")
                if f"Port {port} is another program's" in told:
                    break
            assert "zimg up --port" in told
        running.until_all_run(limit=180)
        assert running.place.now().scheduler.endswith(f":{port}")


def _takes_over(running: RunningEngine, port: int) -> socket.socket:
    """Kill the scheduler, and listen on its port before it is back."""
    running.kill("scheduler")
    while True:
        try:
            return socket.create_server(("127.0.0.1", port))
        except OSError:
            if running.pids().get("scheduler"):
                running.kill("scheduler")
