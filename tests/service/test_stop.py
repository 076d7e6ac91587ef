"""The end of the service by signals: answers are given, the status is 0; told twice, it ends."""

from __future__ import annotations

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from .process import ServiceProcess
from .small import circle


@pytest.mark.slow
def test_ended_it_answers_who_waits_and_leaves_the_rest_to_the_next_start(tmp_path: Path) -> None:
    """A listener, a picture that is drawn and a job that would take too long: 0 at the end."""
    heard = threading.Event()
    last: list[str] = []

    def listen(job: str) -> None:
        url = f"{service.url}/v1/jobs/{job}/events"
        with requests.get(url, stream=True, timeout=100) as answer:
            for line in answer.iter_lines(decode_unicode=True):
                last.append(line)
                heard.set()

    with ServiceProcess(tmp_path) as service, ThreadPoolExecutor(2) as pool:
        post = f"{service.url}/v1/generate"
        drawn = pool.submit(requests.post, post, json=circle(1, steps=12), timeout=100)
        while not requests.get(f"{service.url}/readyz", timeout=10).json()["waiting"]:
            time.sleep(0.01)
        job = requests.post(f"{service.url}/v1/jobs", json=circle(2, steps=3), timeout=10).json()
        listening = pool.submit(listen, job["id"])
        assert heard.wait(20)
        assert service.end(signal.SIGTERM) == 0
        assert drawn.result(10).status_code == 200
        listening.result(10)
        service.start()
        deadline = time.monotonic() + 60
        while (state := requests.get(job["url"], timeout=10).json()["status"]) != "done":
            assert state in ("queued", "running")
            assert time.monotonic() < deadline
            time.sleep(0.05)
        # Told twice, it ends though somebody waits.
        pool.submit(requests.post, post, json=circle(3, steps=200), timeout=100)
        while not requests.get(f"{service.url}/readyz", timeout=10).json()["waiting"]:
            time.sleep(0.01)
        assert service.process is not None
        service.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert service.process.poll() is None
        began = time.monotonic()
        assert service.end(signal.SIGTERM) == 128 + signal.SIGTERM
        assert time.monotonic() - began < 2
    output = (tmp_path / "output.txt").read_text(encoding="utf-8")
    assert "Traceback" not in output
