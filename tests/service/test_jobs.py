"""Jobs: submitted, followed, cancelled, told to others; each caller sees its own."""

from __future__ import annotations

import json
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import requests

from .running import RunningService
from .small import circle


def _events(service: RunningService, job: str, **params: Any) -> list[tuple[str, dict[str, Any]]]:
    text = service.get(f"/v1/jobs/{job}/events", params=params).text
    blocks = [block for block in text.split("\n\n") if block.startswith("id: ")]
    pairs = [block.split("\n", 1)[1].split("\ndata: ") for block in blocks]
    return [(name.removeprefix("event: "), json.loads(data)) for name, data in pairs]


def test_a_job_is_followed_to_its_end(service: RunningService) -> None:
    answer = service.post("/v1/jobs", json=circle(50, count=2, steps=2))
    assert answer.status_code == 202
    job = answer.json()["id"]
    events = _events(service, job)
    names = [name for name, _ in events if name != "warning"]
    assert names[:2] == ["queued", "started"]
    assert names.count("step") == 4
    assert names.count("picture") == 2
    assert names[-1] == "done"
    assert any((told.get("preview") or "").startswith("data:image/jpeg") for _, told in events)
    assert [one["seed"] for one in events[-1][1]["pictures"]] == [50, 51]
    assert not any("preview" in told for _, told in _events(service, job, preview="false"))
    told = service.get(f"/v1/jobs/{job}").json()
    assert (told["status"], told["progress"]) == ("done", 1.0)
    assert job in [one["id"] for one in service.get("/v1/jobs").json()["jobs"]]
    assert requests.get(told["pictures"][0]["url"], timeout=10).status_code == 200


def test_a_job_of_an_earlier_process_is_told_as_it_was(service: RunningService) -> None:
    job = service.post("/v1/jobs", json=circle(52)).json()["id"]
    _events(service, job)
    told = service.get(f"/v1/jobs/{job}").json()
    with RunningService(service.options.folder.parent, service.engine) as again:
        again.token = service.token
        found = again.get(f"/v1/jobs/{job}").json()
    assert found["status"] == "done"
    assert [one["seed"] for one in found["pictures"]] == [52]
    started, ended = (datetime.fromisoformat(found[name]) for name in ("started", "ended"))
    assert started < ended
    assert started < datetime.fromisoformat(told["ended"])  # not when it was told anew


def test_who_comes_back_is_told_only_what_is_new(service: RunningService) -> None:
    job = service.post("/v1/jobs", json=circle(51, steps=2)).json()["id"]
    url = f"{service.url}/v1/jobs/{job}/events"

    def blocks(last: str = "") -> list[str]:
        headers = {**service.headers, **({"Last-Event-ID": last} if last else {})}
        asked = {"preview": "false"}  # which are kept of the newest step alone
        answer = requests.get(url, asked, headers=headers, timeout=60)
        assert answer.status_code == (200 if answer.text else 204)
        return [block for block in answer.text.split("\n\n") if block.startswith("id: ")]

    every = blocks()
    ids = [block.split("\n")[0].removeprefix("id: ") for block in every]
    assert len(set(ids)) == len(ids)
    assert blocks(ids[1]) == every[2:]
    assert blocks(ids[-1]) == []  # 204: browsers come back no more
    for unknown in ("x", "1", f"{ids[0]}9999", "0000-1"):
        assert blocks(unknown) in (every, [])


def test_a_job_is_cancelled_while_it_is_followed(service: RunningService) -> None:
    job = service.post("/v1/jobs", json=circle(59, steps=200)).json()["id"]
    got = []
    with service.get(f"/v1/jobs/{job}/events", stream=True) as answer:
        for line in answer.iter_lines(decode_unicode=True):
            if line.startswith("event: "):
                got.append(line.removeprefix("event: "))
                if got.count("step") == 1 and got[-1] == "step":
                    assert service.post(f"/v1/jobs/{job}/cancel").json() == {"cancelled": True}
    assert got[-1] == "cancelled"
    assert got.count("step") < 200


