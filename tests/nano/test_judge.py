"""The judge: right on clean drawings, and not fooled by planted faults."""

from __future__ import annotations

import dataclasses
import random

import pytest
import torch
from PIL import Image

from zimg_kernel.nano import BASE
from zimg_kernel.nano.draw.render import draw
from zimg_kernel.nano.draw.things import pack
from zimg_kernel.nano.evaluate.cases import check, text_cases
from zimg_kernel.nano.judge.detection import detect, score
from zimg_kernel.nano.world.composites import COMPOSITES
from zimg_kernel.nano.world.scenes import Scene, Thing, sample_scene


def _picture(scene: Scene, height: int = 256, width: int = 256) -> torch.Tensor:
    return draw(pack([scene]), height, width)[0]


def _image(picture: torch.Tensor) -> Image.Image:
    return Image.fromarray((picture.permute(1, 2, 0) * 255).round().byte().numpy())


def _thing(**changes) -> Thing:
    return dataclasses.replace(Thing("circle", "red", 0.26, 0.5, 0.17), **changes)


PAIR = Scene("two", (_thing(), _thing(shape="square", colour="blue", x=0.74)), relation="left")


@pytest.mark.parametrize("size", [(256, 256), (128, 128), (192, 256)])
def test_clean_drawings_are_read_without_a_miss(size):
    rng = random.Random(size[0])
    scenes = [sample_scene(rng, details=False) for _ in range(40)]
    pictures = draw(pack(scenes), *size)
    for scene, picture in zip(scenes, pictures, strict=True):
        assert score(picture, scene)["all"], (scene, detect(picture))


@pytest.mark.parametrize("colour", ["white", "blue", "cyan", "gray"])
def test_things_with_pale_parts_are_read_as_one(colour):
    for shape in COMPOSITES:
        scene = Scene("single", (_thing(shape=shape, colour=colour, x=0.5, radius=0.25),))
        assert score(_picture(scene), scene)["all"], (shape, detect(_picture(scene)))


def test_pil_and_tensor_agree():
    picture = _picture(PAIR)
    assert [d.shape for d in detect(_image(picture))] == [d.shape for d in detect(picture)]


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        (lambda a, b: (dataclasses.replace(a, colour="green"), b), "colour"),
        (lambda a, b: (dataclasses.replace(a, shape="star"), b), "shape"),
        (lambda a, b: (dataclasses.replace(a, x=b.x), dataclasses.replace(b, x=a.x)), "relation"),
        (lambda a, b: (a,), "count"),
        (lambda a, b: (a, b, _thing(x=0.5, y=0.2, radius=0.08)), "count"),
    ],
)
def test_planted_faults_are_found(fault, check):
    assert score(_picture(PAIR), PAIR)["all"]
    wrong = dataclasses.replace(PAIR, things=fault(*PAIR.things))
    result = score(_picture(wrong), PAIR)
    assert not result["all"]
    assert not result[check]


def test_a_moved_object_is_out_of_place():
    scene = Scene("single", (_thing(place="left"),))
    moved = Scene("single", (_thing(x=0.55, place="left"),))
    assert score(_picture(scene), scene)["place"]
    assert not score(_picture(moved), scene)["place"]


def test_an_empty_picture_shows_nothing():
    assert detect(torch.ones(3, 256, 256) * 0.9) == []
    assert not score(torch.ones(3, 256, 256) * 0.9, PAIR)["all"]


@pytest.mark.parametrize(
    ("count", "least"),
    [
        pytest.param(6, 0.9, marks=pytest.mark.slow),
        pytest.param(60, 0.97, marks=pytest.mark.nightly),
    ],
)
def test_what_has_gone_through_the_autoencoder_is_read_as_well(count, least):
    from diffusers import AutoencoderKL

    vae = AutoencoderKL.from_pretrained(BASE / "vae", torch_dtype=torch.float32)
    vae.to(memory_format=torch.channels_last)  # and one by one: twice as fast on a CPU
    cases = text_cases(count, 424242)
    clean = draw(pack([c.scene for c in cases]), 256, 256)
    with torch.no_grad():
        latents = [vae.encode(x * 2 - 1).latent_dist.mode() for x in clean.split(1)]
        back = torch.cat([vae.decode(z).sample for z in latents]) / 2 + 0.5
    found = [check(c, _image(p)) for c, p in zip(cases, back.clamp(0, 1), strict=True)]
    right = [f["word"] if "word" in f else f["all"] for f in found]
    assert sum(right) / len(right) >= least
