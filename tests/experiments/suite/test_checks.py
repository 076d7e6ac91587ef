"""Each check on painted pictures: right on the right one, and not on those with one fault."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from refusals import refused
from tests.experiments.suite.pictures import painted, verdict
from zimg_kernel import GeneratedImage, GenerationParams, ZimgError
from zimg_kernel.experiments.clip import Clip
from zimg_kernel.experiments.suite import Case, CheckResult
from zimg_kernel.experiments.suite import ocr as reading
from zimg_kernel.experiments.suite.colour_share import lab, share_near
from zimg_kernel.models.catalog import get_card

PAIR = painted("red circle @left", "blue square @right")
TURNED = painted("blue circle @left", "red square @right")
MIRRORED = painted("blue square @left", "red circle @right")
STACKED = painted("yellow star @top", "green triangle @bottom")


@pytest.mark.parametrize(
    ("checks", "image", "passed"),
    [
        ({"objects": ["red circle", "蓝色的方块"]}, PAIR, True),
        ({"objects": ["red circle", "blue square"]}, TURNED, False),
        ({"objects": [{"colour": "red", "shape": "圆", "place": "左边"}, "square"]}, PAIR, True),
        ({"objects": [{"colour": "red", "place": "left"}, "square"]}, MIRRORED, False),
        ({"objects": ["red circle"]}, PAIR, False),
        ({"objects": {"each": ["red circle"], "only": False}}, PAIR, True),
        ({"objects": {"each": ["green circle"], "only": False}}, PAIR, False),
        ({"left_of": ["red circle", "blue square"]}, PAIR, True),
        ({"left_of": ["red circle", "blue square"]}, TURNED, False),
        ({"left_of": ["red circle", "blue square"]}, MIRRORED, False),
        ({"left_of": ["red circle", "blue square"]}, painted("red circle @left"), False),
        ({"above": ["star", "green"]}, STACKED, True),
        ({"above": ["green", "star"]}, STACKED, False),
        ({"above": ["red circle", "blue square"]}, PAIR, False),
        ({"count": {"red": 1, "square": 1, "all": 2}}, PAIR, True),
        ({"count": {"red": 2}}, PAIR, False),
        ({"count": {"红色的方块": 1}}, TURNED, True),
        ({"count": {"red square": 0}}, PAIR, True),
        ({"background": "雪地"}, painted("red circle", background="snow"), True),
        ({"background": "sky"}, painted("red circle", background="snow"), False),
        ({"background": "night"}, painted("yellow star", background="night"), True),
        ({"sign": "茶馆"}, painted(sign="茶馆"), True),
        ({"sign": "书店"}, painted(sign="茶馆"), False),
        ({"sign": "茶"}, painted(sign="茶馆"), False),
        ({"sign": {"says": "茶楼", "least": 0.5}}, painted(sign="茶馆"), True),
        ({"colour": "red"}, PAIR, True),
        ({"colour": {"name": "红色", "where": "左边", "min_share": 0.1}}, PAIR, True),
        ({"colour": {"name": "red", "where": "right"}}, PAIR, False),
        ({"colour": {"hex": "#2252dc", "max_share": 0.01}}, PAIR, False),
        ({"colour": "rebeccapurple"}, PAIR, False),
        ({"size": [256, 256]}, PAIR, True),
        ({"size": [256, 192]}, PAIR, False),
        ({"function": lambda image, case: image.image.width == 256}, PAIR, True),
        ({"function": lambda image, case: np.bool_(False)}, PAIR, False),
        ({"function": lambda image, case: 0.4}, PAIR, False),
        ({"function": {"function": lambda image, case: 0.4, "at_least": 0.3}}, PAIR, True),
        ({"function": lambda image, case: CheckResult("failed", case.id)}, PAIR, False),
    ],
)
def test_a_check_says_what_is_so(checks: Any, image: GeneratedImage, passed: bool) -> None:
    said = verdict(checks, image)
    assert said.status == ("passed" if passed else "failed"), said
    assert said.message or "function" in checks


def test_a_function_that_returns_neither_is_an_error() -> None:
    said = verdict({"function": lambda image, case: "fine"}, PAIR)
    assert said.status == "error"
    assert "return a bool, a number or a CheckResult" in said.message


def test_text_is_read_in_both_languages() -> None:
    shop, sale = painted(sign="新品上市"), painted(sign="SALE")
    assert verdict({"text": "新品上市"}, shop).passed
    assert not verdict({"text": "半价"}, shop).passed
    assert verdict({"text": {"says": "ｓａｌｅ", "exact": True}}, sale).passed  # full width, case
    assert not verdict({"text": {"says": "SAL", "exact": True}}, sale).passed
    assert verdict({"text": "SAL"}, sale).passed
    assert verdict({"text": {"says": "SAFE", "similarity": 0.75}}, sale).value == 0.75
    nothing = verdict({"text": "SALE"}, PAIR)
    assert (nothing.status, nothing.value) == ("failed", 0)


@pytest.mark.parametrize(
    ("wanted", "found", "whole", "value"),
    [
        ("新品 上市", "今日新品上市！", False, 1),
        ("新品上市", "新品上", False, 0.75),
        ("ＯＰＥＮ", "we are open now", False, 1),
        ("open", "open now", True, 4 / 7),
        ("open", "", False, 0),
        ("abcd", "xabxcd", False, 0.75),
    ],
)
def test_likeness(wanted: str, found: str, whole: bool, value: float) -> None:
    assert reading.likeness(wanted, found, whole) == pytest.approx(value)


def test_reading_is_quiet_offline_and_says_what_to_install(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    def refuse(*_: Any) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    reading._reader.cache_clear()
    assert reading.plain(reading.read_text(painted(sign="茶").image)) == "茶"
    out, err = capfd.readouterr()
    assert out + err == ""
    monkeypatch.setattr(reading, "_NEEDED", ("rapidocr", "no_such_reader"))
    with refused("package-missing", "text", ZimgError):
        reading.read_text(PAIR.image)


def test_lab_is_that_of_the_standard() -> None:
    # sRGB white, red and mid grey under D65, as published with IEC 61966-2-1's primaries.
    got = lab(np.array([[255, 255, 255], [255, 0, 0], [119, 119, 119]]))
    assert np.abs(got - [[100, 0, 0], [53.24, 80.09, 67.20], [50.03, 0, 0]]).max() < 0.05


def test_the_share_of_a_colour_by_place() -> None:
    image = Image.new("RGB", (640, 320), "white")
    image.paste((220, 38, 38), (0, 0, 160, 320))
    red = (220, 38, 38)
    assert share_near(image, red, 5) == pytest.approx(0.25, abs=0.01)
    assert share_near(image, red, 5, "left") == pytest.approx(0.5, abs=0.01)
    assert share_near(image, red, 5, "center") == pytest.approx(0, abs=0.01)
    assert share_near(image, red, 5, "top right") == 0


def _tiny_clip(folder: Path) -> Path:
    """A CLIP with random weights and four letters, as a download would lie in the cache."""
    import torch
    from transformers import (
        CLIPConfig,
        CLIPImageProcessor,
        CLIPModel,
        CLIPProcessor,
        CLIPTokenizer,
    )

    place = folder / "models--openai--clip-tiny" / "snapshots" / "1"
    place.mkdir(parents=True)
    letters = [*"redci", *(f"{char}</w>" for char in "redci"), "<|startoftext|>", "<|endoftext|>"]
    (place / "vocab.json").write_text(json.dumps({word: n for n, word in enumerate(letters)}))
    (place / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer(str(place / "vocab.json"), str(place / "merges.txt"))
    torch.manual_seed(0)
    small = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1,
             "num_attention_heads": 2}  # fmt: skip
    text = {**small, "vocab_size": len(letters), "bos_token_id": 10, "eos_token_id": 11}
    vision = {**small, "image_size": 32, "patch_size": 16}
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=8)
    CLIPModel(config).save_pretrained(place)
    images = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    CLIPProcessor(images, tokenizer).save_pretrained(place)
    return place


def test_clip_scores_where_one_is_at_hand_and_is_skipped_otherwise(tmp_path: Path) -> None:
    case = Case(id="one", prompt="a red circle", checks={"clip": 1})
    (check,) = case.checks
    card = get_card("z-image-turbo")
    assert "No CLIP that reads English" in check.skip_reason(card, case)
    assert check.evaluate(PAIR, case).status == "skipped"

    _tiny_clip(tmp_path / "huggingface")
    assert check.skip_reason(card, case) == ""
    said = check.evaluate(PAIR, case)
    assert said.value is not None
    assert 0 <= said.value <= 100
    assert said.passed == (said.value >= 1)
    chinese = case.with_prompt("一个红色的圆")
    assert "reads Chinese" in check.skip_reason(card, chinese)  # OpenAI's reads English


def test_a_clip_s_pickle_is_read_as_tensors_and_runs_nothing(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    class Marker:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "ran"),)

    place = _tiny_clip(tmp_path)
    weights = load_file(place / "model.safetensors")
    (place / "model.safetensors").unlink()
    torch.save(weights, place / "pytorch_model.bin")
    assert Clip(place).embed_text("red").shape == (8,)
    torch.save({**weights, "marker": Marker()}, place / "pytorch_model.bin")
    with refused("clip-unreadable", "features") as caught:
        Clip(place)
    assert len(str(caught.value).splitlines()) == 1
    assert not (tmp_path / "ran").exists()


def test_the_judge_of_the_miniature_does_not_judge_other_models() -> None:
    case = Case(id="one", prompt="a", checks={"objects": ["circle"], "size": [1, 1]})
    judge, size = case.checks
    assert judge.skip_reason(get_card("nano-turbo"), case) == ""
    assert "reads the miniature's pictures only" in judge.skip_reason(get_card("z-image"), case)
    assert size.skip_reason(get_card("z-image"), case) == ""


def test_a_picture_is_looked_at_once_for_all_checks() -> None:
    image = GeneratedImage(PAIR.image.copy(), GenerationParams(prompt="any"))
    from zimg_kernel.experiments.suite.nano_judge import objects

    assert objects(image) is objects(image)
    assert objects(TURNED) is not objects(image)
