"""Pictures by onnxruntime: those of torch, in edits, too; and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from refusals import refused
from zimg_kernel import GenerationParams, LocalEngine, get_card
from zimg_kernel.cli.export import export as command
from zimg_kernel.edit import img2img, inpaint
from zimg_kernel.engine import use_engine
from zimg_kernel.errors import OutOfMemory, ZimgError
from zimg_kernel.models.load_profile import LoadProfile, profile_of
from zimg_kernel.models.loading import ModelStore, load_model
from zimg_kernel.models.weights import require_weights

pytest.importorskip("onnxscript")

from zimg_kernel.speed.onnx import export as exporting
from zimg_kernel.speed.onnx.manifest import read

CPU = torch.device("cpu")
FIELDS = {"prompt": "a red circle", "seed": 3, "steps": 3, "model": "nano-turbo"}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, cache: Path) -> Iterator[LocalEngine]:
    monkeypatch.setenv("ZIMG_CACHE", str(cache))
    monkeypatch.setenv("ZIMG_RUNTIME", "onnx")
    engine = LocalEngine()
    before = use_engine(engine)
    yield engine
    use_engine(before)
    engine.close()


@pytest.mark.slow
def test_pictures_and_edits_are_those_of_torch(
    engine: LocalEngine, lesson: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Image.new("RGB", (128, 128), "navy")
    mask = Image.new("L", (128, 128))
    mask.paste(255, (32, 32, 96, 96))

    def pictures() -> list[Any]:
        small = {"width": 128, "height": 160}
        guided = {**FIELDS, **small, "model": "nano-base", "guidance": 3.0}
        return [
            engine.submit(GenerationParams(**FIELDS, **small)).result(300),
            engine.submit(GenerationParams(**guided, negative_prompt="a star")).result(300),
            img2img(source, strength=0.7, **FIELDS).result(100),
            inpaint(source, mask, **FIELDS).result(100),
        ]

    made = pictures()
    assert "onnxruntime" in made[0].device
    loras = GenerationParams(**FIELDS, loras=((str(lesson), 1.0),))
    with refused("lora-not-supported", "loras"):
        engine.submit(loras).result(100)
    engine.unload()
    monkeypatch.setenv("ZIMG_RUNTIME", "torch")
    for found, expected in zip(made, pictures(), strict=True):
        assert "onnxruntime" not in expected.device
        difference = np.asarray(found.image).astype(int) - np.asarray(expected.image)
        assert np.abs(difference).max() <= 1


@pytest.mark.slow
def test_command_writes_a_folder_once(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZIMG_CACHE", str(cache))
    arguments = ["onnx", "nano-turbo", "--int8", "--output", str(tmp_path / "made")]
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    folder = Path(done.stdout.strip())
    assert folder == tmp_path / "made"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["model"], manifest["precision"]) == ("nano-turbo", "int8")
    assert (folder / "tokenizer").is_dir()
    assert manifest["parts"]["transformer"]["bytes"] < 24e6  # 47 MB in fp32
    found = read(folder)
    assert found is not None
    again = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert again.stderr == ""  # nothing is exported anew
    (folder / "transformer" / "model.onnx").write_bytes(b"cut off")
    assert read(folder) is None


def test_refusals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = get_card("nano-turbo")
    folder = require_weights(card)
    say: list[str] = []
    with refused("model-not-exportable", "model"):
        omni = get_card("nano-edit")
        exporting.export(omni, require_weights(omni), say.append, output=tmp_path / "a")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "letter.txt").write_text("mine")
    with refused("folder-not-empty", "output"):
        exporting.export(card, folder, say.append, output=tmp_path / "b")
    with monkeypatch.context() as patch:
        patch.setattr(exporting, "free_disk", lambda _: 10)
        with refused("disk-full", "output", ZimgError):
            exporting.export(card, folder, say.append, output=tmp_path / "c")
    with monkeypatch.context() as patch:
        patch.setattr(exporting.devices, "free_bytes", lambda _: 10)
        with refused("out-of-memory", "model", OutOfMemory):
            exporting.export(card, folder, say.append, output=tmp_path / "c")
    with refused("package-missing", "onnx", ZimgError):
        exporting.require_packages(("onnx", "no_such_package"))
    assert not say
    assert not (tmp_path / "c").exists()


def test_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    card, omni, cuda = get_card("nano-turbo"), get_card("nano-edit"), torch.device("cuda")
    monkeypatch.setenv("ZIMG_RUNTIME", "onnx-int8")
    profile = profile_of(card, CPU)
    assert profile == LoadProfile("float32", runtime="onnx-int8")
    assert profile.description.endswith("int8")
    assert profile_of(omni, CPU).runtime == "torch"
    with refused("profile-not-possible", "runtime"):
        profile_of(card, cuda).require_possible(card, cuda)
    with refused("profile-not-possible", "runtime"):
        ModelStore(CPU).get(omni, require_weights(omni), profile)
    with refused("lora-not-supported", "loras"):
        profile.require_loras(card)
    monkeypatch.setenv("ZIMG_RUNTIME", "coreml")
    with refused("unknown-choice", "ZIMG_RUNTIME"):
        profile_of(card, CPU)


@pytest.mark.slow
def test_control_maps_are_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from zimg_kernel.z_image.family import ZImage

    monkeypatch.setenv("ZIMG_CACHE", str(cache))
    card = get_card("nano-turbo")
    profile = LoadProfile("float32", runtime="onnx")
    model = load_model(card, require_weights(card), CPU, {}, offload=False, profile=profile)
    assert sum(value.numel() for value in model.pipe.transformer.parameters()) == 0
    with refused("control-not-supported", "kind"):
        ZImage().load_controlnet(model, Path("controlnet"))
