"""The Editor without a browser: what it takes in, and what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from refusals import refused
from zimg_kernel import Gallery, GeneratedImage, GenerationParams, LocalEngine
from zimg_kernel.params import Edit
from zimg_widgets import Editor
from zimg_widgets.editor.labels import WAYS


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
    assert editor._parts.problem.value.startswith("Nothing is painted")
    editor.load(GeneratedImage(foreign.image, params.replace(model="nano-base")))
    assert editor.options.note.value == "Runs 20 of 20 steps"
    editor.close()


def test_an_empty_gallery_is_said(engine_with_gallery: LocalEngine) -> None:
    with refused("gallery-empty", "image"):
        Editor(engine=engine_with_gallery)


DRAWN = GenerationParams(prompt="a red circle", model="nano-turbo", seed=1)


def picture(params: GenerationParams = DRAWN) -> GeneratedImage:
    return GeneratedImage(Image.new("RGB", (128, 128), "white"), params)


def instructed(words: str) -> GeneratedImage:
    edit = Edit(kind="instruct", source="0" * 64)
    return picture(DRAWN.replace(prompt=words, edit=edit))


def test_each_way_keeps_its_own_words(engine_with_gallery: LocalEngine) -> None:
    editor = Editor(picture(), engine=engine_with_gallery, language="en")
    shown = {}
    for way in WAYS:
        editor.ways.value = way
        shown[way] = editor.prompt.value
    assert shown.pop("instruct") == ""
    assert set(shown.values()) == {"a red circle"}

    typed = {way: f"words for {way}" for way in WAYS}
    for way in WAYS:
        editor.ways.value = way
        assert editor.prompt.value == ("" if way == "instruct" else "a red circle")
        editor.prompt.value = typed[way]
    for way in reversed(WAYS):
        editor.ways.value = way
        assert editor.prompt.value == typed[way]
        assert bool(editor.prompt.placeholder) == (way == "instruct")
    editor.close()


def test_an_instruction_never_describes_a_picture(engine_with_gallery: LocalEngine) -> None:
    editor = Editor(picture(), engine=engine_with_gallery, language="en")
    editor.ways.value = "instruct"
    editor.prompt.value = "make the circle blue"
    editor.load(instructed("make the circle blue"))  # it is done
    assert editor.prompt.value == ""
    assert editor.painter.alt == ""
    editor.ways.value = "outpaint"
    assert editor.prompt.value == ""
    editor.run()
    assert "does not tell what it shows" in editor._parts.problem.value
    editor.ways.value = "instruct"
    editor.prompt.value = "put a hat on it"
    editor.load(picture(DRAWN.replace(prompt="a green star")))  # another picture: still to do
    assert editor.prompt.value == "put a hat on it"
    editor.ways.value = "vary"
    assert editor.prompt.value == "a green star"
    editor.close()


def test_each_way_keeps_its_own_strength(engine_with_gallery: LocalEngine) -> None:
    editor = Editor(picture(), engine=engine_with_gallery, language="en")
    assert editor.options.strength.value == 1.0
    editor.ways.value = "vary"
    assert editor.options.strength.value == 0.5
    editor.options.strength.value = 0.2
    editor.ways.value = "inpaint"
    assert editor.options.strength.value == 1.0
    editor.ways.value = "vary"
    assert editor.options.strength.value == 0.2
    editor.close()


def test_a_change_that_is_made_again_is_said(engine_with_gallery: LocalEngine) -> None:
    editor = Editor(picture(DRAWN.replace(steps=1)), engine=engine_with_gallery, language="zh")
    editor.ways.value = "vary"

    def said() -> bool:
        editor.run()
        assert editor.job is not None
        editor.job.cancel()
        return "相同的结果" in editor._parts.notes.value

    assert [said(), said()] == [False, False]  # each has a seed of its own
    editor.options.seed.value = 5
    assert [said(), said()] == [False, True]
    editor.prompt.value = "a blue square"
    assert not said()
    editor.close()
