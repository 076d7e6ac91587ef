"""Records of InvokeAI, SwarmUI, Fooocus, NovelAI, Draw Things and tools of plain fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from foreign_files import A1111, png, read, with_exif
from refusals import refused
from zimg_kernel.images.metadata import read_record

NAMES = ("prompt", "negative_prompt", "seed", "steps", "guidance")
INVOKE = {
    "generation_mode": "z_image_txt2img", "positive_prompt": "a red circle",
    "negative_prompt": None, "width": 1024, "height": 1024, "seed": 42, "steps": 8,
    "cfg_scale": 1, "scheduler": "euler", "app_version": "6.10.0", "loras": None,
    "model": {"key": "k", "hash": "blake3:x", "name": "Z-Image Turbo", "base": "z-image",
              "type": "main"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "guidance", "loras"),
    [
        ({}, 0.0, ()),
        ({"negative_prompt": ""}, 0.0, ()),
        ({"model": None, "scheduler": None}, 0.0, ()),
        ({"model": {"model_name": "old", "base_model": "sdxl"}}, 0.0, ()),
        ({"cfg_scale": None, "guidance": 4.0}, 3.0, ()),
        ({"loras": [{"model": {"name": "style", "key": "k"}, "weight": 0.8}]}, 0.0,
         (("style", 0.8),)),
        ({"loras": [{"lora": {"model_name": "old"}, "weight": 0.75}, None, {"weight": 1}]}, 0.0,
         (("old", 0.75),)),
        ({"rand_device": "cpu", "regions": [], "canvas_v2_metadata": {"a": None}}, 0.0, ()),
    ],
)  # fmt: skip
def test_invokeai(tmp_path: Path, change: dict[str, Any], guidance: float, loras: Any) -> None:
    for record in ({**INVOKE, **change}, {k: v for k, v in (INVOKE | change).items() if v}):
        path = png(tmp_path / "a.png", invokeai_metadata=record)
        assert read(path, *NAMES) == ("a red circle", "", 42, 8, guidance)
        assert read(path, "loras") == loras
        assert read_record(path)["software"] == "InvokeAI"


def test_invokeai_of_z_image(tmp_path: Path) -> None:
    record = {**INVOKE, "z_image_shift": 5.0, "z_image_seed_variance_enabled": True}
    path = png(tmp_path / "a.png", invokeai_metadata=record)
    assert read(path, "shift") == 5.0
    assert any("seed variance" in note for note in read_record(path)["foreign"]["notes"])


def test_invokeai_before_version_3(tmp_path: Path) -> None:
    old = {
        "model": "stable diffusion", "model_weights": "sd-1.5", "app_version": "2.3.5",
        "image": {"prompt": [{"prompt": "a red circle [blur]", "weight": 1.0}], "steps": 8,
                  "cfg_scale": 7.5, "seed": 42, "width": 64, "height": 64, "sampler": "k_euler"},
    }  # fmt: skip
    expected = ("a red circle", "blur", 42, 8, 6.5)
    assert read(png(tmp_path / "a.png", **{"sd-metadata": old}), *NAMES) == expected
    dream = '"a red circle [blur]" -s 8 -S 42 -W 64 -H 64 -C 7.5 -A k_euler'
    assert read(png(tmp_path / "b.png", Dream=dream), *NAMES) == expected
    with refused("no-parameters-in-picture"):
        read_record(png(tmp_path / "c.png", Dream='"', **{"sd-metadata": "[]"}))


SWARM = {
    "sui_image_params": {
        "prompt": "a red circle <lora:b:0.5>", "negativeprompt": "blur", "model": "z-image",
        "seed": 42, "steps": 8, "cfgscale": 4.5, "width": 64, "height": 64, "sampler": "euler",
        "scheduler": "beta", "sigmashift": 3.0, "loras": ["style"], "loraweights": ["0.8"],
        "swarm_version": "0.9.8.0",
    },
    "sui_extra_data": {"date": "2026-11-01", "generation_time": "1.00 sec"},
    "sui_models": [{"name": "z-image.safetensors", "param": "model", "hash": "0x0"}],
}  # fmt: skip


@pytest.mark.parametrize("older", [False, True])
def test_swarmui(tmp_path: Path, older: bool) -> None:
    value = json.loads(json.dumps(SWARM))
    if older:
        value["sui_image_params"] |= {"loras": "style", "loraweights": "0.8"}
    text = json.dumps(value, indent=2)
    for path in (
        png(tmp_path / "a.png", parameters=text),
        with_exif(tmp_path / "a.jpg", b"UNICODE\0" + text.encode("utf-16-le")),
        with_exif(tmp_path / "a.webp", b"ASCII\0\0\0" + text.encode()),
    ):
        assert read(path, *NAMES) == ("a red circle", "blur", 42, 8, 3.5)
        assert dict(read(path, "loras")) == {"style": 0.8, "b": 0.5}
        assert read(path, "sampler", "sigmas", "shift") == ("euler", "beta", 3.0)
        assert read_record(path)["software"] == "SwarmUI"


def test_swarmui_with_parts_for_other_passes(tmp_path: Path) -> None:
    value = json.loads(json.dumps(SWARM))
    value["sui_image_params"]["prompt"] = (
        "a red circle <segment:face,0.5> a smile <base>in a field <refiner> sharp"
    )
    path = png(tmp_path / "a.png", parameters=value)
    assert read(path, "prompt") == "a red circle in a field"
    assert any("segment, refiner" in note for note in read_record(path)["foreign"]["notes"])


FOOOCUS = {
    "adm_guidance": "(1.5, 0.8, 0.3)", "base_model": "juggernautXL.safetensors",
    "base_model_hash": "aeb7e9e689", "full_negative_prompt": ["blurry"],
    "full_prompt": ["a red fox", "a red fox, cinematic"], "guidance_scale": 4.0,
    "loras": [["style.safetensors", 0.1, "4852686128"]], "metadata_scheme": "fooocus",
    "negative_prompt": "blurry", "performance": "Speed", "prompt": "a red fox",
    "resolution": "(1024, 1024)", "sampler": "euler", "scheduler": "karras", "seed": "42",
    "sharpness": 2.0, "steps": 30, "styles": "[]", "version": "Fooocus v2.5.5",
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [{}, {"prompt": None}, {"negative_prompt": ""}, {"base_model_hash": None}, {"version": None}],
)
def test_fooocus(tmp_path: Path, change: dict[str, Any]) -> None:
    text = json.dumps({k: v for k, v in (FOOOCUS | change).items() if v is not None})
    for path in (
        png(tmp_path / "a.png", parameters=text, fooocus_scheme="fooocus"),
        # In JPEG and WebP it stands in the first directory, as plain text.
        with_exif(tmp_path / "a.jpg", tags={0x9286: text, 0x0131: "Fooocus v2.5.5"}),
        with_exif(tmp_path / "a.webp", tags={0x9286: text, 0x927C: "fooocus"}),
    ):
        assert read(path, *NAMES) == ("a red fox", "blurry", 42, 30, 3.0)
        assert read(path, "loras", "sigmas") == ((("style", 0.1),), "karras")
        assert read_record(path)["software"] == "Fooocus"


def test_fooocus_with_titles_for_keys(tmp_path: Path) -> None:
    old = {
        "Prompt": "a red fox", "Negative Prompt": "blurry", "Sharpness": 2.0, "Seed": 42,
        "Guidance Scale": 4.0, "Steps": 30, "Resolution": "(64, 64)", "Base Model": "x",
        "Sampler": "euler", "Scheduler": "karras", "LoRA 1": "style.safetensors : 0.1",
    }  # fmt: skip
    path = png(tmp_path / "a.png", parameters=old)
    assert read(path, *NAMES) == ("a red fox", "blurry", 42, 30, 3.0)
    assert read(path, "loras") == (("style", 0.1),)


NOVELAI = {
    "prompt": "a red circle", "steps": 28, "height": 64, "width": 64, "scale": 5.5, "seed": 42,
    "uc": "blur", "sampler": "k_euler", "noise_schedule": "karras", "n_samples": 1,
}  # fmt: skip


def test_novelai(tmp_path: Path) -> None:
    head = {"Title": "AI generated image", "Description": "a red circle", "Software": "NovelAI",
            "Source": "Stable Diffusion XL C1E1DE52"}  # fmt: skip
    expected = ("a red circle", "blur", 42, 28, 4.5)
    assert read(png(tmp_path / "a.png", **head, Comment=NOVELAI), *NAMES) == expected
    assert read_record(tmp_path / "a.png")["software"] == "NovelAI"
    captions = {"base_caption": "two girls", "char_captions": [
        {"char_caption": "girl, red hair", "centers": [{"x": 0.5, "y": 0.5}]}, {}]}  # fmt: skip
    v4 = NOVELAI | {
        "v4_prompt": {"caption": captions, "use_coords": False},
        "v4_negative_prompt": {"caption": {"base_caption": "blur", "char_captions": []}},
    }
    path = png(tmp_path / "b.png", **head, Comment=v4)
    assert read(path, *NAMES) == ("two girls, girl, red hair", *expected[1:])
    older = {k: v for k, v in NOVELAI.items() if k not in ("uc", "noise_schedule", "prompt")}
    path = png(tmp_path / "older.png", **head, Comment=older)
    assert read(path, *NAMES) == ("a red circle", "", 42, 28, 4.5)
    whole = json.dumps({**head, "Comment": json.dumps(NOVELAI)})
    path = with_exif(tmp_path / "c.webp", b"UNICODE\0" + whole.encode("utf-16-be"))
    assert read(path, *NAMES) == expected


DRAW_THINGS = {
    "c": 'a "red" circle & <more>', "uc": "", "steps": 8, "scale": 1, "seed": 42, "shift": 3,
    "sampler": "Euler A Trailing", "size": "64x64", "model": "z_image_turbo_1.0_q8p.ckpt",
    "lora": [{"model": "style_lora_f16.ckpt", "weight": 0.8}], "strength": 1,
}  # fmt: skip
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    'xmlns:exif="http://ns.adobe.com/exif/1.0/">{}</rdf:Description></rdf:RDF></x:xmpmeta>'
)


def test_draw_things(tmp_path: Path) -> None:
    import html

    from PIL import Image

    text = html.escape(json.dumps(DRAW_THINGS), quote=False)
    listed = (
        f'<exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt>'
        "</exif:UserComment>"
    )
    paths = [png(tmp_path / "a.png", **{"XML:com.adobe.xmp": XMP.format(listed)})]
    for ending in ("jpg", "webp"):
        path = tmp_path / f"a.{ending}"
        Image.new("RGB", (64, 64)).save(path, xmp=XMP.format(listed).encode())
        paths.append(path)
    for path in paths:
        assert read(path, *NAMES) == ('a "red" circle & <more>', "", 42, 8, 0.0)
        assert read(path, "loras", "shift") == ((("style_lora_f16", 0.8),), 3.0)
        assert read_record(path)["software"] == "Draw Things"


def test_tools_that_write_plain_fields(tmp_path: Path) -> None:
    mflux = {
        "mflux_version": "0.12.0", "model": "Tongyi-MAI/Z-Image-Turbo", "seed": 42, "steps": 8,
        "guidance": None, "height": 64, "width": 64, "prompt": "a red circle",
        "negative_prompt": None, "lora_paths": ["/x/style.safetensors"], "lora_scales": [0.8],
    }  # fmt: skip
    path = with_exif(tmp_path / "a.jpg", json.dumps(mflux).encode())
    assert read(path, *NAMES) == ("a red circle", "", 42, 8, None)
    assert read(path, "loras") == (("style", 0.8),)
    assert read_record(path)["software"] == "mflux"
    path = with_exif(tmp_path / "d.jpg", json.dumps(mflux | {"base_model": "z-image"}).encode())
    assert read(path, "loras") == (("style", 0.8),)
    assert read_record(path)["software"] == "mflux"
    easy = {
        "prompt": "a red circle", "negative_prompt": "blur", "seed": "42", "guidance_scale": "4.5",
        "num_inference_steps": "8", "use_stable_diffusion_model": "sd-v1-5", "width": "64",
        "height": "64", "sampler_name": "euler",
    }  # fmt: skip
    for path in (png(tmp_path / "b.png", **easy), png(tmp_path / "c.png", parameters=easy)):
        assert read(path, *NAMES) == ("a red circle", "blur", 42, 8, 3.5)
        assert read_record(path)["software"] == "Easy Diffusion"


def test_stability_matrix(tmp_path: Path) -> None:
    value = {
        "PositivePrompt": "a red circle", "NegativePrompt": "blur", "Width": 64, "Height": 64,
        "Seed": 42, "Steps": 8, "CfgScale": 4.5, "Sampler": "euler", "ModelName": "z",
    }  # fmt: skip
    path = png(tmp_path / "a.png", **{"parameters-json": value, "smproj": "{}"})
    assert read(path, *NAMES) == ("a red circle", "blur", 42, 8, 3.5)


def test_plain_fields_with_loras(tmp_path: Path) -> None:
    tensor_art = {
        "models": [{"type": "BASE_MODEL", "modelFileName": "z"},
                   {"type": "LORA", "label": "Style", "modelFileName": "style", "weight": 0.8}],
        "prompt": "a red circle", "negativePrompt": "blur", "seed": "42", "steps": 8,
        "cfgScale": 4.5, "samplerName": "Euler", "width": 64, "height": 64,
    }  # fmt: skip
    path = png(tmp_path / "a.png", generation_data=json.dumps(tensor_art) + "\0")
    assert read(path, *NAMES) == ("a red circle", "blur", 42, 8, 3.5)
    assert read(path, "loras") == (("style", 0.8),)
    ruined = {
        "Prompt": "a red circle", "Negative": "blur", "steps": 8, "cfg": 4.5, "seed": 42,
        "sampler_name": "euler", "scheduler": "simple", "loras": [["0.8", "style.safetensors"]],
        "base_model_name": "z", "software": "RuinedFooocus",
    }  # fmt: skip
    path = png(tmp_path / "b.png", parameters=ruined)
    assert read(path, *NAMES) == ("a red circle", "blur", 42, 8, 3.5)
    assert read(path, "loras") == (("style", 0.8),)
    assert read_record(path)["software"] == "RuinedFooocus"


@pytest.mark.parametrize(
    "value",
    [None, [], 5, "x", {}, {"prompt": None}, {"sui_image_params": None}, {"c": 1},
     {"positive_prompt": 5}, {"caption": []}, {"full_prompt": [], "base_model": None},
     {"sui_image_params": {"prompt": []}}, {"prompt": {"1": {"inputs": None}}}],
)  # fmt: skip
def test_broken_records_are_one_sentence(tmp_path: Path, value: Any) -> None:
    for name in ("parameters", "invokeai_metadata", "prompt", "Comment", "zimg", "sd-metadata"):
        with refused("no-parameters-in-picture"):
            read_record(png(tmp_path / "a.png", **{name: json.dumps(value)}))


def hidden(path: Path, signature: bytes, content: bytes, alpha: int = 254) -> Path:
    """Write a picture with a content in the lowest bits of its alpha channel."""
    import numpy as np
    from PIL import Image

    whole = signature + (8 * len(content)).to_bytes(4, "big") + content
    bits = np.unpackbits(np.frombuffer(whole, np.uint8))
    width, height = 64, 128
    columns = np.full(width * height, alpha, np.uint8)
    columns[: len(bits)] |= bits
    image = Image.new("RGB", (width, height), "red")
    image.putalpha(Image.fromarray(columns.reshape(width, height).T))
    image.save(path, **({"lossless": True, "exact": True} if path.suffix == ".webp" else {}))
    return path


@pytest.mark.parametrize("ending", ["png", "webp"])
def test_records_hidden_in_the_alpha_channel(tmp_path: Path, ending: str) -> None:
    import gzip

    texts = {"Description": "a red circle", "Software": "NovelAI", "Comment": json.dumps(NOVELAI)}
    packed = gzip.compress(json.dumps(texts).encode())
    path = hidden(tmp_path / f"a.{ending}", b"stealth_pngcomp", packed)
    assert read(path, *NAMES) == ("a red circle", "blur", 42, 28, 4.5)
    assert read_record(path)["software"] == "NovelAI"
    path = hidden(tmp_path / f"b.{ending}", b"stealth_pnginfo", A1111.encode())
    assert read(path, *NAMES) == ("a red circle", "blur", 5, 8, 0.0)
    path = hidden(tmp_path / f"c.{ending}", b"stealth_pngcomp", gzip.compress(A1111.encode()))
    assert read(path, *NAMES) == ("a red circle", "blur", 5, 8, 0.0)
    for signature, content in (
        (b"stealth_pngcomp", b"no gzip"), (b"stealth_pnginfo", b"\xff\xfe\0"),
        (b"stealth_nothing", packed), (b"stealth_pngcomp", packed[:-20]),
    ):  # fmt: skip
        with refused("no-parameters-in-picture"):
            read_record(hidden(tmp_path / f"d.{ending}", signature, content))


def test_easy_diffusion_with_lists_and_titles(tmp_path: Path) -> None:
    plain = {
        "prompt": "a red circle", "negative_prompt": "blur", "seed": 42, "width": 64, "height": 64,
        "use_stable_diffusion_model": "sd-v1-5", "sampler_name": "euler", "guidance_scale": 4.5,
        "num_inference_steps": 8, "use_lora_model": ["style", "b"], "lora_alpha": [0.8, 0.5],
        "clip_skip": False,
    }  # fmt: skip
    titled = {
        "Prompt": "a red circle", "Negative Prompt": "blur", "Seed": 42, "Width": 64, "Height": 64,
        "Stable Diffusion model": "sd-v1-5", "Sampler": "euler", "Guidance Scale": 4.5,
        "Steps": 8, "LoRA model": "style, b", "LoRA Strength": "0.8, 0.5", "Clip Skip": False,
    }  # fmt: skip
    paths = []
    for at, value in enumerate((plain, titled)):
        chunks = {key: str(item) for key, item in value.items()}  # a list in Python's form
        lines = "\n".join(f"{key}: {item}" for key, item in value.items())
        paths += [
            png(tmp_path / f"{at}.png", **chunks),
            png(tmp_path / f"{at}-list.png", parameters=json.dumps([value, value])),
            png(tmp_path / f"{at}-lines.png", parameters=lines),
            with_exif(tmp_path / f"{at}.jpg", b"UNICODE\0" + json.dumps(value).encode("utf-16-be")),
        ]
    for path in paths:
        assert read(path, *NAMES) == ("a red circle", "blur", 42, 8, 3.5), path
        assert dict(read(path, "loras")) == {"style": 0.8, "b": 0.5}, path
        assert read_record(path)["software"] == "Easy Diffusion", path
