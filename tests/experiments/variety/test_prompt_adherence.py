"""Prompt-following: by the miniature's judge, by a CLIP model, or said not to be known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zimg_kernel import GeneratedImage, GenerationParams
from zimg_kernel.experiments.variety import diversity, follows
from zimg_kernel.nano.draw.render import draw
from zimg_kernel.nano.draw.things import pack
from zimg_kernel.nano.world.scenes import Scene, Thing

SCENE = Scene("single", (Thing("star", "blue", 0.5, 0.5, 0.26),))


def drawn(scene: Scene, model: str = "nano-turbo") -> GeneratedImage:
    pixels = draw(pack([scene]), 128, 128)[0]
    image = Image.fromarray((pixels.permute(1, 2, 0) * 255).round().byte().numpy())
    return GeneratedImage(image, GenerationParams(prompt="any", model=model))


def test_the_judge_says_what_share_is_right() -> None:
    images = [drawn(SCENE)] * 3
    right = follows(images, "a blue star")
    assert (right.value, right.by, right.scores) == (1.0, "judge", (1.0, 1.0, 1.0))
    assert right.low == pytest.approx(0.438, abs=0.001)  # Wilson's of 3 of 3
    assert follows(images, "一颗蓝色的星星").value == 1.0
    assert follows(images, "a star").value == 1.0
    for wrong in ("a red star", "a blue circle", "two blue stars", "左上角一颗蓝色的星星"):
        assert follows(images, wrong).value == 0.0


def test_a_scene_that_is_given_is_taken() -> None:
    pictures = [drawn(SCENE).image]
    assert follows(pictures, "whatever it says", SCENE).value == 1.0


def test_what_cannot_be_judged_is_said() -> None:
    for images, prompt in (
        ([drawn(SCENE)], "水墨画：山和湖"),
        ([drawn(SCENE, "z-image-turbo")], "a blue star"),
        ([drawn(SCENE).image], "a blue star"),
    ):
        found = follows(images, prompt)
        assert found.value is None
        assert "was not measured" in found.note
        assert str(found) == "-"
    assert follows([], "x").value is None


@pytest.fixture
def clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CLIP model with random weights, in a folder as the hubs keep it."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import (
        CLIPConfig,
        CLIPImageProcessor,
        CLIPModel,
        CLIPProcessor,
        PreTrainedTokenizerFast,
    )

    folder = tmp_path / "clip"
    words = {"[UNK]": 0, "[PAD]": 1, "[BOS]": 2, "[EOS]": 3, "a": 4, "blue": 5, "star": 6}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", eos_token="[EOS]"
    )
    images = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    CLIPProcessor(images, fast).save_pretrained(folder)
    side = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1}
    side["num_attention_heads"] = 2
    config = CLIPConfig(
        text_config={**side, "vocab_size": 7, "max_position_embeddings": 8, "eos_token_id": 3,
                     "bos_token_id": 2, "pad_token_id": 1},
        vision_config={**side, "image_size": 32, "patch_size": 8},
        projection_dim=16,
    )  # fmt: skip
    torch.manual_seed(0)
    CLIPModel(config).save_pretrained(folder)
    monkeypatch.setenv("ZIMG_CLIP", str(folder))
    return folder


def test_a_clip_model_that_is_there_is_used(clip: Path) -> None:
    from zimg_kernel.experiments.clip import Clip

    other = drawn(Scene("single", (Thing("heart", "red", 0.5, 0.5, 0.3),), "night"))
    images = [drawn(SCENE, "z-image-turbo"), other]
    rows = Clip.for_text("").embed_pictures([image.image for image in images])
    text = Clip.for_text("").embed_text("a blue star")
    expected = [2.5 * max(0.0, float(row @ text)) for row in rows]
    found = follows(images[:1], "a blue star")
    assert found.by == "clip"
    assert found.value == pytest.approx(expected[0])
    assert diversity(images, "clip").mean == pytest.approx(1 - float(rows[0] @ rows[1]))
    assert diversity([images[0]] * 3, "clip").mean == pytest.approx(0, abs=1e-9)
    assert np.linalg.norm(text) == pytest.approx(1)
    assert "reads English" in follows(images[:1], "一颗星星").note
