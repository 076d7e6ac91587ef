"""A service that is killed, and one that is full: prompts are kept, drawn once, or refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
import requests

from zimg_kernel.gallery.gallery import Gallery

from ..running import RunningService
from .comfy_client import Client
from .graphs import turbo

_SERVER = """
import sys
from pathlib import Path
from tests.service.running import RunningService
folder = Path(sys.argv[1])
with RunningService(folder) as service:
    print(service.url, flush=True)
    sys.stdin.read()
"""


def start(folder: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(folder)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


@pytest.mark.nightly  # loads the model twice
def test_killed_in_the_middle(tmp_path: Path) -> None:
    process, url = start(tmp_path)
    ids = [str(uuid.uuid4()) for _ in range(4)]
    try:
        for number, prompt_id in enumerate(ids):
            body = {"prompt": turbo(seed=number), "prompt_id": prompt_id}
            assert requests.post(f"{url}/prompt", json=body, timeout=60).ok
        deadline = time.monotonic() + 120
        while not requests.get(f"{url}/history/{ids[0]}", timeout=60).json():
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    process, url = start(tmp_path)
    try:
        for number, prompt_id in enumerate(ids):  # asked for once more: the same prompts
            body = {"prompt": turbo(seed=number), "prompt_id": prompt_id}
            answer = requests.post(f"{url}/prompt", json=body, timeout=60)
            assert answer.json()["prompt_id"] == prompt_id
        deadline = time.monotonic() + 120
        while len(found := requests.get(f"{url}/history", timeout=60).json()) < len(ids):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert {entry["status"]["status_str"] for entry in found.values()} == {"success"}
        assert all(entry["outputs"]["9"]["images"] for entry in found.values())
    finally:
        process.stdin.close()  # type: ignore[union-attr]
        process.wait(30)
    gallery = Gallery(tmp_path / "gallery")
    assert [len(gallery.by_seed(seed)) for seed in range(4)] == [1, 1, 1, 1]  # each drawn once


def test_started_anew(service: RunningService, tmp_path: Path) -> None:
    """What waited goes on, what has ended is still told, and the same id is the same prompt."""
    ids = [str(uuid.uuid4()) for _ in range(3)]
    with RunningService(tmp_path, service.engine) as first:
        bodies = [
            {"prompt": turbo(seed=70 + number, steps=2 + 8 * number), "prompt_id": prompt_id}
            for number, prompt_id in enumerate(ids)
        ]
        for body in bodies:
            assert requests.post(f"{first.url}/prompt", json=body, timeout=60).ok
        while not (ended := requests.get(f"{first.url}/history/{ids[0]}", timeout=60).json()):
            time.sleep(0.02)
    while service.engine.jobs():  # the engine goes on without the service
        time.sleep(0.02)
    with RunningService(tmp_path, service.engine) as second:
        assert requests.get(f"{second.url}/history/{ids[0]}", timeout=60).json() == ended
        for body in bodies:
            answer = requests.post(f"{second.url}/prompt", json=body, timeout=60).json()
            assert answer["prompt_id"] == body["prompt_id"]
        deadline = time.monotonic() + 120
        while len(found := requests.get(f"{second.url}/history", timeout=60).json()) < len(ids):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert {entry["status"]["status_str"] for entry in found.values()} == {"success"}
    gallery = service.context.gallery
    assert [len(gallery.by_seed(70 + number)) for number in range(3)] == [1, 1, 1]


def test_a_full_queue(service: RunningService, tmp_path: Path) -> None:
    with RunningService(tmp_path, service.engine, max_waiting=2) as small:
        running = requests.post(
            f"{small.url}/prompt", json={"prompt": turbo(steps=200)}, timeout=60
        )
        requests.post(f"{small.url}/prompt", json={"prompt": turbo(seed=6)}, timeout=60)
        refused = requests.post(f"{small.url}/prompt", json={"prompt": turbo(seed=7)}, timeout=60)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 20
        assert refused.json()["error"]["type"] == "queue-full"
        requests.post(f"{small.url}/queue", json={"clear": True}, timeout=60)
        requests.post(f"{small.url}/interrupt", timeout=60)
        prompt_id = running.json()["prompt_id"]
        while not requests.get(f"{small.url}/history/{prompt_id}", timeout=60).json():
            time.sleep(0.05)


def test_jobs(client: Client) -> None:
    done = client.run(turbo(seed=1))
    (job,) = client.get("/api/jobs?status=completed,failed&limit=1&sort_by=created_at").json()[
        "jobs"
    ]
    assert job["preview_output"]["nodeId"] == "9"
    assert job["preview_output"]["mediaType"] == "images"
    assert job["outputs_count"] == 1
    whole = client.get(f"/api/jobs/{job['id']}").json()
    assert whole["outputs"] == done["outputs"]
    assert whole["execution_status"] == done["status"]
    assert whole["workflow"]["prompt"] == done["prompt"][2]
    missing = client.get("/api/jobs/nope")
    assert (missing.status_code, missing.json()) == (404, {"error": "Job not found"})
    bad = client.get("/api/jobs?limit=x")
    assert (bad.status_code, bad.json()) == (400, {"error": "limit must be an integer"})
    for query in ("sort_by=x", "sort_order=x", "status=x", "offset=-1"):
        assert client.get("/api/jobs?" + query).status_code == 400

    running = client.prompt(turbo(steps=200, seed=2)).json()["prompt_id"]
    waiting = client.prompt(turbo(seed=3)).json()["prompt_id"]
    assert client.get("/api/jobs?status=pending").json()["jobs"][0]["id"] == waiting
    answer = client.post("/api/jobs/cancel", json={"job_ids": [waiting, running]})
    assert answer.json() == {"cancelled": True}
    assert client.ended(running)["status"]["status_str"] == "error"
    assert client.get(f"/api/jobs/{running}").json()["status"] == "cancelled"
    assert client.post(f"/api/jobs/{running}/cancel").json() == {"cancelled": False}


def test_jobs_of_api_v2(client: Client) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"workflow": turbo(seed=4), "extra_data": {"api_key_comfy_org": "secret"}}
    first = client.post("/api/v2/jobs", json=body, headers=key)
    assert first.status_code == 201
    job = first.json()
    assert job["status"] in ("queued", "running")
    assert job["urls"]["self"] == f"{client.url}/api/v2/jobs/{job['id']}"
    again = client.post("/api/v2/jobs", json=body, headers=key).json()
    assert again["id"] == job["id"]
    client.ended(job["id"])
    done = client.get(f"/api/v2/jobs/{job['id']}").json()
    assert done["status"] == "succeeded"
    (output,) = done["outputs"]
    assert client.session.get(output["url"], timeout=60).content.startswith(b"\x89PNG")
    assert "secret" not in client.get(f"/history/{job['id']}").text
    below = requests.get(f"{client.url}/t/{client.token}/api/v2/jobs/{job['id']}", timeout=60)
    assert requests.get(below.json()["outputs"][0]["url"], timeout=60).ok  # by the same path

    refused = client.post("/api/v2/jobs", json={"workflow": {"1": {"class_type": "Nope"}}})
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "invalid_workflow"
    asset = {"__type": "core/ASSET", "info": {"id": "nope"}}
    unknown = {"1": {"class_type": "LoadImage", "inputs": {"image": asset}}}
    assert client.post("/api/v2/jobs", json={"workflow": unknown}).status_code == 422
    assert client.get("/api/v2/jobs/nope").json()["error"]["code"] == "not_found"
    assert requests.get(f"{client.url}/api/v2/jobs", timeout=60).json()["error"]["code"] == (
        "unauthorized"
    )
    running = client.post("/api/v2/jobs", json={"workflow": turbo(steps=200, seed=9)}).json()["id"]
    assert client.post(f"/api/v2/jobs/{running}/cancel").ok
    deadline = time.monotonic() + 60
    while client.get(f"/api/v2/jobs/{running}").json().get("status") in ("queued", "running"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
