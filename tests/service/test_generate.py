"""Pictures by requests and curl: as bytes, as an address, by edits; odd requests refused."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests

from zimg_kernel import GenerationParams
from zimg_kernel.images.metadata import read_record

from .running import RunningService
from .small import SMALL, circle, half_mask, opened, png


def _error(answer: requests.Response) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["field"]


def test_a_png_with_its_parameters_comes_back(service: RunningService, tmp_path: Path) -> None:
    answer = service.post("/v1/generate", json=circle(7, negative_prompt=None))
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "image/png"
    assert opened(answer.content).size == (128, 128)
    assert answer.headers["X-Zimg-Seed"] == "7"
    assert json.loads(answer.headers["X-Zimg-Parameters"])["steps"] == 1
    (tmp_path / "a.png").write_bytes(answer.content)
    assert read_record(tmp_path / "a.png")["params"]["prompt"] == "a red circle"


def test_a_random_seed_is_reported(service: RunningService) -> None:
    seeds = {service.post("/v1/generate", json=circle(-1)).headers["X-Zimg-Seed"] for _ in range(2)}
    assert len(seeds) == 2
    assert "-1" not in seeds


def test_an_address_comes_back_that_works_without_a_token(service: RunningService) -> None:
    told = service.post("/generate", json=circle(8)).json()
    assert told["status"] == "success"
    found = requests.get(told["image_url"], timeout=10)
    assert opened(found.content).size == (128, 128)
    wrong = told["image_url"][:-1] + ("0" if told["image_url"][-1] != "0" else "1")
    assert requests.get(wrong, timeout=10).status_code == 401
    late = told["image_url"].replace("until=", "until=9")
    assert requests.get(late, timeout=10).status_code == 401


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_needs_no_content_type(service: RunningService, tmp_path: Path) -> None:
    command = ["curl", "-sS", "--fail", "-H", f"Authorization: Bearer {service.token}", "-d",
               json.dumps(circle(9)), "-o", str(tmp_path / "a.png"),
               f"{service.url}/v1/generate"]  # fmt: skip
    subprocess.run(command, check=True, timeout=60)
    assert opened((tmp_path / "a.png").read_bytes()).format == "PNG"


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({}, "missing-parameter", "prompt"),
        ({"prompt": ""}, "empty-prompt", "prompt"),
        ({"prompt": "x", "steps": 0}, "out-of-range", "steps"),
        ({"prompt": "x", "steps": True}, "wrong-type", "steps"),
        ({"prompt": "x", "seed": 2**70}, "out-of-range", "seed"),
        ({"prompt": "x", "width": 100}, "not-a-multiple", "width"),
        ({"prompt": "x", "width": 16384, "height": 16384}, "picture-too-large", "width"),
        ({"prompt": "x", "count": 2}, "count-not-one", "count"),
        ({"prompt": "x" * 9000}, "prompt-too-long", "prompt"),
        ({"prompt": "x", "stpes": 3}, "unknown-parameter", "stpes"),
        ({"prompt": "a red\0circle"}, "invalid-characters", "prompt"),
        ({"prompt": "\u202e \ufeff"}, "empty-prompt", "prompt"),
        ({"prompt": "a naked child"}, "forbidden-word", "prompt"),
        ({"prompt": "x", "loras": ["/etc/passwd"]}, "unknown-lora", "loras"),
    ],
)
def test_odd_requests_are_refused_by_name(
    service: RunningService, fields: dict[str, Any], code: str, field: str
) -> None:
    assert _error(service.post("/v1/generate", json=fields)) == (400, code, field)


def test_an_unknown_model_is_not_found(service: RunningService) -> None:
    answer = service.post("/v1/generate", json=circle(model="../secret"))
    assert _error(answer) == (404, "unknown-model", "model")
    assert str(Path.home()) not in answer.text


def test_too_many_are_told_to_come_again(service: RunningService, tmp_path: Path) -> None:
    with RunningService(tmp_path, service.engine, max_waiting=1, time_limit=0.05) as small:
        first = small.post("/v1/generate", json=circle(30, steps=200))
        assert _error(first)[:2] == (504, "time-limit")
        second = small.post("/v1/generate", json=circle(31))
        assert _error(second)[:2] == (429, "queue-full")
        assert 1 <= int(second.headers["Retry-After"]) <= 20
        assert small.get("/readyz").status_code == 503
        job = first.json()["error"]["message"].split("/")[-1].split()[0]
        assert small.post(f"/v1/jobs/{job}/cancel").json() == {"cancelled": True}


def test_a_quota_is_kept(service: RunningService, tmp_path: Path) -> None:
    with RunningService(tmp_path, service.engine, pictures_per_day=2) as small:
        jobs = [small.post("/v1/jobs", json=circle(seed)) for seed in range(3)]
        assert [job.status_code for job in jobs] == [202, 202, 429]
        assert jobs[2].headers["x-should-retry"] == "false"
        for job in jobs[:2]:
            small.post(f"/v1/jobs/{job.json()['id']}/cancel")


def test_a_repeated_key_is_the_same_picture(service: RunningService) -> None:
    headers = {**service.headers, "Idempotency-Key": "order-1"}
    answers = [
        requests.post(f"{service.url}/v1/generate", json=circle(-1), headers=headers, timeout=60)
        for _ in range(2)
    ]
    assert answers[0].content == answers[1].content
    other = requests.post(f"{service.url}/v1/generate", json=circle(3), headers=headers, timeout=60)
    assert _error(other)[:2] == (422, "key-reused")


@pytest.mark.parametrize(
    ("fields", "files"),
    [
        ({"kind": "img2img", "prompt": "a blue circle", "strength": "0.5"}, ("image",)),
        ({"kind": "inpaint", "prompt": "a blue square"}, ("image", "mask")),
        ({"kind": "instruct", "prompt": "make the circle blue"}, ("image",)),
    ],
    ids=["img2img", "inpaint", "instruct"],
)
def test_uploads_are_changed(
    service: RunningService, fields: dict[str, str], files: tuple[str, ...]
) -> None:
    uploads = {"image": ("../../../x.png", png()), "mask": ("m", half_mask())}
    answer = service.post(
        "/v1/edits", data={**fields, "steps": "2", "seed": "1"},
        files={name: uploads[name] for name in files},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert opened(answer.content).size[0] >= 128


@pytest.mark.parametrize(
    ("fields", "files", "code"),
    [
        ({"kind": "melt"}, {"image": png()}, "unknown-choice"),
        ({"prompt": "x"}, {}, "no-form"),
        ({"prompt": "x"}, {"picture": png()}, "missing-upload"),
        ({"prompt": "x"}, {"image": b"GIF89a"}, "picture-unreadable"),
        ({"prompt": "x", "strength": "nan"}, {"image": png()}, "wrong-type"),
        ({"prompt": "x", "left": "3"}, {"image": png()}, "unknown-parameter"),
        ({"prompt": "x"}, {"image": png("L", (9000, 9000), 0)}, "picture-too-large"),
    ],
)
def test_odd_uploads_are_refused(
    service: RunningService, fields: dict[str, str], files: dict[str, bytes], code: str
) -> None:
    answer = service.post(
        "/v1/edits", **({"data": fields, "files": files} if files else {"json": fields})
    )
    assert _error(answer)[:2] == (400, code)


def test_the_gallery_is_searched(service: RunningService) -> None:
    service.post("/v1/generate", json=circle(40, prompt="two green stars"))
    found = service.get("/v1/gallery", params={"text": "green stars", "limit": 5}).json()
    assert found["total"] >= 1
    one = found["pictures"][0]
    assert (one["prompt"], one["width"]) == ("two green stars", 128)
    thumbnail = requests.get(one["thumbnail"], headers=service.headers, timeout=10)
    assert opened(thumbnail.content).format == "JPEG"
    record = service.get(f"/v1/gallery/parameters/{one['name']}").json()
    assert GenerationParams.from_dict(record["params"]).steps == SMALL["steps"]


@pytest.mark.parametrize(
    "name", ["../service/tokens.json", "..%2fservice%2ftokens.json", ".queue.sqlite",
             "index.sqlite", "%00.png", "/etc/passwd", "a" * 600],
)  # fmt: skip
def test_only_pictures_are_handed_out(service: RunningService, name: str) -> None:
    session = requests.Session()
    for path in ("/static/", "/v1/gallery/parameters/", "/v1/gallery/thumbnail/"):
        request = requests.Request("GET", service.url, headers=service.headers).prepare()
        request.url = service.url + path + name  # as it stands: requests would tidy it
        assert session.send(request, timeout=10).status_code in (400, 404)
