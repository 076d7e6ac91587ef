"""Load profiles on a CUDA GPU of 40 GB or more: each draws what stock modules draw.

Skipped elsewhere. On a machine with such a GPU (ZIMG_FULL_SIZE may name a folder that is there):

    python -m pytest -o addopts= tests/gpu/test_speed.py

Bounds are those of a picture with random weights, whose noise hides nothing: at 1024 px exact was
47.6 dB from stock and fast 44.5 dB (speed_full_size.py). With ZIMG_GPU_TESTS=miniature the same
tests run with the miniature on any machine, to try the tests themselves.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from zimg_kernel import GeneratedImage, GenerationParams, LocalEngine
from zimg_kernel.edit import img2img, inpaint
from zimg_kernel.models.device import CONTEXT_BYTES

MINIATURE = os.environ.get("ZIMG_GPU_TESTS") == "miniature"
CUDA = torch.cuda.is_available() and torch.cuda.mem_get_info()[1] >= 40e9
MODEL, SIDE = ("nano-turbo", 256) if MINIATURE else ("full", 1024)
PROMPT = "左边一个红色的圆，右边一个蓝色的方块"
ELSE = "a green star"
LIMIT = 8  # GB
PROFILES = ["exact", "fast", f"exact {LIMIT}GB"]
FP32 = 55.0  # dB of the miniature, whose sums differ in their last bits alone

pytestmark = pytest.mark.skipif(not CUDA and not MINIATURE, reason="needs a CUDA GPU of 40 GB")


class Drawings:
    """What each profile draws, with one of them in memory at a time."""

    def __init__(self, home: Path) -> None:
        self._home, self._found = home, {}  # type: ignore[var-annotated]

    def of(self, profile: str) -> dict[str, GeneratedImage]:
        """Return the pictures of a profile, such as ``"exact 8GB"``; its failure stays one."""
        if profile not in self._found:
            try:
                self._found[profile] = self._drawn(profile)
            except Exception as error:
                traceback.clear_frames(error.__traceback__)  # they hold tensors
                self._found[profile] = error
        found = self._found[profile]
        if isinstance(found, Exception):
            raise found
        return found

    def _drawn(self, profile: str) -> dict[str, GeneratedImage]:
        speed, _, memory = profile.partition(" ")
        with pytest.MonkeyPatch.context() as setting:
            setting.setenv("ZIMG_HOME", str(self._home))
            setting.setenv("ZIMG_SPEED", speed)
            if memory == "fp32":
                setting.setenv("ZIMG_DTYPE", memory)
                memory = ""
            setting.setenv("ZIMG_MEMORY", memory or "auto")
            for name in ("ZIMG_GALLERY", "ZIMG_MODELS", "ZIMG_LORAS"):
                setting.delenv(name, raising=False)
            if memory and CUDA:
                torch.cuda.empty_cache()
                torch.cuda.reset_peak_memory_stats()
                total = torch.cuda.mem_get_info()[1]
                torch.cuda.set_per_process_memory_fraction((LIMIT * 1e9 - CONTEXT_BYTES) / total)
            engine = LocalEngine()
            try:
                made = requests(engine, self._home, profile)
                if speed != "stock":
                    engine.run(lambda model, _: require_faster_parts(model), MODEL).result(60)
                return made
            finally:
                engine.close()
                if CUDA:
                    torch.cuda.set_per_process_memory_fraction(1.0)


def require_faster_parts(model: Any) -> None:
    """Assert that the faster parts drew, where one that fails gives way to the stock one."""
    for part in (model.speed.transformer, model.speed.encoder, model.speed.decoder):
        assert part is not None
        assert part.fallback.failure is None
    if model.device.type == "cuda" and not model.offloaded:
        assert any(model.speed.graphs._kept.values()), "nothing was recorded"


def requests(engine: LocalEngine, home: Path, profile: str) -> dict[str, GeneratedImage]:
    """Draw what is compared; what is drawn three times is a recording's the third time."""

    def draw(prompt: str = PROMPT, **fields: Any) -> GeneratedImage:
        base = {"model": MODEL, "prompt": prompt, "seed": 1, "steps": 8}
        size = {"width": SIDE, "height": SIDE}
        return engine.submit(GenerationParams(**{**base, **size, **fields})).result(300)

    def new(prompt: str = PROMPT, **fields: Any) -> GeneratedImage:
        engine.forget_prompts()
        return draw(prompt, **fields)

    if profile.endswith("fp32"):
        return {"picture": new()}
    new()
    new()
    made = {"picture": new()}
    if profile.endswith("GB"):
        return made
    made["known prompt"] = draw()
    made["another prompt"] = draw(ELSE)
    made["again"] = draw()
    half = SIDE // 2
    made["another size"] = draw(width=half, height=SIDE - half // 2)
    made["guidance"] = draw(width=half, height=half, guidance=2.0, negative_prompt=ELSE)
    source = Image.linear_gradient("L").convert("RGB").resize((half, half))
    mask = Image.new("L", (half, half))
    mask.paste(255, (half // 4, half // 4, half * 3 // 4, half * 3 // 4))
    edits: dict[str, Any] = {"model": MODEL, "seed": 3, "steps": 8, "engine": engine}
    made["img2img"] = img2img(source, PROMPT, strength=0.7, **edits).result(300)
    made["inpaint"] = inpaint(source, mask, PROMPT, **edits).result(300)
    lora = str(home / "loras" / "random.safetensors")
    made["LoRA"] = draw(loras=((lora, 4.0),))
    made["LoRA again"] = draw(loras=((lora, 4.0),))
    made["after LoRA"] = draw()
    return made


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Drawings:
    home = tmp_path_factory.mktemp("speed")
    if not MINIATURE:
        folder = request.getfixturevalue("folder")
        card = f"full: {{like: z-image-turbo, source: {{folder: {folder}}}}}\n"
        (home / "models.yaml").write_text(card)
    write_random_lora(home / "loras" / "random.safetensors")
    return Drawings(home)


def write_random_lora(path: Path) -> None:
    """Write a LoRA of rank 16 on every attention and feed-forward layer of the main blocks."""
    if not MINIATURE:
        from lora_cost import write_lora

        write_lora(path, 16)
        return
    from safetensors.torch import save_file

    from zimg_kernel import get_card
    from zimg_kernel.models.loading import load_transformer
    from zimg_kernel.models.weights import require_weights

    torch.manual_seed(0)
    made = {}
    module = load_transformer(require_weights(get_card(MODEL)), torch.float32)
    for name, layer in module.named_modules():
        if (
            isinstance(layer, torch.nn.Linear)
            and name.startswith("layers.")
            and "adaLN" not in name
        ):
            down, up = torch.randn(4, layer.in_features), torch.randn(layer.out_features, 4)
            made[f"diffusion_model.{name}.lora_A.weight"] = down * 0.1
            made[f"diffusion_model.{name}.lora_B.weight"] = up * 0.1
    path.parent.mkdir(parents=True)
    save_file(made, path)


@pytest.fixture(params=PROFILES)
def profile(request: pytest.FixtureRequest) -> str:
    """A profile that is not stock."""
    if MINIATURE and request.param.startswith("fast"):
        pytest.skip("a CPU has no 8 bits")
    return str(request.param)


def psnr(one: GeneratedImage, other: GeneratedImage) -> float:
    """Return the peak signal to noise ratio of two pictures in dB, at most 99."""
    a, b = (np.asarray(picture.image).astype(float) for picture in (one, other))
    assert a.shape == b.shape
    error = float(((a - b) ** 2).mean())
    found = 10 * float(np.log10(255**2 / error)) if error else 99.0
    print(f"{found:.1f} dB")
    return min(99.0, found)


def same(one: GeneratedImage, other: GeneratedImage) -> bool:
    return one.image.tobytes() == other.image.tobytes()


def test_pictures_are_near_those_of_stock_modules(drawings: Drawings, profile: str) -> None:
    stock, found = drawings.of("stock")["picture"], drawings.of(profile)["picture"]
    assert psnr(found, stock) >= (FP32 if MINIATURE else 40 if profile == "fast" else 43)
    spread = np.asarray(found.image).std() / np.asarray(stock.image).std()
    assert 0.9 < spread < 1.1


@pytest.mark.skipif(
    CUDA and torch.cuda.mem_get_info()[1] < 70e9, reason="float32 takes 45 GB and room for a step"
)
def test_exact_is_as_near_to_float32_as_stock_modules(drawings: Drawings) -> None:
    true = drawings.of("stock fp32")["picture"]
    stock, found = drawings.of("stock")["picture"], drawings.of("exact")["picture"]
    assert psnr(found, true) >= min(FP32, psnr(stock, true) - 1)


@pytest.mark.parametrize(
    ("kind", "least"),
    [("another prompt", 40), ("another size", 40), ("img2img", 36), ("inpaint", 36),
     ("guidance", 28), ("LoRA", 36)],
)  # fmt: skip
def test_other_requests_are_near_too(drawings: Drawings, kind: str, least: float) -> None:
    stock, found = drawings.of("stock"), drawings.of("exact")
    assert psnr(found[kind], stock[kind]) >= (FP32 if MINIATURE else least)


def test_fast_draws_other_requests(drawings: Drawings) -> None:
    if MINIATURE:
        pytest.skip("a CPU has no 8 bits")
    stock, found = drawings.of("stock"), drawings.of("fast")
    for kind in ("another prompt", "another size", "img2img", "inpaint", "LoRA"):
        assert psnr(found[kind], stock[kind]) >= 32, kind


@pytest.mark.parametrize("speed", ["exact", "fast"])
def test_what_was_drawn_before_changes_nothing(drawings: Drawings, speed: str) -> None:
    if MINIATURE and speed == "fast":
        pytest.skip("a CPU has no 8 bits")
    found = drawings.of(speed)
    assert same(found["known prompt"], found["picture"])
    assert same(found["again"], found["picture"])
    assert not same(found["another prompt"], found["picture"])


@pytest.mark.parametrize("speed", ["exact", "fast"])
def test_a_lora_leaves_no_trace(drawings: Drawings, speed: str) -> None:
    if MINIATURE and speed == "fast":
        pytest.skip("a CPU has no 8 bits")
    found = drawings.of(speed)
    assert psnr(found["LoRA"], found["picture"]) < 40
    assert psnr(found["LoRA again"], found["LoRA"]) >= 40
    assert same(found["after LoRA"], found["picture"])


def test_a_record_tells_the_profile(drawings: Drawings, profile: str) -> None:
    speed, _, memory = profile.partition(" ")
    said = drawings.of(profile)["picture"].device
    assert ("fast (fp8)" if speed == "fast" else "exact") in said
    if not MINIATURE:
        assert (f"within {LIMIT} GB" in said) == bool(memory)
    assert not any(word in drawings.of("stock")["picture"].device for word in ("exact", "fast"))


@pytest.mark.skipif(MINIATURE, reason="needs a card's memory")
def test_memory_is_kept_to(drawings: Drawings) -> None:
    limited = drawings.of(PROFILES[-1])["picture"]
    assert limited.memory_gb is not None
    assert limited.memory_gb + CONTEXT_BYTES / 1e9 <= LIMIT
    assert "offloaded" in limited.device
    assert psnr(limited, drawings.of("exact")["picture"]) >= 43
