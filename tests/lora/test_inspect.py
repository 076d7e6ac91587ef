"""Looking into LoRA files: format, base model, words, fit; bad ones in one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from lora_files import as_bare, as_comfy, as_kohya, as_peft, plain, sdxl, tensors, write
from refusals import refused
from zimg_kernel import GenerationParams, LocalEngine
from zimg_kernel.lora import find_lora, inspect_lora, list_loras, unload_loras
from zimg_kernel.lora.inspect import _look

NANO = "nano-turbo"


def pair(layer: str, rows: int, columns: int, rank: int = 4) -> dict[str, Any]:
    """A LoRA of one layer, as diffusers names it."""
    return {
        f"{layer}.lora_A.weight": torch.ones(rank, columns),
        f"{layer}.lora_B.weight": torch.ones(rows, rank),
    }


def asked(engine: LocalEngine, *names: object, prompt: str = "a red circle") -> tuple[str, ...]:
    """What is said when a picture is asked for; it is not drawn to its end."""
    loras = tuple((str(name), 1.0) for name in names)
    params = GenerationParams(prompt=prompt, model=NANO, width=128, height=128, loras=loras)
    job = engine.submit(params, preview="none")
    job.cancel()
    return job.warnings


def test_a_report_tells_what_the_file_is(lesson: Path) -> None:
    report = inspect_lora(lesson, NANO)
    assert (report.format, report.kinds, report.base) == (
        "diffusers",
        ("lora",),
        "a Z-Image of width 288",
    )
    assert (report.ranks, report.alphas, report.modules, report.matched) == ((4,), (8.0,), 28, 28)
    assert report.fits == "yes"
    assert "all 28 layers" in str(report)
    assert "all 28 layers" in report._repr_html_()
    assert json.loads(json.dumps(report.to_dict()))["fits"] == "yes"
    assert inspect_lora(lesson).fits == "unknown"


@pytest.mark.parametrize(
    ("named", "known"),
    [(as_kohya, "kohya"), (as_comfy, "ComfyUI"), (as_peft, "peft"), (as_bare, "bare names")],
)
def test_formats_are_told_apart(lesson: Path, tmp_path: Path, named: Any, known: str) -> None:
    report = inspect_lora(write(tmp_path / "a.safetensors", named(lesson)), NANO)
    assert (report.format, report.fits, report.matched) == (known, "yes", 28)


@pytest.mark.parametrize(
    ("layer", "rows", "columns", "base"),
    [
        ("diffusion_model.layers.0.attention.to_q", 3840, 3840, "Z-Image"),
        ("diffusion_model.layers.0.attention.qkv", 11520, 3840, "Z-Image"),
        ("diffusion_model.layers.0.attention.qkv", 6912, 2304, "Lumina 2"),
        ("transformer.single_transformer_blocks.0.attn.to_q", 3072, 3072, "FLUX"),
        ("diffusion_model.double_blocks.0.img_attn.qkv", 9216, 3072, "FLUX"),
        ("transformer.transformer_blocks.0.img_mlp.net.2", 3072, 12288, "Qwen-Image"),
        ("transformer.transformer_blocks.0.attn.add_q_proj", 1536, 1536, "Stable Diffusion 3"),
        ("diffusion_model.blocks.0.self_attn.q", 1536, 1536, "Wan"),
        ("unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k", 640, 2048, "SDXL"),
        ("unet.up_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k", 640, 768,
         "Stable Diffusion 1.x"),
        ("somebody.elses.layer", 8, 8, ""),
    ],
)  # fmt: skip
def test_names_and_shapes_tell_the_model(
    tmp_path: Path, layer: str, rows: int, columns: int, base: str
) -> None:
    report = inspect_lora(write(tmp_path / "a.safetensors", pair(layer, rows, columns)))
    assert report.base == base


def test_another_models_lora_is_refused_before_drawing(engine: LocalEngine, shelf: Path) -> None:
    write(shelf / "xl.safetensors", sdxl(), ss_base_model_version="sdxl_base_v1-0")
    report = inspect_lora("xl", NANO)
    assert (report.base, report.said_base, report.fits) == ("SDXL", "sdxl_base_v1-0", "no")
    assert report.text_modules == 1
    with refused("lora-does-not-fit", "loras"):
        asked(engine, "xl")


def test_a_wider_models_lora_is_refused(engine: LocalEngine, shelf: Path) -> None:
    write(shelf / "wide.safetensors", pair("transformer.layers.0.attention.to_q", 3840, 3840))
    assert len(inspect_lora("wide", NANO).misshapen) == 1
    with refused("lora-does-not-fit", "loras"):
        asked(engine, "wide")


def test_a_part_that_fits_is_loaded_and_the_rest_told(
    engine: LocalEngine, lesson: Path, shelf: Path
) -> None:
    more = pair("transformer.layers.9.attention.to_q", 288, 288)
    more |= pair("transformer.layers.0.attention.to_q", 288, 300)
    more |= {"transformer.layers.1.attention.to_q.lora_A.weight": torch.ones(4, 288)}
    write(shelf / "more.safetensors", {**plain(lesson), **more})
    said = " ".join(asked(engine, "more"))
    assert "28 of 31 layers" in said
    assert "layers.9.attention.to_q" in said
    params = GenerationParams(prompt="a red circle", model=NANO, steps=1, width=128, height=128)
    job = engine.submit(params.replace(loras=(("more", 1.0),)), preview="none")
    assert job.result().versions["lora more"]


def test_words_are_read_and_missed(engine: LocalEngine, lesson: Path, shelf: Path) -> None:
    tags = {"10_pics": {"inkwash": 20, "mountain": 19, "boat": 3}}
    facts = {"modelspec.title": "Ink", "ss_tag_frequency": tags}
    write(shelf / "tags.safetensors", plain(lesson), **facts)
    told = {**facts, "modelspec.trigger_phrase": "水墨风, inkwash"}
    write(shelf / "told.safetensors", plain(lesson), **told)
    assert (inspect_lora("tags").tags, inspect_lora("tags").triggers) == (
        ("inkwash", "mountain"),
        (),
    )
    assert (inspect_lora("told").triggers, inspect_lora("told").title) == (
        ("水墨风", "inkwash"),
        "Ink",
    )
    said = " ".join(asked(engine, "told"))
    assert 'called up by "水墨风", "inkwash", which the prompt does not say' in said
    assert "called up" not in " ".join(asked(engine, "told", prompt="水墨风，一个红色的圆"))
    assert 'tagged "inkwash", "mountain"' in " ".join(asked(engine, "tags"))


def test_what_cannot_be_loaded_is_told(lesson: Path, tmp_path: Path) -> None:
    oft = {"lora_unet_layers_0_attention_to_q.oft_blocks": torch.ones(4, 8, 8)}
    assert "OFT" in inspect_lora(write(tmp_path / "o.safetensors", oft), NANO).verdict
    text = pair("lora_te_text_model_encoder_layers_0_mlp_fc1", 8, 8)
    report = inspect_lora(write(tmp_path / "t.safetensors", text), NANO)
    assert (report.fits, "text encoder only" in report.verdict) == ("no", True)
    dora = {**plain(lesson), "transformer.layers.3.attention.to_q.dora_scale": torch.ones(1, 288)}
    report = inspect_lora(write(tmp_path / "d.safetensors", dora), NANO)
    assert (report.fits, report.dora, "DoRA" in str(report)) == ("yes", 1, True)


def bad_files(folder: Path, lesson: Path) -> dict[str, tuple[Path, str]]:
    """Files that are no LoRA, and the code of each refusal."""
    text, cut, empty = (folder / f"{name}.safetensors" for name in ("text", "cut", "empty"))
    text.write_text("this is no file of tensors, whatever it is called")
    cut.write_bytes(lesson.read_bytes()[:-100])
    empty.write_bytes(b"")
    whole = write(
        folder / "whole.safetensors", {"layers.0.attention.to_q.weight": torch.ones(2, 2)}
    )
    pickled = folder / "old.pt"
    pickled.write_bytes(b"\x80\x02}q\x00.")
    return {
        "text": (text, "damaged-lora"),
        "cut": (cut, "damaged-lora"),
        "empty": (empty, "damaged-lora"),
        "whole": (whole, "not-a-lora"),
        "old": (pickled, "lora-is-a-pickle"),
        "absent": (folder / "absent.safetensors", "unknown-lora"),
        "folder": (folder, "unknown-lora"),
    }


def test_files_that_are_none_are_one_sentence(
    engine: LocalEngine, lesson: Path, tmp_path: Path
) -> None:
    for path, code in bad_files(tmp_path, lesson).values():
        for ask in (lambda path=path: inspect_lora(path), lambda path=path: asked(engine, path)):
            with refused(code, "loras") as caught:
                ask()
            assert "\n" not in str(caught.value)


def test_names_of_the_folder(lesson: Path, shelf: Path) -> None:
    for name in ("ink-wash", "styles/neon", "styles/paper", "other/paper"):
        (shelf / name).parent.mkdir(exist_ok=True)
        write(shelf / f"{name}.safetensors", plain(lesson))
    (shelf / "broken.safetensors").write_text("no")
    (shelf / "notes.txt").write_text("not a LoRA")
    found = list_loras()
    assert [report.name for report in found] == [
        "broken", "ink-wash", "other/paper", "styles/neon", "styles/paper",
    ]  # fmt: skip
    assert "get the file again" in found[0].problem
    assert "ink-wash" in str(found)
    assert "ink-wash" in found._repr_html_()
    assert (
        find_lora("neon")
        == find_lora("styles/neon.safetensors")
        == shelf / "styles/neon.safetensors"
    )
    with refused("unknown-lora", "loras"):
        find_lora("ink_wsh")
    with refused("ambiguous-lora", "loras"):
        find_lora("paper")


def test_tensors_of_other_kinds_do_not_stop_it(lesson: Path, tmp_path: Path) -> None:
    odd = {**tensors(lesson), "something": torch.ones(1), "layers.0.diff_b": torch.ones(3)}
    assert inspect_lora(write(tmp_path / "odd.safetensors", odd), NANO).fits == "partly"


def test_a_request_looks_into_a_file_once(engine: LocalEngine, lesson: Path) -> None:
    unload_loras()
    _look.cache_clear()
    params = GenerationParams(prompt="a red circle", model=NANO, steps=1, seed=1)
    params = params.replace(width=128, height=128, loras=((str(lesson), 1.0),))
    engine.submit(params, preview="none").result()
    assert (_look.cache_info().misses, _look.cache_info().hits) == (1, 0)


def test_a_changed_file_is_looked_into_again(lesson: Path, tmp_path: Path) -> None:
    held = plain(lesson)
    path = write(tmp_path / "a.safetensors", held)
    assert inspect_lora(path, NANO).fits == "yes"
    write(path, {**held, "transformer.layers.99.attention.to_q.lora_A.weight": torch.ones(4, 288)})
    assert inspect_lora(path, NANO).fits == "partly"


@pytest.mark.parametrize("part", ["alpha", "down", "up", ""])
def test_a_file_without_effect_is_told(
    lesson: Path, engine: LocalEngine, tmp_path: Path, part: str
) -> None:
    ends = {"alpha": ".alpha", "down": "lora_down.weight", "up": "lora_up.weight"}
    weights = {
        key: value * 0 if part and key.endswith(ends[part]) else value
        for key, value in as_kohya(lesson).items()
    }
    path = write(tmp_path / "a.safetensors", weights)
    report = inspect_lora(path)
    assert report.no_effect is bool(part)
    assert any("no effect" in note for note in report.notes) is bool(part)
    assert any("no effect" in said for said in asked(engine, path)) is bool(part)