def test_a_job_is_cancelled(service: RunningService) -> None:
    job = service.post("/v1/jobs", json=circle(60, steps=150)).json()["id"]
    assert service.post(f"/v1/jobs/{job}/cancel").json() == {"cancelled": True}
    assert _events(service, job)[-1][0] == "cancelled"
    assert service.post(f"/v1/jobs/{job}/cancel").json() == {"cancelled": False}


def test_jobs_of_others_are_not_there(service: RunningService) -> None:
    job = service.post("/v1/jobs", json=circle(61)).json()["id"]
    bob = {"Authorization": f"Bearer {service.secrets['bob']}"}
    for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/cancel"), ("DELETE", "")):
        answer = requests.request(
            method, f"{service.url}/v1/jobs/{job}{path}", headers=bob, timeout=10
        )
        assert answer.json()["error"]["code"] == "unknown-job"
    assert requests.get(f"{service.url}/v1/jobs", headers=bob, timeout=10).json() == {"jobs": []}


def test_who_asked_for_what_is_written_down_and_counted(service: RunningService) -> None:
    carol = {"Authorization": f"Bearer {service.context.tokens.add('carol')}"}

    def days() -> list[dict[str, Any]]:
        answer = requests.get(f"{service.url}/v1/usage", headers=carol, timeout=10)
        return list(answer.json()["days"])

    assert days() == []
    url = f"{service.url}/v1/generate"
    answer = requests.post(url, json=circle(62), headers=carol, timeout=120)
    job = answer.headers["X-Zimg-Job"]
    deadline = time.monotonic() + 60
    while not days():  # the books are kept beside the answer
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (days()[0]["requests"], days()[0]["pictures"]) == (1, 1)
    assert days()[0]["seconds"] > 0
    log = (service.options.folder / "logs" / "audit.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in log.splitlines()]
    mine = [line for line in lines if line.get("job") == job]
    assert [(line["user"], line["what"], line["outcome"]) for line in mine] == [
        ("carol", "submit", "accepted"), ("carol", "end", "done"),
    ]  # fmt: skip
    assert "circle" not in log
    row = 'zimg_http_pictures_total{caller="carol"} 1.0'
    metrics = f"{service.url}/metrics"
    assert row in requests.get(metrics, headers=carol, timeout=10).text
    assert "carol" not in service.get("/metrics").text
    admin = {"Authorization": f"Bearer {service.context.tokens.add('dora', admin=True)}"}
    assert row in requests.get(metrics, headers=admin, timeout=10).text
    seen = requests.get(f"{service.url}/v1/usage", headers=admin, timeout=10).json()["days"]
    assert "carol" in [day["caller"] for day in seen]


def test_a_webhook_tells_of_the_end(service: RunningService, tmp_path: Path) -> None:
    got: list[dict[str, Any]] = []
    arrived = threading.Event()

    class Taker(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()
            arrived.set()

        def log_message(self, *args: object) -> None:
            pass

    taker = HTTPServer(("127.0.0.1", 0), Taker)
    threading.Thread(target=taker.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{taker.server_port}"
    with RunningService(tmp_path, service.engine, hooks=(host,)) as running:
        for wrong in ("http://169.254.169.254/", "file:///etc/passwd", f"http://{host}@evil/",
                      f"http://{host}.evil/", "http://127.0.0.1/", 7):  # fmt: skip
            answer = running.post("/v1/jobs", json=circle(63, webhook=wrong))
            assert answer.json()["error"]["code"] == "hook-not-allowed", wrong
        job = running.post("/v1/jobs", json=circle(63, webhook=f"http://{host}/a?b=c")).json()
        assert arrived.wait(60)
    taker.shutdown()
    assert (got[0]["id"], got[0]["status"]) == (job["id"], "done")
