"""Pictures drawn at our own service by ComfyUI's API, with faults, over the miniature."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import surroundings
from comfy_service import ComfyService
from refusals import refused
from zimg_kernel import Gallery, GeneratedImage, GenerationParams, LocalEngine
from zimg_kernel.comfy_client import ComfyEngine, drawing
from zimg_kernel.comfy_client.feed import Feed
from zimg_kernel.engine.events import Step
from zimg_kernel.errors import ZimgError

pytestmark = pytest.mark.slow

PARAMS = GenerationParams(
    prompt="a red circle", model="nano-turbo", width=128, height=128, steps=4, seed=7
)


@pytest.fixture(scope="module")
def service() -> Iterator[ComfyService]:
    made = ComfyService()
    yield made
    made.stop()


@pytest.fixture
def comfy(service: ComfyService, tmp_path: Path) -> Iterator[ComfyEngine]:
    made = service.engine(tmp_path / "gallery")
    yield made
    made.close()


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> GeneratedImage:
    """The picture as this process draws it."""
    engine = LocalEngine()
    image = engine.submit(PARAMS.replace(steps=120)).result(120)
    engine.close()
    return image


def _same(one: GeneratedImage, other: GeneratedImage) -> bool:
    return bool((np.asarray(one.image) == np.asarray(other.image)).all())


def test_a_picture_is_the_same_after_its_socket_was_dropped(
    comfy: ComfyEngine, wanted: GeneratedImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds: list[Feed] = []

    class Kept(Feed):
        def __enter__(self) -> Feed:
            feeds.append(self)
            return super().__enter__()

    monkeypatch.setattr(drawing, "Feed", Kept)
    job = comfy.submit(PARAMS.replace(steps=120))
    steps = []
    for event in job.events(120):
        if isinstance(event, Step):
            steps.append(event.step)
            if len(steps) == 5:
                assert feeds[0]._socket is not None
                feeds[0]._socket.socket.shutdown(socket.SHUT_RDWR)
    image = job.result()
    assert feeds[0].losses == 1
    assert steps == sorted(set(steps))
    assert steps[-1] > 5
    assert _same(image, wanted)
    assert image.device.startswith("ComfyUI ")
    read = GeneratedImage.open(image.path or "")
    assert read.params == image.params
    assert len(read.versions["ComfyUI file"]) == 64


def test_a_wrong_token_is_told(service: ComfyService) -> None:
    with refused("comfy-not-allowed", "ZIMG_COMFY_TOKEN", ZimgError):
        ComfyEngine(service.running.url, "wrong").submit(PARAMS)


@contextlib.contextmanager
def _serving(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ``zimg serve`` that answers."""
    command = [sys.executable, "-m", "zimg_kernel", "serve", "--port", str(port)]
    environment = surroundings.environment(home) | {"ZIMG_ENGINE": "local"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 120
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait(60)


def test_a_service_that_is_killed_midway_and_started_again_draws_the_picture_once(
    tmp_path: Path, wanted: GeneratedImage
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    engine = ComfyEngine(f"http://127.0.0.1:{port}", timeout=120, gallery=Gallery(tmp_path / "g"))
    with _serving(tmp_path, port) as process:
        job = engine.submit(PARAMS.replace(steps=120))
        next(event for event in job.events(120) if isinstance(event, Step))
        os.kill(process.pid, signal.SIGKILL)
        process.wait(60)
        assert not job.wait(0.2)
    with _serving(tmp_path, port):
        image = job.result(120)
        assert _same(image, wanted)
        assert engine.gallery is not None
        assert len(engine.gallery) == 1
        drawn = Gallery(tmp_path / "home" / "gallery")
        assert len(drawn) == 1
        engine.close()
