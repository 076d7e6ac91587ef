"""What the doctor tells of speed, and of what of a model stays on a card of some memory."""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from cli.conftest import Run
from zimg_kernel import get_card
from zimg_kernel.cli.doctor_speed import examine_speed, speed_lines, what_stays
from zimg_kernel.models.load_profile import LoadProfile

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from full_size_model import ENCODER, TRANSFORMER, VAE


@pytest.fixture(scope="module")
def full_size(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of full size whose tensors are holes in files: only headers are read of it."""
    from diffusers import AutoencoderKL, ZImageTransformer2DModel
    from transformers import Qwen3Config, Qwen3Model

    folder = tmp_path_factory.mktemp("holes")
    with torch.device("meta"):
        parts = {
            "transformer": (ZImageTransformer2DModel(**TRANSFORMER), TRANSFORMER),
            "text_encoder": (Qwen3Model(Qwen3Config(**ENCODER)), ENCODER),
            "vae": (AutoencoderKL(**VAE), VAE),
        }
    index = {}
    for name, (module, config) in parts.items():
        (folder / name).mkdir()
        (folder / name / "config.json").write_text(json.dumps(config))
        encoder = name == "text_encoder"
        write_holes(folder / name / f"{'' if encoder else 'diffusion_pytorch_'}model.safetensors",
                    module.state_dict())  # fmt: skip
        index[name] = ["transformers" if encoder else "diffusers", type(module).__name__]
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def write_holes(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    header: dict[str, Any] = {}
    end = 0
    for name, value in tensors.items():
        start, end = end, end + 2 * value.numel()
        header[name] = {"dtype": "BF16", "shape": list(value.shape), "data_offsets": [start, end]}
    written = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(written)) + written)
        file.truncate(file.tell() + end)


def stays(folder: Path, speed: str, gigabytes: float) -> dict[str, Any]:
    profile = LoadProfile("bfloat16", speed=speed)  # type: ignore[arg-type]
    room = gigabytes * 1e9
    return what_stays(get_card("z-image-turbo"), folder, profile, room - 0.95e9, room)


def test_what_of_a_model_stays_for_a_memory(full_size: Path) -> None:
    whole = stays(full_size, "exact", 30)
    assert whole["stays"] == "all"
    assert 20 < whole["peak_gb"] < 26
    found = [stays(full_size, "exact", gigabytes) for gigabytes in (16, 12, 8, 6)]
    assert [one["stays"] for one in found] == ["some"] * 4
    kept = [one["blocks"] + one["encoder_layers"] for one in found]
    assert kept == sorted(kept, reverse=True)
    for one, gigabytes in zip(found, (16, 12, 8, 6), strict=True):
        assert one["peak_gb"] <= gigabytes
    assert stays(full_size, "exact", 3)["stays"] == "none"
    assert stays(full_size, "stock", 16)["stays"] == "turns"
    assert stays(full_size, "stock", 8)["stays"] == "none"


def test_the_lines_are_plain_in_both_languages(full_size: Path) -> None:
    models = {f"m{g}": stays(full_size, "exact", g) for g in (30, 12, 3)}
    models["m16"] = stays(full_size, "stock", 16)
    found = {"asked": "auto", "profile": "exact", "memory_gb": 12.0, "triton": True,
             "attention": "cuDNN", "hopper": True, "fp8": True, "models": models}  # fmt: skip
    english, chinese = speed_lines(found, "en"), speed_lines(found, "zh")
    assert len(english) == len(chinese) == 5
    assert "pip install fa3-fwd" in english[0]
    assert "ZIMG_MEMORY=12GB" in english[0]
    assert english[1].strip().startswith("m30: all of it stays")
    assert f"{models['m12']['blocks']} blocks" in english[2]
    assert all(any("一" <= c <= "鿿" for c in line) for line in chinese)
    assert not any("{" in line for line in english + chinese)


def test_a_cpu_draws_by_stock_modules(zimg: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    card = get_card("nano-turbo")
    found = examine_speed(torch.device("cpu"), {"nano-turbo": (card, None)})
    assert found == {"asked": "auto", "profile": "stock", "memory_gb": None, "models": {}}
    assert "faster kernels" in speed_lines(found, "en")[0]
    assert "faster kernels" not in speed_lines({**found, "asked": "stock"}, "en")[0]
    assert "Triton" in speed_lines({**found, "triton": False}, "en")[0]
    assert "Speed     stock" in zimg("doctor").stdout
    monkeypatch.setenv("ZIMG_LANGUAGE", "zh")
    assert "速度      stock" in zimg("doctor").stdout
    monkeypatch.setenv("ZIMG_SPEED", "faster")
    said = json.loads(zimg("doctor", "--json").stdout)
    assert said["speed"] is None
    assert [line for line in said["fix"] if line.startswith("ZIMG_SPEED=faster")]
