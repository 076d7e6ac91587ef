"""LoRAs in pictures: they change them by their weight, and leave no trace."""

from __future__ import annotations

import gc
import os
import shutil
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from lora_files import ASKED, SIDE, TAUGHT, as_bare, as_comfy, as_kohya, as_peft, plain, write
from refusals import refused
from zimg_kernel import GeneratedImage, GenerationParams, LocalEngine
from zimg_kernel.edit import img2img
from zimg_kernel.engine.events import Step
from zimg_kernel.lora import apply as attach
from zimg_kernel.lora import unload_loras
from zimg_kernel.lora.files import stamp
from zimg_kernel.lora.hashes import sha256

STEPS = 1


def draw(engine: LocalEngine, *loras: tuple[Any, float], **fields: Any) -> GeneratedImage:
    base = {"prompt": ASKED, "model": "nano-turbo", "steps": STEPS, "seed": 1}
    named = tuple((str(name), weight) for name, weight in loras)
    given = {**base, "width": SIDE, "height": SIDE, "loras": named, **fields}
    return engine.submit(GenerationParams(**given), preview="none").result()


def pixels(image: GeneratedImage) -> bytes:
    return image.image.tobytes()


def away(one: Any, other: Any) -> float:
    """Mean difference of two pictures, 0 to 255."""
    a, b = (np.asarray(getattr(image, "image", image), dtype=float) for image in (one, other))
    return float(np.abs(a - b).mean())


def anatomy(module: torch.nn.Module) -> tuple[Any, ...]:
    """All that a LoRA could leave behind: which modules, what they carry, which gradients."""
    modules = [(name, id(m), set(vars(m)), m.training) for name, m in module.named_modules()]
    return modules, [(name, id(p), p.requires_grad) for name, p in module.named_parameters()]


def test_a_trained_lora_draws_what_it_was_taught(engine: LocalEngine, lesson: Path) -> None:
    taught = draw(engine, prompt=TAUGHT, steps=2)
    without, half, whole = (draw(engine, (lesson, weight), steps=2) for weight in (0, 0.5, 1))
    assert away(whole, taught) < 0.5 * away(without, taught)
    assert len({pixels(image) for image in (without, half, whole)}) == 3
    digest = sha256(stamp(lesson))[:12]
    assert whole.versions[f"lora {lesson}"] == digest
    assert not any(name.startswith("lora ") for name in without.versions)
    assert whole.path is not None
    again = GeneratedImage.open(whole.path)
    assert again.params.loras == ((str(lesson), 1.0),)
    assert again.versions[f"lora {lesson}"] == digest
    with Image.open(whole.path) as file:
        assert f'Lora hashes: "{lesson}: {digest}"' in file.text["parameters"]


def test_it_leaves_no_trace_three_times_in_a_row(engine: LocalEngine, lesson: Path) -> None:
    transformer = engine.pipeline("nano-turbo").transformer
    built = anatomy(transformer)
    state = {key: value.clone() for key, value in transformer.state_dict().items()}
    without = pixels(draw(engine))
    drawn = set()
    for _ in range(3):
        drawn.add(pixels(draw(engine, (lesson, 1))))
        assert anatomy(transformer) == built
        assert pixels(draw(engine, (lesson, 0))) == without
        unload_loras()
        assert pixels(draw(engine)) == without
        now = transformer.state_dict()
        assert now.keys() == state.keys()
        assert all(torch.equal(now[key], state[key]) for key in state)
    assert len(drawn) == 1
    assert drawn != {without}


def test_it_draws_what_diffusers_draws_by_hand(engine: LocalEngine, lesson: Path) -> None:
    without, ours = draw(engine), draw(engine, (lesson, 0.7))
    pipe = engine.pipeline("nano-turbo")
    pipe.load_lora_weights(str(lesson), adapter_name="mine")
    try:
        pipe.set_adapters(["mine"], [0.7])

        def by_hand() -> Any:
            size = {"height": SIDE, "width": SIDE, "num_inference_steps": STEPS}
            noise = torch.Generator().manual_seed(1)
            return pipe(ASKED, generator=noise, guidance_scale=0.0, **size).images[0]

        theirs = by_hand()  # which pads the prompt before its encoder, so rounds otherwise
        assert away(theirs, ours) < 0.05 < away(theirs, without)
        # Set aside while the engine draws, with a word; afterwards there as before.
        params = GenerationParams(**{**ours.params.model_dump(), "loras": ()})
        job = engine.submit(params, preview="none")
        assert pixels(job.result()) == pixels(without)
        assert any("by hand" in sentence for sentence in job.warnings)
        assert pixels(draw(engine, (lesson, 0.7))) == pixels(ours)
        assert by_hand().tobytes() == theirs.tobytes()
    finally:
        pipe.unload_lora_weights()
    assert pixels(draw(engine)) == pixels(without)


