"""Pictures with their parameters inside: PNG, JPEG, WebP, other tools' files, notebooks."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from sd_parsers import ParserManager

from refusals import refused
from zimg_kernel import GalleryError, GeneratedImage, GenerationParams


@pytest.fixture
def picture() -> GeneratedImage:
    noise = np.random.default_rng(0).integers(0, 256, (192, 256, 3), dtype=np.uint8)
    return GeneratedImage(
        image=Image.fromarray(noise),
        params=GenerationParams(
            model="nano-turbo",
            prompt="红色的圆，“你好”\nsecond line <b>&",
            negative_prompt="模糊",
            width=256,
            height=192,
            steps=8,
            guidance=3.0,
            seed=2**64 - 1,
        ),
        timings={"text_encoder": 0.1, "transformer": 0.5, "vae": 0.2, "total": 0.8},
        device="cpu, float32",
        versions={"torch": "2.13.0"},
    )


@pytest.mark.parametrize("name", ["a.png", "b.jpg", "c.jpeg", "d.webp", "new folder/e.PNG"])
def test_everything_survives_saving_and_opening(
    picture: GeneratedImage, tmp_path: Path, name: str
) -> None:
    path = picture.save(tmp_path / name)
    again = GeneratedImage.open(path)
    assert path == tmp_path / name == again.path == picture.path
    lossy = {} if path.suffix.lower() == ".png" else {"pixels": again.record()["pixels"]}
    assert again.record() == {**picture.record(), **lossy}
    assert again.params == picture.params
    assert again.seed == 2**64 - 1
    if path.suffix.lower() == ".png":
        assert np.array_equal(again.image, picture.image)


@pytest.mark.parametrize("name", ["a.png", "b.jpg"])
def test_other_tools_can_read_the_parameters(
    picture: GeneratedImage, tmp_path: Path, name: str
) -> None:
    found = ParserManager().parse(picture.save(tmp_path / name))
    assert found is not None
    assert found.full_prompt.startswith("红色的圆")
    assert found.full_negative_prompt == "模糊"
    sampler = found.samplers[0].parameters
    assert sampler["seed"] == str(2**64 - 1)
    assert (sampler["steps"], sampler["cfg_scale"]) == ("8", "4")


def test_the_parameters_text_is_in_a_chunk_that_unicode_survives(
    picture: GeneratedImage, tmp_path: Path
) -> None:
    with Image.open(picture.save(tmp_path / "a.png")) as image:
        assert isinstance(image, PngImagePlugin.PngImageFile)
        assert isinstance(image.text["parameters"], PngImagePlugin.iTXt)
        assert json.loads(image.text["zimg"])["params"]["seed"] == 2**64 - 1


def test_a_picture_by_a1111_is_read(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text(
        "parameters",
        "a cat, masterpiece\nNegative prompt: blurry\n"
        "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 123, Size: 512x640, Model: dream",
    )
    Image.new("RGB", (512, 640)).save(tmp_path / "a1111.png", pnginfo=info)
    found = GeneratedImage.open(tmp_path / "a1111.png")
    p = found.params
    assert (p.prompt, p.negative_prompt) == ("a cat, masterpiece", "blurry")
    assert (p.steps, p.seed, p.guidance, p.width, p.height) == (20, 123, 6.0, 512, 640)
    assert found.software == "AUTOMATIC1111"


def test_a_picture_by_comfyui_is_read(tmp_path: Path) -> None:
    graph = {
        "3": {
            "class_type": "KSampler",
            "inputs": {
                "seed": 99, "steps": 8, "cfg": 1.0, "sampler_name": "euler", "scheduler": "simple",
                "denoise": 1.0, "model": ["11", 0], "positive": ["6", 0], "negative": ["7", 0],
                "latent_image": ["5", 0],
            },
        },
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "一只猫", "clip": ["4", 0]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 0]}},
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0]}},
        "11": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "z.safetensors"}},
    }  # fmt: skip
    info = PngImagePlugin.PngInfo()
    info.add_text("prompt", json.dumps(graph))
    Image.new("RGB", (64, 64)).save(tmp_path / "comfy.png", pnginfo=info)
    found = GeneratedImage.open(tmp_path / "comfy.png")
    assert found.params.prompt == "一只猫"
    assert (found.params.seed, found.params.steps) == (99, 8)
    assert found.software == "ComfyUI"


def test_files_that_are_no_pictures_of_ours_get_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello")
    Image.new("RGB", (8, 8)).save(tmp_path / "plain.png")
    codes = {
        "text.png": "picture-unreadable",
        "plain.png": "no-parameters-in-picture",
        "gone.png": "file-missing",
        ".": "folder-instead-of-file",
    }
    for name, code in codes.items():
        with refused(code) as caught:
            GeneratedImage.open(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_an_ending_that_is_no_format_is_refused(picture: GeneratedImage, tmp_path: Path) -> None:
    with refused("wrong-ending", "path"):
        picture.save(tmp_path / "a.bmp")


def test_a_full_disk_is_one_sentence_and_the_picture_stays(
    picture: GeneratedImage, tmp_path: Path
) -> None:
    # A real file system of 64 kB, in a mount namespace of a process of its own.
    big = picture.save(tmp_path / "whole.png")
    assert big.stat().st_size > 65536
    code = (
        "import subprocess, sys\n"
        "from zimg_kernel import GeneratedImage, GalleryError\n"
        "mount = ['mount', '-t', 'tmpfs', '-o', 'size=64k', 'none', sys.argv[2]]\n"
        "subprocess.run(mount, check=True)\n"
        "image = GeneratedImage.open(sys.argv[1])\n"
        "try: image.save(sys.argv[2] + '/a.png')\n"
        "except GalleryError as error: print(error)\n"
        "import os; print(os.listdir(sys.argv[2]), image.image.size)\n"
    )
    small = tmp_path / "small"
    small.mkdir()
    command = ["unshare", "-m", sys.executable, "-c", code, str(big), str(small)]
    done = subprocess.run(command, capture_output=True, text=True)
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip("this user may not mount a file system")
    said, rest = done.stdout.splitlines()
    assert "is full" in said
    assert "still in memory" in said
    assert rest == "[] (256, 192)"


def test_a_folder_that_cannot_be_written_is_one_sentence(
    picture: GeneratedImage, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with refused("not-written", kind=GalleryError) as caught:
        picture.save(tmp_path / "file" / "a.png")
    assert "\n" not in str(caught.value)
    assert picture.path is None


def test_nothing_is_left_of_a_write_that_failed(picture: GeneratedImage, tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(GalleryError):
        picture.save(tmp_path / "a.png")
    assert os.listdir(tmp_path) == ["a.png"]


def test_a_notebook_gets_a_small_picture_with_alt_text(picture: GeneratedImage) -> None:
    large = np.random.default_rng(0).integers(0, 256, (2048, 2048, 3), dtype=np.uint8)
    picture.image = Image.fromarray(large)
    bundle = picture._repr_mimebundle_()
    assert sum(len(value) for value in bundle.values()) < 200_000
    assert 'alt="红色的圆' in bundle["text/html"]
    assert "&lt;b&gt;&amp;" in bundle["text/html"]
    assert "seed 18446744073709551615" in bundle["text/plain"]
    assert bundle["text/plain"].startswith("红色的圆")


def test_a_preview_that_cannot_be_that_small_is_as_small_as_can_be() -> None:
    image = GeneratedImage(Image.new("RGB", (64, 32)), GenerationParams(prompt="x"))
    data = image.preview(max_bytes=10)
    assert Image.open(io.BytesIO(data)).size == (1, 1)
