"""Z-Image workflows run: each way of drawing lands in the gallery with the right parameters."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lora_files import train
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.images.metadata import read_record
from zimg_kernel.params import GenerationParams

from ..running import RunningService
from .comfy_client import Client, images
from .graphs import base, custom, from_picture, inpainted, node, turbo, upscaled, with_loras


@pytest.fixture
def gallery(service: RunningService) -> Gallery:
    return service.context.gallery


def drawn(client: Client, entry: dict[str, Any], output: str = "9") -> GeneratedImage:
    """Return the picture of an output, as our own readers take it."""
    answer = client.get("/view", params=images(entry, output)[0])
    assert client.folder is not None
    path = client.folder / images(entry, output)[0]["filename"]
    path.write_bytes(answer.content)
    return GeneratedImage.open(path)


def test_text_to_image(client: Client, gallery: Gallery) -> None:
    graph = turbo("a red circle on white", seed=11)
    graph["5"]["inputs"]["width"] = 192
    entry = client.run(graph, extra_data={"extra_pnginfo": {"workflow": {"a": 1}, "secret": "x"}})
    picture = drawn(client, entry)
    params = picture.params
    assert (params.model, params.prompt, params.seed) == ("nano-turbo", "a red circle on white", 11)
    assert (params.width, params.height, params.steps, params.guidance) == (192, 128, 2, 0)
    assert params.shift == 3
    assert picture.image.size == (192, 128)
    (found,) = gallery.by_digest("pixels", [picture.record()["pixels"]])
    assert found.open().params == params
    with Image.open(io.BytesIO(client.get("/view", params=images(entry)[0]).content)) as file:
        texts = file.info
    assert '"KSampler"' in texts["prompt"]
    assert texts["workflow"] == '{"a": 1}'
    assert "secret" not in texts
    assert images(entry)[0] == {"filename": "z-image_00001_.png", "subfolder": "", "type": "output"}


def test_base_with_guidance(client: Client) -> None:
    params = drawn(client, client.run(base("a red circle", "blue"))).params
    assert (params.model, params.negative_prompt) == ("nano-base", "blue")
    assert params.guidance == 2.5  # cfg 3.5


def test_custom_sampling_is_the_same_picture(client: Client) -> None:
    one, two = (drawn(client, client.run(graph)) for graph in (turbo(), custom()))
    assert one.record()["pixels"] == two.record()["pixels"]


def test_image_to_image(client: Client) -> None:
    name = client.upload(Image.new("RGB", (128, 128), "blue"))["name"]
    entry = client.run(from_picture(name, denoise=0.5, steps=3))
    params = drawn(client, entry).params
    assert params.edit is not None
    assert (params.edit.kind, params.edit.strength) == ("img2img", 0.5)
    assert params.steps == 6  # of which the last 3 are run, as with ComfyUI
    assert any("Strength 0.5 runs 3 of 6 steps" in note for note in entry["notes"])


def test_inpainting_keeps_what_is_not_masked(client: Client) -> None:
    source = Image.new("RGBA", (128, 128), (10, 200, 30, 255))
    source.paste((0, 0, 0, 0), (64, 64, 128, 128))
    picture = drawn(client, client.run(inpainted(client.upload(source)["name"])))
    assert picture.params.edit is not None
    assert picture.params.edit.kind == "inpaint"
    pixels = np.asarray(picture.image.convert("RGB"))
    assert (pixels[:64] == (10, 200, 30)).all()
    assert not (pixels[64:, 64:] == (10, 200, 30)).all()


def test_masks_by_hand_and_outpainting(client: Client) -> None:
    name = client.upload(Image.new("RGB", (112, 128), "blue"))["name"]
    mask = Image.new("RGBA", (112, 128), (255, 0, 0, 255))
    reference = json.dumps({"filename": name, "type": "input"})
    sent = io.BytesIO()
    mask.putalpha(Image.new("L", mask.size, 128))
    mask.save(sent, "PNG")
    answer = client.post(
        "/upload/mask",
        files={"image": ("masked.png", sent.getvalue())},
        data={"original_ref": reference, "type": "input"},
    )
    assert answer.json()["name"] == "masked.png"
    graph = from_picture(name, denoise=1.0)
    graph["60"] = node("ImagePadForOutpaint", image=["20", 0], left=16, top=0, right=0, bottom=0,
                       feathering=0)  # fmt: skip
    graph["61"] = node("LoadImageMask", image="masked.png", channel="red")
    graph["62"] = node("InvertMask", mask=["61", 0])
    graph["63"] = node("MaskToImage", mask=["62", 0])
    graph["64"] = node("PreviewImage", images=["63", 0])
    graph["21"]["inputs"]["pixels"] = ["60", 0]
    graph["65"] = node("SetLatentNoiseMask", samples=["21", 0], mask=["60", 1])
    graph["3"]["inputs"]["latent_image"] = ["65", 0]
    entry = client.run(graph)
    picture = drawn(client, entry).image.convert("RGB")
    assert picture.size == (128, 128)
    assert picture.getpixel((100, 60)) == (0, 0, 255)
    (shown,) = images(entry, "64")
    assert shown["type"] == "temp"
    assert client.picture(shown).getpixel((5, 5)) == (255, 255, 255)  # no red, inverted


def test_upscaling_and_several_outputs(client: Client) -> None:
    entry = client.run(upscaled())
    small, large = drawn(client, entry), drawn(client, entry, "33")
    assert (small.image.size, large.image.size) == ((128, 128), (256, 256))
    assert large.source is not None
    assert GenerationParams.from_dict(large.source["params"]) == small.params  # its lineage
    repeated = client.run(upscaled())
    assert repeated["outputs"] == entry["outputs"]


def test_batch(client: Client, tmp_path: Path) -> None:
    graph = turbo(seed=20)
    graph["5"]["inputs"]["batch_size"] = 2
    entry = client.run(graph)
    names = [image["filename"] for image in images(entry)]
    assert names == ["z-image_00001_.png", "z-image_00002_.png"]
    seeds = []
    for image in images(entry):
        path = tmp_path / image["filename"]
        path.write_bytes(client.get("/view", params=image).content)
        seeds.append(read_record(path)["params"]["seed"])
    assert seeds == [20, 21]


def test_loras_in_a_chain(
    client: Client, service: RunningService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine: Any = service.engine
    monkeypatch.setenv("ZIMG_LORAS", str(tmp_path / "loras"))
    lesson = train(engine.pipeline("nano-turbo"), tmp_path / "loras", steps=1)
    (lesson.parent / "second.safetensors").write_bytes(lesson.read_bytes())
    named = client.get("/object_info/LoraLoader").json()["LoraLoader"]["input"]["required"]
    assert named["lora_name"][0] == ["lesson.safetensors", "second.safetensors"]
    chain = ("lesson.safetensors", 0.5), ("second.safetensors", 0.25), ("lesson.safetensors", 0.25)
    params = drawn(client, client.run(with_loras(turbo(), *chain))).params
    assert dict(params.loras) == {"lesson.safetensors": 0.75, "second.safetensors": 0.25}
    answer = client.prompt(with_loras(turbo(), ("nope.safetensors", 1.0)))
    (error,) = answer.json()["node_errors"]["500"]["errors"]
    assert error["type"] == "value_not_in_list"


def test_a_model_that_is_not_here_is_stood_in_for(client: Client) -> None:
    graph = turbo(size=1024)
    graph["11"]["inputs"]["unet_name"] = "z_image_turbo_bf16.safetensors"
    graph["3"]["inputs"]["sampler_name"] = "res_multistep"
    entry = client.run(graph)
    picture = drawn(client, entry)
    assert picture.params.model == "nano-turbo"
    assert picture.image.size == (256, 256)
    said = " ".join(entry["notes"])
    assert "nano-turbo draws in its place" in said
    assert "res_multistep" in said


def test_a_changed_node_alone_is_run_again(client: Client) -> None:
    client.run(turbo())
    graph = turbo()
    graph["9"]["inputs"]["filename_prefix"] = "sub/%year%-other"
    entry = client.run(graph)
    (_, cached) = entry["status"]["messages"][1]
    assert set(cached["nodes"]) == set(graph) - {"9"}
    (image,) = images(entry)
    assert image["subfolder"] == "sub"
    assert image["filename"].endswith("-other_00001_.png")


@pytest.mark.parametrize("prefix", ["../x", "/etc/x", "a/../../x", "..\\x"])
def test_a_prefix_cannot_leave_the_folder(client: Client, prefix: str) -> None:
    graph = turbo()
    graph["9"]["inputs"]["filename_prefix"] = prefix
    entry = client.run(graph)
    assert entry["status"]["status_str"] == "error"
    (_, error) = entry["status"]["messages"][-1]
    assert error["node_id"] == "9"
    assert "filename_prefix" in error["exception_message"]
