"""The server of the settings: as the default engine, and in the doctor's report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import zimg_kernel as zimg
from refusals import refused
from tests.comfy_client.recorded_server import RecordedServer
from tests.comfy_client.test_drawing import PARAMS
from zimg_kernel.cli.doctor_comfy import comfy_line, examine_comfy
from zimg_kernel.cluster.attach import attach
from zimg_kernel.comfy_client import ComfyEngine
from zimg_kernel.engine.default import use_engine


@pytest.fixture
def default(
    server: RecordedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ComfyEngine]:
    """The default engine, with the settings of this server."""
    monkeypatch.setenv("ZIMG_ENGINE", "comfy")
    monkeypatch.setenv("ZIMG_COMFY_URL", server.url)
    monkeypatch.setenv("ZIMG_GALLERY", str(tmp_path / "gallery"))
    before = use_engine(None)
    made = zimg.default_engine()
    assert isinstance(made, ComfyEngine)
    yield made
    made.close()
    use_engine(before)


def test_the_default_engine_draws_at_the_server(
    default: ComfyEngine, server: RecordedServer, tmp_path: Path
) -> None:
    image = zimg.generate("a cat", width=256, height=256, seed=3)
    assert image.params.model == "z-image-turbo"
    assert image.path is not None
    assert image.path.is_relative_to(tmp_path / "gallery")
    assert len(server.posted) == 1
    assert attach(None) is None
    assert default.local.jobs() == []


def test_a_model_named_by_the_settings_is_the_default(
    default: ComfyEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZIMG_MODEL", "z-image")
    assert default.default_model() == "z-image"
    default.prepare()
    with refused("comfy-without-field", "embedding_noise"):
        zimg.submit(PARAMS, embedding_noise=0.1)


def test_the_doctor_says_whether_the_server_answers(
    server: RecordedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fix: list[str] = []
    assert examine_comfy(fix) is None
    monkeypatch.setenv("ZIMG_COMFY_URL", server.url)
    found = examine_comfy(fix)
    assert found is not None
    assert found["models"] == ["z-image-turbo", "z-image"]
    assert "ComfyUI 0.33.0, cuda (cuda:0 NVIDIA H200)" in comfy_line(found)
    assert fix == []
    server.faults.token = "Bearer other"
    for bad in (server.url, "http://127.0.0.1:9", "ftp://x"):
        monkeypatch.setenv("ZIMG_COMFY_URL", bad)
        found = examine_comfy(fix)
        assert found is not None
        assert not found["answers"]
        assert comfy_line(found)
    assert len(fix) == 3
