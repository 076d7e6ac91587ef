"""The end of the service's process: what was accepted is drawn, once; its status is 0."""

from __future__ import annotations

import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from .killing import ask_kill_and_ask_again
from .process import ServiceProcess
from .small import circle


def _listens(service: ServiceProcess) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", service.port)) == 0


@pytest.mark.slow
def test_killed_it_draws_what_it_owes_once_and_ended_it_answers_who_waits(tmp_path: Path) -> None:
    found = ask_kill_and_ask_again(tmp_path, clients=6, before=2)
    assert found["answered_first"] < 6
    assert (found["answered"], found["pictures"]) == (6, 6)
    assert (found["wrong"], found["drawn_twice"]) == ([], [])
    assert (found["answered_at_the_end"], found["status_at_the_end"]) == (200, 0)
    assert found["heard_at_the_end"]


def test_told_twice_it_ends_at_once(tmp_path: Path) -> None:
    with ServiceProcess(tmp_path) as service, ThreadPoolExecutor(1) as pool:
        url = f"{service.url}/v1/generate"
        slow = circle(1, steps=200, width=384, height=384)
        pool.submit(requests.post, url, json=slow, timeout=100)
        while not requests.get(f"{service.url}/readyz", timeout=60).json()["waiting"]:
            time.sleep(0.01)
        assert service.process is not None
        service.process.send_signal(signal.SIGTERM)
        while _listens(service):  # two signals at once may arrive as one
            time.sleep(0.05)
        assert service.process.poll() is None  # somebody waits
        assert service.end(signal.SIGTERM) == 128 + signal.SIGTERM
    assert "Traceback" not in (tmp_path / "output.txt").read_text(encoding="utf-8")
