"""Servers that are slow, busy, gone, back again, or answer with errors."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from refusals import refused
from tests.comfy_client.recorded_server import RecordedServer
from tests.comfy_client.test_drawing import PARAMS
from zimg_kernel import Gallery
from zimg_kernel.comfy_client import ComfyEngine
from zimg_kernel.engine.events import Step
from zimg_kernel.errors import OutOfMemory, ZimgError


def test_a_socket_dropped_midway_is_opened_again_and_its_picture_comes(
    comfy: ComfyEngine, server: RecordedServer
) -> None:
    server.faults.drop_at, server.faults.step_seconds = 2, 0.1
    job = comfy.submit(PARAMS.replace(steps=20))
    steps = [event.step for event in job.events(60) if isinstance(event, Step)]
    assert job.result().seed == 7
    assert len(server.posted) == 1
    assert steps == sorted(set(steps))
    assert {1, 2, 20} <= set(steps)  # what was told meanwhile is lost


def test_a_server_that_dies_midway_and_comes_back_draws_the_picture_again(
    comfy: ComfyEngine, server: RecordedServer
) -> None:
    server.faults.die_at = 2
    job = comfy.submit(PARAMS.replace(count=2))
    while server.faults.die_at is not None:
        assert not job.wait(0.01)
    assert not job.wait(0.3)
    server.start()
    assert [image.seed for image in job.results(60)] == [7, 8]
    assert len(server.posted) == 3
    assert len({posted["prompt_id"] for posted in server.posted}) == 2
    assert comfy.gallery is not None
    assert len(comfy.gallery) == 2


def test_a_server_that_dies_again_and_again_is_not_asked_for_ever(
    comfy: ComfyEngine, server: RecordedServer
) -> None:
    server.faults.die_at = 2
    job = comfy.submit(PARAMS.replace(steps=20))
    for more in (2, 2, None):
        while server.faults.die_at is not None:
            assert not job.wait(0.01)
        job.wait(0.1)
        server.faults.die_at = more
        server.start()
    with refused("comfy-died", None, ZimgError):
        job.results(60)


def test_a_server_that_stays_away_is_given_up_and_can_be_cancelled(server: RecordedServer) -> None:
    engine = ComfyEngine(server.url, timeout=2)
    server.faults.die_at = 2
    job = engine.submit(PARAMS)
    with refused("comfy-unreachable", "ZIMG_COMFY_URL", ZimgError):
        job.results(60)
    engine.server.timeout = 60
    job = engine.submit(PARAMS)
    assert not job.wait(0.3)
    job.cancel()
    assert job.wait(60)
    assert job.status == "cancelled"
    with refused("comfy-unreachable", "ZIMG_COMFY_URL", ZimgError):
        ComfyEngine(server.url).submit(PARAMS)
    engine.close()


def test_a_server_that_is_away_has_no_models_and_no_memory(server: RecordedServer) -> None:
    server.stop()
    engine = ComfyEngine(server.url)
    statuses = engine.models()
    assert not any(status.ready for status in statuses)
    assert all(status.remedy for status in statuses)
    assert engine.default_model() == "z-image-turbo"
    assert engine.resources().memory == ()
    engine.prepare()


def test_a_busy_server_is_asked_again(comfy: ComfyEngine, server: RecordedServer) -> None:
    server.faults.status = {"/prompt": (429, 2), "/history": (503, 1), "/view": (502, 1)}
    assert comfy.submit(PARAMS).result(60).seed == 7
    assert len(server.posted) == 1


def test_an_answer_that_is_lost_is_not_asked_for_twice(
    comfy: ComfyEngine, server: RecordedServer
) -> None:
    comfy.submit(PARAMS.replace(seed=1)).result(60)
    comfy.server.timeout = 2
    server.faults.pauses = {"/prompt": 3}
    server.faults.step_seconds = 0.4
    job = comfy.submit(PARAMS)
    job.wait(2.4)
    server.faults.pauses = {}
    assert job.result(60).seed == 7
    ids = [posted["prompt_id"] for posted in server.posted[1:]]
    assert len(set(ids)) == 1
    assert len(server.files) == 2


@pytest.mark.parametrize(
    ("status", "code", "field"),
    [
        (401, "comfy-not-allowed", "ZIMG_COMFY_TOKEN"),
        (404, "comfy-not-there", "ZIMG_COMFY_URL"),
        (302, "comfy-moved", "ZIMG_COMFY_URL"),
        (500, "comfy-refused", None),
    ],
)
def test_answers_that_mean_no_become_one_sentence(
    comfy: ComfyEngine, server: RecordedServer, status: int, code: str, field: str | None
) -> None:
    server.faults.status = {"/prompt": (status, 1)}
    with refused(code, field, ZimgError):
        comfy.submit(PARAMS).results(60)


def test_a_model_that_goes_away_meanwhile_is_the_servers_own_error(
    comfy: ComfyEngine, server: RecordedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    comfy.submit(PARAMS).wait(60)
    lists = "tests.comfy_client.recorded_server.LISTS"
    monkeypatch.setitem(sys.modules[lists.rpartition(".")[0]].LISTS, "UNETLoader",
                        {"unet_name": ["other.safetensors"]})  # fmt: skip
    with refused("comfy-invalid", "model"):
        comfy.submit(PARAMS).results(60)
    with refused("weights-missing", "model", ZimgError):  # by now it has been asked again
        comfy.submit(PARAMS)


def test_a_node_that_an_old_server_lacks_is_named(
    comfy: ComfyEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = sys.modules["tests.comfy_client.recorded_server"].KNOWN
    monkeypatch.setattr("tests.comfy_client.recorded_server.KNOWN", known - {"VAEDecode"})
    with refused("comfy-node-missing"):
        comfy.submit(PARAMS).results(60)


@pytest.mark.parametrize(
    ("kind", "text", "code", "wanted"),
    [
        ("RuntimeError", "sizes of tensors must match", "comfy-failed", ZimgError),
        ("torch.OutOfMemoryError", "Allocation on device", "out-of-memory", OutOfMemory),
    ],
)
def test_an_exception_of_a_node_is_told(
    comfy: ComfyEngine,
    server: RecordedServer,
    kind: str,
    text: str,
    code: str,
    wanted: type[Exception],
) -> None:
    server.faults.error = kind, text
    job = comfy.submit(PARAMS)
    with refused(code, "width" if wanted is OutOfMemory else None, wanted):
        job.results(60)
    server.faults.error = None
    assert comfy.submit(PARAMS).result(60).seed == 7


def test_a_slow_server_is_waited_for(comfy: ComfyEngine, server: RecordedServer) -> None:
    server.faults.pauses = {"/prompt": 0.3, "/history": 0.3, "/view": 0.3}
    assert comfy.submit(PARAMS).result(60).seed == 7


def test_a_picture_that_was_deleted_at_the_server_is_written_there_again(
    comfy: ComfyEngine, server: RecordedServer
) -> None:
    server.faults.forgets_files = 1
    assert comfy.submit(PARAMS).result(60).seed == 7
    assert len(server.posted) == 2


def test_a_damaged_picture_is_no_picture(comfy: ComfyEngine, server: RecordedServer) -> None:
    server.faults.damages_files = 1
    job = comfy.submit(PARAMS.replace(width=512, height=512))
    with refused("comfy-picture-damaged", None, ZimgError):
        job.results(60)
    assert comfy.gallery is not None
    assert len(comfy.gallery) == 0


def test_what_a_killed_process_had_begun_is_found_at_the_server(
    comfy: ComfyEngine, server: RecordedServer
) -> None:
    assert comfy.gallery is not None
    server.faults.step_seconds = 0.1
    code = (
        "import sys\n"
        "from zimg_kernel import Gallery, GenerationParams\n"
        "from zimg_kernel.comfy_client import ComfyEngine\n"
        "engine = ComfyEngine(sys.argv[1], gallery=Gallery(sys.argv[2]))\n"
        "job = engine.submit(GenerationParams.from_json(sys.argv[3]))\n"
        "next(e for e in job.events() if type(e).__name__ == 'Step')\n"
        "assert 'torch' not in sys.modules\n"
        "print('drawing', flush=True)\n"
        "job.wait()\n"
    )
    folder = str(comfy.gallery.folder)
    command = [sys.executable, "-c", code, server.url, folder, PARAMS.replace(steps=12).to_json()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "drawing\n"
        process.kill()
    (left,) = comfy.interrupted()
    job = comfy.resume(left.id)
    assert job is not None
    image = job.result(60)
    assert image.job == {"id": left.id, "index": 0}
    assert len(server.posted) == 1  # drawn once
    assert comfy.interrupted() == []


def test_a_process_that_ends_leaves_no_prompt_behind(
    server: RecordedServer, tmp_path: Path
) -> None:
    server.faults.step_seconds = 0.05
    engine = ComfyEngine(server.url, gallery=Gallery(tmp_path))
    jobs = [engine.submit(PARAMS.replace(steps=200, seed=seed)) for seed in (1, 2)]
    next(event for event in jobs[0].events(60) if isinstance(event, Step))
    closing = threading.Thread(target=engine.close)
    closing.start()
    closing.join(30)
    assert [job.status for job in jobs] == ["cancelled", "cancelled"]
    assert (server.running, server.waiting) == (None, [])
