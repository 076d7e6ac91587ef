"""Drawing after a control map, with a small ControlNet made for the miniature."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from refusals import refused
from tests.edit.controls import networks
from zimg_kernel import LocalEngine, WeightsMissing, edit
from zimg_kernel.params import GenerationParams

PROMPT = "a red circle on the left"


@pytest.fixture
def source() -> Image.Image:
    """A disc, whose rim is a line to follow."""
    image = Image.new("RGB", (256, 256), (240, 240, 230))
    ImageDraw.Draw(image).ellipse((60, 60, 190, 190), fill=(30, 60, 200))
    return image


def test_a_map_is_followed_and_the_source_is_told(
    source: Image.Image, tmp_path: Path, own_home: Path, warm_engine: LocalEngine
) -> None:
    quiet = networks.add_card(
        networks.save_controlnet(tmp_path / "quiet", strength=0.0), "nano-quiet"
    )
    loud = networks.add_card(networks.save_controlnet(tmp_path / "loud", strength=0.1), "nano-loud")
    assert "control" in edit.can_edit(loud)
    given = {"steps": 2, "seed": 1, "engine": warm_engine}
    plain = warm_engine.submit(
        GenerationParams(prompt=PROMPT, model="nano-turbo", steps=2, seed=1), save=False
    ).result()
    same = edit.control(source, "canny", PROMPT, model=quiet, **given).result()
    other = edit.control(source, "canny", PROMPT, model=loud, **given).result()
    assert same.image.tobytes() == plain.image.tobytes()
    assert np.abs(np.asarray(other.image, int) - np.asarray(plain.image, int)).mean() > 5
    assert other.params.edit is not None
    assert (other.params.edit.control, other.params.edit.scale) == ("canny", 0.75)
    warm_engine.unload(quiet)
    warm_engine.unload(loud)


def test_what_is_missing_is_said_before_anything_is_drawn(
    source: Image.Image, tmp_path: Path, own_home: Path, warm_engine: LocalEngine
) -> None:
    card = networks.add_card(tmp_path / "nowhere", "nano-later")
    with refused("weights-missing", "model", WeightsMissing):
        edit.control(source, "canny", PROMPT, model=card, engine=warm_engine)
    ready = networks.add_card(networks.save_controlnet(tmp_path / "net"), "nano-now")
    with refused("unknown-choice", "kind") as caught:
        edit.control(source, "cany", PROMPT, model=ready, engine=warm_engine)
    assert "canny" in str(caught.value)


def test_a_masked_part_follows_a_map_and_the_rest_stays(
    source: Image.Image, tmp_path: Path, own_home: Path, warm_engine: LocalEngine
) -> None:
    card = networks.add_card(networks.save_controlnet(tmp_path / "net", strength=0.1), "nano-lines")
    mask = Image.new("L", (256, 256), 0)
    mask.paste(255, (128, 0, 256, 256))
    given = {"steps": 2, "seed": 1, "engine": warm_engine, "model": card}
    pictures = [
        edit.inpaint(source, mask, PROMPT, control=kind, **given).result().image
        for kind in ("canny", "soft-edge")
    ]
    for picture in pictures:
        assert picture.crop((0, 0, 128, 256)).tobytes() == source.crop((0, 0, 128, 256)).tobytes()
    assert pictures[0].tobytes() != pictures[1].tobytes()
    with refused("option-without-effect", "strength"):
        edit.inpaint(source, mask, PROMPT, control="canny", strength=0.5, **given)
    warm_engine.unload(card)
