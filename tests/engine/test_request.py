"""A request is made once: nothing that it names is read, found, counted or hashed twice."""

from __future__ import annotations

import dataclasses
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

import zimg_kernel as zimg
from refusals import refused
from tests.edit.controls import networks
from zimg_kernel import GenerationParams, LocalEngine, WeightsMissing, edit
from zimg_kernel.edit.controls import lines
from zimg_kernel.engine import use_engine
from zimg_kernel.engine.default_model import likely_gpu
from zimg_kernel.gallery import Gallery
from zimg_kernel.images import pixels, reading
from zimg_kernel.lora import files, hashes, inspect
from zimg_kernel.models import weights
from zimg_kernel.nano import family
from zimg_kernel.nano.text import vocabulary
from zimg_kernel.z_image import embeddings, tokens

SMALL = {"model": "nano-base", "steps": 1, "width": 128, "height": 128, "seed": 1}


class Calls:
    """Results of functions of the package, wherever they were imported to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.results: dict[str, list[Any]] = {}

    def watch(self, function: Callable[..., Any]) -> None:
        results = self.results[function.__name__] = []

        def watched(*given: Any, **options: Any) -> Any:
            result = function(*given, **options)
            results.append(result)
            return result

        for name, module in list(sys.modules.items()):
            if name.startswith("zimg_kernel") and vars(module).get(function.__name__) is function:
                self._monkeypatch.setattr(module, function.__name__, watched)

    @property
    def counts(self) -> dict[str, int]:
        return {name: len(results) for name, results in self.results.items()}


@pytest.fixture
def cold(tmp_path: Path) -> Iterator[LocalEngine]:
    """The default engine, with nothing loaded."""
    engine = LocalEngine(Gallery(tmp_path / "gallery"))
    before = use_engine(engine)
    yield engine
    use_engine(before)
    engine.close()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    inspect._look.cache_clear()
    family._read.cache_clear()
    found = Calls(monkeypatch)
    for function in (
        weights.find_weights, tokens.count_tokens, vocabulary.read, embeddings.encode,
        files.find_lora, inspect.read_keys, hashes._kept_or_read,
        reading.open_picture, pixels.digest,
    ):  # fmt: skip
        found.watch(function)
    return found


def a_lora(path: Path) -> Path:
    layer = "transformer.layers.3.attention.to_q"
    save_file({f"{layer}.lora_A.weight": torch.ones(4, 288) / 99,
               f"{layer}.lora_B.weight": torch.ones(288, 4) / 99}, path)  # fmt: skip
    return path


def test_a_picture_with_a_lora(cold: LocalEngine, shelf: Path, calls: Calls) -> None:
    a_lora(shelf / "mine.safetensors")
    prompt = "a red circle"
    given = {**SMALL, "guidance": 2.0, "negative_prompt": "a blue star"}
    images = zimg.generate(prompt, loras=[("mine", 0.5)], count=2, **given)
    assert calls.counts == {
        "find_weights": 1,
        "count_tokens": 2,  # the prompt and the negative one
        "read": 2,
        "encode": 2,
        "find_lora": 1,
        "read_keys": 1,
        "_kept_or_read": 1,
        "open_picture": 0,
        "digest": 2,  # of the two pictures drawn
    }
    (digest,) = calls.results["_kept_or_read"]
    assert [image.versions["lora mine"] for image in images] == [digest[:12]] * 2


@pytest.mark.parametrize("kind", ["img2img", "inpaint"])
def test_an_edit_of_a_file(kind: str, cold: LocalEngine, tmp_path: Path, calls: Calls) -> None:
    path = tmp_path / "photo.png"
    Image.radial_gradient("L").convert("RGB").save(path)
    mask = Image.new("L", (256, 256))
    mask.paste(255, (0, 0, 128, 256))
    own = {"mask": mask} if kind == "inpaint" else {"strength": 0.5}
    given = {**SMALL, "width": 256, "height": 256, "count": 2, "guidance": 0.0}
    job = getattr(edit, kind)(path, prompt="a green square", **own, **given)
    images = job.results()
    assert calls.counts | {"open_picture": 0, "digest": 0, "find_weights": 0} == {
        "find_weights": 0, "count_tokens": 1, "read": 1, "encode": 1, "find_lora": 0,
        "read_keys": 0, "_kept_or_read": 0, "open_picture": 0, "digest": 0,
    }  # fmt: skip
    assert len(calls.results["find_weights"]) == 1
    assert len(calls.results["open_picture"]) == (2 if kind == "inpaint" else 1)  # and the mask
    digests = Counter(calls.results["digest"])
    assert set(digests.values()) == {1}
    record = images[0].record()
    assert job.params.edit is not None
    assert record["source"]["pixels"] == job.params.edit.source in digests


def test_an_edit_repeated_from_its_parameters(
    cold: LocalEngine, tmp_path: Path, calls: Calls
) -> None:
    source = Image.radial_gradient("L").convert("RGB")
    given = {**SMALL, "width": 256, "height": 256}
    first = edit.img2img(source, "a green square", 0.5, **given).result()
    calls.results["digest"].clear()
    again = zimg.generate(first.params)
    assert again.image.tobytes() == first.image.tobytes()
    digests = Counter(calls.results["digest"])
    assert digests[str(first.params.edit.source)] == 1  # that the kept file is still the one
    assert set(digests.values()) == {1}


def test_a_lora_that_changes_while_it_waits_is_looked_into_again(
    cold: LocalEngine, shelf: Path
) -> None:
    a_lora(shelf / "mine.safetensors")
    go = threading.Event()
    cold.run(lambda model, stop: go.wait(60), "nano-base")
    job = cold.submit(GenerationParams(prompt="a red circle", loras=(("mine", 1.0),), **SMALL))
    a_lora(shelf / "other.safetensors")
    held = (shelf / "other.safetensors").read_bytes()
    (shelf / "mine.safetensors").write_bytes(held[:-4] + b"\0\0\0?")
    go.set()
    state = files.stamp(shelf / "mine.safetensors")
    assert job.result(120).versions["lora mine"] == hashes.sha256(state)[:12]


def test_the_hash_of_a_large_file_is_kept_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.safetensors"
    path.write_bytes(b"x" * 17_000_000)
    first = hashes.begin_sha256(files.stamp(path)).result(60)
    hashes._known.clear()
    monkeypatch.setattr(hashes.hashlib, "file_digest", None)  # another process need not read it
    assert hashes.sha256(files.stamp(path)) == first
    monkeypatch.undo()
    path.write_bytes(b"y" * 17_000_000)
    assert hashes.sha256(files.stamp(path)) != first
    path.unlink()
    gone = files.Stamp(str(path), 1, 17_000_000)
    with refused("file-unreadable", "loras"):
        hashes.sha256(gone)


def test_a_control_map_is_made_in_the_engines_thread(
    monkeypatch: pytest.MonkeyPatch, warm_engine: LocalEngine, tmp_path: Path, own_home: Path
) -> None:
    card = networks.add_card(networks.save_controlnet(tmp_path / "net"), "nano-lines")
    threads: list[str] = []
    canny = lines.canny

    def noted(image: Image.Image) -> Image.Image:
        threads.append(threading.current_thread().name)
        return canny(image)

    monkeypatch.setattr(lines, "canny", noted)
    source = Image.new("RGB", (256, 256), "white")
    source.paste("black", (64, 64, 192, 192))
    given = {"model": card, "steps": 1, "engine": warm_engine}
    edit.control(source, "canny", "a star", count=2, **given).results()
    assert threads == ["zimg"]
    flat = edit.control(Image.new("RGB", (256, 256)), "canny", "a star", **given)
    with refused("nothing-found", "image"):
        flat.result()
    with refused("weights-missing", kind=WeightsMissing):  # before anything is drawn
        edit.control(source, "depth", "a star", **given)
    warm_engine.unload(card)


def test_check_says_what_submit_would_accept(engine: LocalEngine) -> None:
    params = GenerationParams(prompt="a red circle", negative_prompt="blue", count=2)
    checked = engine.check(params)
    assert checked.params.seed == -1
    assert checked.params.model == "nano-turbo"
    assert (checked.params.steps, checked.params.width) == (8, 256)
    job = engine.submit(params, origin="test", priority=3)
    assert job.warnings[-1] == checked.warnings[-1]
    assert job.params.replace(seed=-1) == checked.params
    assert (job.origin, job.priority) == ("test", 3)
    job.results(120)
    with refused("prompt-too-long", "prompt"):
        engine.check(params.replace(prompt="red circle " * 600))
    with refused("unknown-lora", "loras"):
        engine.check(params.replace(loras=(("nowhere", 1.0),)))


def test_models_and_resources_need_no_torch(clean_environment: dict[str, str]) -> None:
    import subprocess

    program = (
        "import sys\nfrom zimg_kernel import default_engine\n"
        "engine = default_engine()\n"
        "models = {one.card.id: one for one in engine.models()}\n"
        "assert [m for m, one in models.items() if one.default] == ['nano-turbo'], models\n"
        "assert models['nano-turbo'].ready and not models['nano-turbo'].loaded\n"
        "full = models['z-image-turbo']\n"
        "assert not full.ready and 'zimg pull' in full.remedy\n"
        "found = engine.resources()\n"
        "assert (found.device, found.loaded) == ('', ())\n"
        "assert [one.name for one in found.memory] == ['RAM']\n"
        "assert engine.default_model() == 'nano-turbo'\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], env=clean_environment, check=True)


def test_what_is_loaded_is_told(engine: LocalEngine) -> None:
    engine.submit(GenerationParams(prompt="a red circle", **SMALL), preview="none").result(120)
    found = engine.resources()
    assert found.device == "cpu"
    assert "nano-base" in found.loaded
    assert dataclasses.asdict(found)["memory"][-1]["name"] == "RAM"
    assert any(one.loaded for one in engine.models() if one.card.id == "nano-base")


def test_a_gpu_is_guessed_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    assert likely_gpu() == torch.cuda.is_available()
    monkeypatch.setenv("ZIMG_DEVICE", "cuda")
    assert likely_gpu()
    monkeypatch.setenv("ZIMG_DEVICE", "cpu")
    assert not likely_gpu()
