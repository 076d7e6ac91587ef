"""The same parameters give the same pictures as in version 0.1.0."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import zimg_kernel as zimg
from compat.drawing import PIXELS, all_cases, differences, draw, recorded, sha256
from zimg_kernel import GeneratedImage


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case["name"])
def test_a_request_draws_what_it_drew(
    case: dict[str, Any], gallery: zimg.Gallery, tmp_path: Path
) -> None:
    drawn = draw(case, tmp_path / "out")
    stored = [PIXELS / f"{case['name']}-{number}.png" for number in range(len(drawn))]
    assert len(drawn) == len(list(PIXELS.glob(f"{case['name']}-[0-9].png")))
    for picture, path in zip(drawn, stored, strict=True):
        wanted = GeneratedImage.open(path)
        assert sha256(wanted.image) == recorded()["sha256"][path.stem]
        assert not differences(picture.image, wanted.image), path.stem
        assert picture.params == wanted.params
        assert picture.params.hash == wanted.params.hash
        told = json.loads(json.dumps(picture.record()["source"]))
        assert told == wanted.record()["source"]


@pytest.mark.parametrize("path", sorted(PIXELS.glob("*.png")), ids=lambda path: path.stem)
def test_a_picture_on_disk_still_tells_how_it_was_made(path: Path) -> None:
    picture = GeneratedImage.open(path)
    assert picture.software == "zimg workbench"
    assert picture.versions["torch"] == recorded()["machine"]["versions"]["torch"]
    assert picture.timings["total"] > 0
    assert picture.record()["size"] == list(picture.image.size)
    with Image.open(path) as file:
        assert f"Seed: {picture.seed}," in file.text["parameters"]  # what other tools read
