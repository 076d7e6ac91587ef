"""The familiar functions: generate, generate_image, batch_generate, get_pipeline."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from diffusers import ZImagePipeline
from PIL import Image

import zimg_kernel as zimg
from refusals import refused, warned

QUICK = {"model": "nano-turbo", "steps": 2, "width": 128, "height": 128}


@pytest.fixture(autouse=True)
def default(as_default: zimg.LocalEngine) -> zimg.LocalEngine:
    """Let the familiar functions use the warm engine with this test's gallery."""
    return as_default


def test_generate_returns_a_picture_or_a_list_of_them() -> None:
    one = zimg.generate("一个红色的圆", **QUICK)
    assert isinstance(one, zimg.GeneratedImage)
    assert one.seed >= 0
    many = zimg.generate("一个红色的圆", count=2, seed=5, **QUICK)
    assert [image.seed for image in many] == [5, 6]
    assert many._repr_html_().count("<img alt=") == 2


def test_generate_takes_whole_parameters_and_changes_to_them() -> None:
    first = zimg.generate("一个红色的圆", seed=5, **QUICK)
    by_params = zimg.generate(first.params)
    by_mapping = zimg.generate(json.loads(first.params.to_json()))
    by_fields = zimg.generate(**first.params.model_dump())
    for again in (by_params, by_mapping, by_fields):
        assert again.image.tobytes() == first.image.tobytes()
    assert zimg.generate(first.params, seed=6).seed == 6


def test_the_prompt_of_whole_parameters_can_be_changed() -> None:
    first = zimg.generate(prompt="一个红色的圆", seed=5, **QUICK)
    second = zimg.generate(first.params, prompt="一个蓝色的圆")
    assert (second.params.prompt, second.seed) == ("一个蓝色的圆", 5)


def test_generate_says_what_has_no_effect() -> None:
    with warned("job-warning"):
        zimg.generate("a red circle", negative_prompt="y", **QUICK)


@pytest.mark.parametrize(
    ("prompt", "code"), [(3, "wrong-type"), (None, "missing-parameter"), (["a"], "wrong-type")]
)
def test_a_prompt_that_is_no_text_is_refused(prompt: object, code: str) -> None:
    with refused(code, "prompt"):
        zimg.generate(prompt, **QUICK)


def test_get_pipeline_is_warm_and_the_real_thing() -> None:
    pipe = zimg.get_pipeline("nano-turbo")
    assert isinstance(pipe, ZImagePipeline)
    assert zimg.get_pipeline("nano-turbo") is pipe


def test_generate_image_writes_where_it_is_told(tmp_path: Path, default: zimg.LocalEngine) -> None:
    path = zimg.generate_image(
        "一个红色的圆", tmp_path / "new" / "a.jpg", 128, 192, 3, model="nano-turbo", steps=2
    )
    assert path == tmp_path / "new" / "a.jpg"
    with Image.open(path) as image:
        assert image.size == (192, 128)
    assert zimg.GeneratedImage.open(path).params.seed == 3
    assert default.gallery is not None
    assert len(default.gallery.search(seed=3)) == 1


def test_generate_image_refuses_a_bad_ending_before_it_draws(default: zimg.LocalEngine) -> None:
    with refused("wrong-ending", "output_path"):
        zimg.generate_image("x", "picture.tiff", model="nano-turbo")
    assert default.gallery is not None
    assert len(default.gallery) == 0


def test_one_bad_prompt_does_not_stop_the_batch(tmp_path: Path) -> None:
    prompts = ["一个红色的圆", "", {"prompt": "a blue star", "seed": 9}, "红" * 600, {"width": 1}]
    results = zimg.batch_generate(prompts, tmp_path / "out", **QUICK)
    assert [result.ok for result in results] == [True, False, True, False, False]
    assert set(results.failures) == {1, 3, 4}
    assert "prompt is empty" in results.failures[1]
    assert "shorten it" in results.failures[3]
    assert [path.parent for path in results.paths] == [tmp_path / "out"] * 2
    assert [path.name[:3] for path in results.paths] == ["000", "002"]
    assert zimg.GeneratedImage.open(results.paths[1]).params.seed == 9
    assert "shorten it" in results._repr_html_()


def test_a_batch_wants_a_list(tmp_path: Path) -> None:
    with refused("wrong-type", "prompts"):
        zimg.batch_generate("a red circle", tmp_path)


def test_kill_in_the_middle_of_a_batch_leaves_only_whole_pictures(tmp_path: Path) -> None:
    code = (
        "import sys, zimg_kernel as z\n"
        "z.use_gallery(sys.argv[1])\n"
        "z.batch_generate([f'红色的圆 {i}' for i in range(500)], sys.argv[2],\n"
        "                 model='nano-turbo', steps=1, width=128, height=128)\n"
    )
    gallery, out = tmp_path / "gallery", tmp_path / "out"
    process = subprocess.Popen([sys.executable, "-c", code, str(gallery), str(out)])
    try:
        deadline = time.monotonic() + 120
        while len(list(out.glob("*.png"))) < 5 and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    written = list(out.glob("*.png"))
    kept = list(gallery.rglob("*.png"))
    assert 5 <= len(written) <= len(kept) < 500
    for path in [*written, *kept]:
        assert np.asarray(zimg.GeneratedImage.open(path).image).shape == (128, 128, 3)
    for file in gallery.glob("index.sqlite*"):
        file.unlink()
    assert zimg.Gallery(gallery).rebuild() == len(kept)
    found = {entry.prompt for entry in zimg.Gallery(gallery).search()}
    assert {zimg.GeneratedImage.open(path).params.prompt for path in written} <= found


def test_a_cancelled_picture_does_not_stop_the_batch(
    tmp_path: Path, default: zimg.LocalEngine
) -> None:
    seen: list[zimg.Job] = []

    def cancel_second(job: zimg.Job) -> None:
        seen.append(job)
        if len(seen) == 2:
            job.cancel()

    default.on_submit(cancel_second)
    results = zimg.batch_generate(
        ["a red circle", "a blue star", "a red circle"], tmp_path, **QUICK
    )
    assert [result.ok for result in results] == [True, False, True]
    assert "cancelled" in results.failures[1]
    assert len(results.paths) == 2
    assert len({result.image.seed for result in results if result.image}) == 2
