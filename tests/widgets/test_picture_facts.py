"""Tests of what a panel tells of a picture, in words rather than Python."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from zimg_kernel import Gallery, GeneratedImage, GenerationParams
from zimg_kernel.params import Edit
from zimg_widgets import ParamsForm
from zimg_widgets._shared.labels import in_language
from zimg_widgets._shared.picture_facts import LABELS, edit_rows, picture_rows
from zimg_widgets.gallery.labels import LABELS as GALLERY_LABELS
from zimg_widgets.gallery.labels import facts
from zimg_widgets.settings_drop.labels import LABELS as DROP_LABELS

SOURCE = {
    "pixels": "0" * 64, "file": "before.png", "size": [64, 64], "params": {"prompt": "a red star"},
}  # fmt: skip
EDIT = Edit(kind="outpaint", source="0" * 64, strength=1.0, left=64, bottom=32)


def picture(**given: object) -> GeneratedImage:
    """Return a picture with parameters and measurements."""
    params = GenerationParams.from_dict({"prompt": "a star", "model": "nano-turbo", **given})
    return GeneratedImage(
        Image.new("RGB", (64, 64)), params, {"text_encoder": 0.1, "total": 1.2}, "cpu",
        memory_gb=0.7, source=SOURCE if params.edit else None,
    )  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_python_stands_in_a_picture_s_rows(language: str) -> None:
    params = {"loras": [("style", 0.5)], "edit": EDIT.model_dump()}
    for given in ({}, params, {"cfg_normalization": True}):
        rows = picture_rows(picture(**given), language)
        text = "\n".join(" ".join(row) for row in rows)
        assert not re.search(r"True|False|None|[()\[\]{}]|_|0{9}", text.replace("(nano-turbo)", ""))
        if language == "zh":
            # Only names of things, such as LoRA, stay as they are.
            assert [name for name, _ in rows if name.isascii()] == ["LoRA"]


def test_values_are_told_in_words() -> None:
    rows = dict(picture_rows(picture(), "zh"))
    assert (rows["引导归一化"], rows["LoRA"]) == ("否", "无")
    rows = dict(picture_rows(picture(loras=[("style", 0.5), ("b", 1.0)]), "en"))
    assert rows["LoRA"] == "style 0.5, b 1"
    assert rows["Model"].endswith("(nano-turbo)")
    assert rows["Normalize guidance"] == "no"


def test_an_edited_picture_says_how_and_from_which_one() -> None:
    rows = dict(picture_rows(picture(edit=EDIT.model_dump()), "en"))
    assert rows["Change"] == "Extend"
    assert rows["Made from"] == "before.png · a red star"
    assert rows["Added"] == "Left 64 px, Bottom 32 px"
    assert "Strength" not in rows
    repainted = {"kind": "inpaint", "strength": 0.5}
    assert list(edit_rows(repainted, None, "zh")) == [
        ("修改方式", "局部重绘"), ("原图", "外部图片"), ("强度", "0.5"),
    ]  # fmt: skip


def test_the_gallery_s_large_view_says_that_a_picture_is_an_edit(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path)
    gallery.add(picture(edit=EDIT.model_dump()))
    gallery.add(picture())
    labels = in_language({**DROP_LABELS, **GALLERY_LABELS}, "en")
    plain, edited = sorted(
        (dict(facts(e, labels)) for e in gallery.search()), key=lambda rows: "Change" in rows
    )
    assert "Made from" not in plain
    assert edited["Made from"] == "before.png · a red star"


def test_a_form_s_table_has_no_python_either() -> None:
    table = ParamsForm(GenerationParams(prompt="a star"), language="zh").to_static_html()
    assert not re.search("True|False|None|\\[\\]", table)
    assert ">否</td>" in table


def test_names_are_told_in_both_languages() -> None:
    assert all(english and chinese for english, chinese in LABELS.values())