def test_other_tools_files_act_alike(engine: LocalEngine, lesson: Path, shelf: Path) -> None:
    ours, without = draw(engine, (lesson, 1)), draw(engine)
    for named in (as_kohya, as_comfy, as_peft, as_bare):
        write(shelf / f"{named.__name__}.safetensors", named(lesson))
        other = draw(engine, (named.__name__, 1))
        # Equal but for rounding: elsewhere alpha is multiplied into the weights.
        assert away(other, ours) < 0.05 < away(other, without), named.__name__


def test_fused_queries_keys_and_values_are_split(engine: LocalEngine, shelf: Path) -> None:
    torch.manual_seed(0)
    down, up = torch.randn(4, 288), torch.randn(3 * 288, 4) * 0.3
    layer = "diffusion_model.layers.2.attention."
    fused = {f"{layer}qkv.lora_A.weight": down, f"{layer}qkv.lora_B.weight": up}
    split = {}
    for name, rows in zip("qkv", up.chunk(3), strict=True):
        split |= {f"{layer}to_{name}.lora_A.weight": down, f"{layer}to_{name}.lora_B.weight": rows}
    write(shelf / "fused.safetensors", fused)
    write(shelf / "split.safetensors", {key: value.clone() for key, value in split.items()})
    drawn = pixels(draw(engine, ("fused", 1)))
    assert drawn == pixels(draw(engine, ("split", 1)))
    assert drawn != pixels(draw(engine))


def test_several_act_together_and_their_order_is_kept(
    engine: LocalEngine, lesson: Path, shelf: Path
) -> None:
    half = write(shelf / "half.safetensors", plain(lesson, 0.5))
    layers = {k: v for k, v in plain(lesson).items() if ".attention." in k}
    write(shelf / "attention.safetensors", layers)
    both = draw(engine, ("half", 0.5), ("attention", 0.5))
    assert set(both.versions) >= {"lora half", "lora attention"}
    assert away(draw(engine, ("half", 1), (half, 1)), draw(engine, (lesson, 1))) < 0.05
    unload_loras()
    alone = draw(engine, ("attention", 0.5))  # loaded in another order
    assert pixels(draw(engine, ("half", 0.5), ("attention", 0.5))) == pixels(both)
    assert pixels(alone) != pixels(both)


def test_lora_and_lokr_side_by_side(engine: LocalEngine, lesson: Path, shelf: Path) -> None:
    torch.manual_seed(0)
    layer = "diffusion_model.layers.4.feed_forward.w2."
    kron = {
        f"{layer}lokr_w1": torch.randn(16, 16) * 0.1,
        f"{layer}lokr_w2": torch.randn(18, 48) * 0.1,
        f"{layer}alpha": torch.tensor(1.0),
    }
    write(shelf / "kron.safetensors", kron)
    without, lokr, lora = draw(engine), draw(engine, ("kron", 1)), draw(engine, (lesson, 1))
    both = draw(engine, ("kron", 1), (lesson, 1))
    assert len({pixels(image) for image in (without, lokr, lora, both)}) == 4
    assert pixels(draw(engine, ("kron", 1))) == pixels(lokr)
    assert pixels(draw(engine, (lesson, 1))) == pixels(lora)


def test_another_weight_needs_no_reading_and_a_changed_file_is_read(
    engine: LocalEngine, lesson: Path, shelf: Path
) -> None:
    file = shelf / "style.safetensors"
    shutil.copy(lesson, file)
    half = draw(engine, ("style", 0.5))
    unload_loras()
    draw(engine, ("style", 1))
    state, data = file.stat(), bytearray(file.read_bytes())
    data[-4000:] = b"\0" * 4000  # its weights are spoiled, and nothing shows it
    file.write_bytes(data)
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert pixels(draw(engine, ("style", 0.5))) == pixels(half)
    write(file, plain(lesson, 0.1))
    changed = draw(engine, ("style", 0.5))
    assert pixels(changed) != pixels(half)
    assert changed.versions["lora style"] != half.versions["lora style"]


