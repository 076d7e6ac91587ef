"""The Editor without a browser: what it takes in, and what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from refusals import refused
from zimg_kernel import Gallery, GeneratedImage, GenerationParams, LocalEngine
from zimg_widgets import Editor


@pytest.fixture
def engine_with_gallery(engine: LocalEngine, tmp_path: Path) -> LocalEngine:
    engine.gallery = Gallery(tmp_path / "gallery")
    return engine


def test_a_photograph_that_lies_on_its_side_is_painted_upright(
    engine_with_gallery: LocalEngine, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (96, 64), "red").save(tmp_path / "turned.jpg", exif=exif)
    for given in (tmp_path / "turned.jpg", Image.open(tmp_path / "turned.jpg")):
        editor = Editor(given, engine=engine_with_gallery, language="en")
        assert editor.painter.mask.size == editor.image.size == (64, 96)
        editor.close()


def test_a_picture_of_a_model_that_is_not_here_is_changed_by_the_usual_one(
    engine_with_gallery: LocalEngine,
) -> None:
    params = GenerationParams(prompt="a red circle", model="somebodys-own")
    foreign = GeneratedImage(Image.new("RGB", (128, 128), "white"), params)
    editor = Editor(foreign, engine=engine_with_gallery, language="en")
    assert editor.options.note.value == "Runs 8 of 8 steps"
    assert editor.prompt.value == "a red circle"
    editor.run()  # nothing is painted
    assert editor._problem.value.startswith("The mask is empty")
    editor.load(GeneratedImage(foreign.image, params.replace(model="nano-base")))
    assert editor.options.note.value == "Runs 20 of 20 steps"
    editor.close()


def test_an_empty_gallery_is_said(engine_with_gallery: LocalEngine) -> None:
    with refused("gallery-empty", "image"):
        Editor(engine=engine_with_gallery)