def test_no_leak_into_a_model_that_shares_the_transformer(
    engine: LocalEngine, lesson: Path, own_home: Path
) -> None:
    own_home.mkdir(exist_ok=True)
    (own_home / "models.yaml").write_text("mine: {like: nano-turbo, title: Mine}\n")
    without = pixels(draw(engine))
    mine = engine.pipeline("mine")
    assert mine.transformer is engine.pipeline("nano-turbo").transformer
    taught = pixels(draw(engine, (lesson, 1)))
    assert pixels(draw(engine, model="mine")) == without
    assert pixels(draw(engine, (lesson, 1), model="mine")) == taught
    engine.unload("mine")


def test_an_edit_is_drawn_with_a_lora_too(engine: LocalEngine, lesson: Path) -> None:
    source = draw(engine)
    fields = {"model": "nano-turbo", "seed": 2, "steps": 2, "engine": engine}
    without = img2img(source, ASKED, 0.9, **fields).result()
    edited = img2img(source, ASKED, 0.9, loras={str(lesson): 1}, **fields).result()
    assert pixels(edited) != pixels(without)
    assert edited.versions[f"lora {lesson}"]
    assert pixels(img2img(source, ASKED, 0.9, **fields).result()) == pixels(without)


def test_a_transformer_that_moves_between_devices(engine: LocalEngine, lesson: Path) -> None:
    """What an offloaded model has: a hook that moves the transformer before each call."""
    accelerate = pytest.importorskip("accelerate")
    transformer = engine.pipeline("nano-turbo").transformer
    expected = pixels(draw(engine, (lesson, 1)))
    unload_loras()
    _, hook = accelerate.cpu_offload_with_hook(transformer, "cpu")
    try:
        assert pixels(draw(engine, (lesson, 1))) == expected
        assert transformer._hf_hook is hook.hook
    finally:
        hook.remove()


def test_a_cancelled_picture_leaves_no_trace(engine: LocalEngine, lesson: Path) -> None:
    transformer = engine.pipeline("nano-turbo").transformer
    built = anatomy(transformer)
    params = GenerationParams(
        prompt=ASKED, model="nano-turbo", steps=200, width=SIDE, height=SIDE,
        loras=((str(lesson), 1.0),),
    )  # fmt: skip
    job = engine.submit(params, preview="none")
    for event in job.events(timeout=60):
        if isinstance(event, Step):
            job.cancel()
    assert job.status == "cancelled"
    engine.pipeline("nano-turbo")  # waits for the thread that draws
    assert anatomy(transformer) == built


def test_few_files_are_kept_and_all_go_with_the_model(
    lesson: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attach, "MOST_KEPT", 0)
    engine = LocalEngine()
    try:
        for number in range(2):
            share = 1 + number / 10
            some = {k: v for k, v in plain(lesson, share).items() if ".layers.3." in k}
            write(shelf / f"v{number}.safetensors", some)
            picture = draw(engine, (f"v{number}", 1))
        transformer = weakref.ref(engine.pipeline("nano-turbo").transformer)
        (adapters,) = [attach._adapters_of[t] for t in attach._adapters_of if t is transformer()]
        assert len(adapters.files) == 1
        del adapters
        assert pixels(draw(engine, (f"v{number}", 1))) == pixels(picture)
        engine.unload()
        gc.collect()
        assert transformer() is None
    finally:
        engine.close()


def test_a_file_that_breaks_when_loaded_is_one_sentence(
    engine: LocalEngine, lesson: Path, shelf: Path
) -> None:
    transformer = engine.pipeline("nano-turbo").transformer
    built, without = anatomy(transformer), pixels(draw(engine))
    settings = {"transformer.r": "four", "transformer.lora_alpha": 8}
    write(shelf / "odd.safetensors", plain(lesson), lora_adapter_metadata=settings)
    with refused("lora-not-loaded", "loras"):
        draw(engine, ("odd", 1))
    assert anatomy(transformer) == built
    assert pixels(draw(engine)) == without
