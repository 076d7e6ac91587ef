"""Settings of pictures on the Studio again: another tool's with a list, an edit in the Editor."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from foreign_files import png, turbo
from zimg_kernel import GeneratedImage, GenerationParams, LocalEngine, edit, generate, get_card
from zimg_kernel.engine import session as session_module
from zimg_kernel.images.metadata import read_record
from zimg_kernel.images.pixels import digest
from zimg_widgets import GalleryView, ParamsForm, SettingsDrop, Studio
from zimg_widgets.form.labels import LABELS
from zimg_widgets.form.restored import show_record
from zimg_widgets.form.size_field import fitted_size

A1111 = (
    "a red circle <lora:sparkles:0.8>\nNegative prompt: blur\nSteps: 20, "
    "Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 5, Size: 512x768, Model: dreamshaper_8"
)


@pytest.fixture
def form() -> ParamsForm:
    return ParamsForm(language="en")


@pytest.fixture
def studio(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> Studio:
    monkeypatch.setattr(session_module, "_sessions", {})
    return Studio("a red circle", engine=engine, language="en")


@pytest.fixture
def a1111(tmp_path: Path) -> Path:
    return png(tmp_path / "a1111.png", image=Image.new("RGB", (512, 768)), parameters=A1111)


def upload(panel: Any, path: Path) -> None:
    """Give a file to a drop area or the gallery, as the page does."""
    content = path.read_bytes()
    message = {"kind": "file", "id": "x", "name": path.name, "size": len(content), "at": 0}
    panel._on_message(None, message, [content])


def drop_of(studio: Studio) -> SettingsDrop:
    return studio._parts.drop


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        ((512, 768), (256, 384)),
        ((768, 512), (384, 256)),
        ((1024, 1024), (320, 320)),  # an official size is what a model draws best
        ((1024, 768), (256, 192)),
        ((832, 1216), (256, 384)),
        ((64, 128), (128, 256)),
        ((2048, 64), (384, 128)),  # these proportions it does not draw
        ((336, 256), (336, 256)),
    ],
)
def test_a_size_that_is_not_drawn_keeps_its_proportions(
    size: tuple[int, int], fitted: tuple[int, int]
) -> None:
    assert fitted_size(size, get_card("nano-turbo")) == fitted


def test_a_size_is_said_to_be_changed_until_the_user_changes_something(form: ParamsForm) -> None:
    form.set(GenerationParams(prompt="x", width=512, height=768))
    assert form.size.read() == (256, 384)
    assert form.size.note.value.startswith("512 × 768 became 256 × 384: Z-Image miniature")
    assert form.restored["message"] == LABELS["changed"][0]
    assert form.restored["lines"] == [f"Size: {form.size.note.value}"]
    form.fields["steps"].control.value = 3
    assert form.restored == {}
    form.set(GenerationParams(prompt="x", width=512, height=768))
    form.set(GenerationParams(prompt="x", width=256, height=192))
    assert (form.restored, form.size.note.value) == ({}, "")


def test_another_tools_picture_is_told_value_by_value(studio: Studio, a1111: Path) -> None:
    drop = drop_of(studio)
    upload(drop, a1111)
    params = studio.form.params()
    assert params.prompt == "a red circle"
    assert (params.width, params.height, params.steps, params.guidance) == (256, 384, 20, 6)
    assert (params.seed, params.sampler, params.sigmas) == (5, "euler", "karras")
    assert params.loras == ()
    message, lines = studio.form.restored["message"], studio.form.restored["lines"]
    assert message == (
        "Taken over from a1111.png (AUTOMATIC1111): Prompt, Negative prompt, Steps 20, "
        "Guidance 6, Seed 5, Sigmas karras."
    )
    model, size, guidance, lora, sampler = lines
    assert model.startswith("Model dreamshaper_8: not taken over; Z-Image miniature, Turbo")
    assert size.startswith("Size: 512 × 768 became 256 × 384")
    assert guidance.startswith("Guidance 6: Z-Image miniature, Turbo is made to run without")
    assert lora.startswith("LoRA sparkles: ")
    assert "DPM++ 2M Karras" in sampler
    assert not drop.notice["error"]
    studio.form.size.swap.click()
    assert studio.form.restored == {}


def test_a_graph_of_comfyui_is_told_too(form: ParamsForm, tmp_path: Path) -> None:
    file = png(tmp_path / "c.png", image=Image.new("RGB", (1024, 1024)), prompt=turbo())
    show_record(form, "c.png", read_record(file))
    assert form.size.read() == (320, 320)
    assert "Steps 8" in form.restored["message"]
    lines = form.restored["lines"]
    assert lines[0].startswith("Model z_image_turbo_bf16.safetensors: not taken over")
    assert lines[1].startswith("Size: 1024 × 1024 became 320 × 320")
    assert "res_multistep" in lines[2]


def test_notes_on_another_tools_picture_are_chinese_on_a_chinese_form(tmp_path: Path) -> None:
    file = png(tmp_path / "c.png", image=Image.new("RGB", (1024, 1024)), prompt=turbo())
    form = ParamsForm(language="zh")
    show_record(form, "c.png", read_record(file))
    assert "原图使用的采样器 res_multistep 这里没有" in form.restored["lines"][-1]
    form.close()


def test_where_nobody_hears_of_the_record_the_notes_stand_in_the_notice(
    a1111: Path, tmp_path: Path
) -> None:
    used: list[GenerationParams] = []
    for panel in (
        SettingsDrop(used.append, language="en"),
        GalleryView(tmp_path / "gallery", on_use=used.append, language="en"),
    ):
        upload(panel, a1111)
        assert panel.notice["text"].startswith("The settings of a1111.png are in use. It was")
        assert not panel.notice["error"]
    assert [params.seed for params in used] == [5, 5]


def test_chinese_lists_are_chinese(a1111: Path) -> None:
    form = ParamsForm(language="zh")
    show_record(form, "a1111.png", read_record(a1111))
    assert form.restored["message"].startswith(
        "已采用 a1111.png（AUTOMATIC1111）的：提示词、反向提示词、"
    )
    assert form.restored["lines"][1].startswith("尺寸：512 × 768 已改为 256 × 384")


def spot(size: tuple[int, int]) -> Image.Image:
    """A mask with soft edges, as a feather leaves them."""
    mask = Image.new("L", size, 0)
    draw = ImageDraw.Draw(mask)
    draw.ellipse((130, 60, 240, 200), fill=120)
    draw.ellipse((140, 70, 230, 190), fill=255)
    return mask


WAYS: dict[str, Callable[[Image.Image, Any, LocalEngine], Any]] = {
    "instruct": lambda p, m, e: edit.instruct(p, "make the circle green", seed=3, engine=e),
    "inpaint": lambda p, m, e: edit.inpaint(
        p, m, "a red circle and a green star", strength=0.8, padding=16, feather=4,
        area="masked", seed=4, steps=6, engine=e,
    ),
    "outpaint": lambda p, m, e: edit.outpaint(p, right=64, top=16, seed=5, steps=3, engine=e),
    "vary": lambda p, m, e: edit.vary(
        p, 0.33, seed=6, model="nano-base", guidance=3, steps=9, negative_prompt="red", engine=e
    ),
    "img2img": lambda p, m, e: edit.img2img(
        p, "a blue star", 0.7, fit="crop", width=192, height=256, seed=7, engine=e
    ),
    "upscale": lambda p, m, e: edit.upscale(
        p, 1.25, strength=0.2, seed=8, sampler="lcm", sigmas="beta", engine=e
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_an_edit_is_set_again_and_draws_the_same_pixels(
    studio: Studio, engine: LocalEngine, way: str
) -> None:
    source = generate("a red circle", seed=1, model="nano-turbo", steps=2, engine=engine)
    first = WAYS[way](source, spot(source.image.size), engine).result()
    record = read_record(first.path)
    studio._use_record(first.path.name, record)
    editor = studio.editor
    assert editor is not None
    assert editor.ways.value == way
    assert editor.prompt.value == first.params.prompt
    editor.run()
    job = editor.job
    assert job is not None, editor._parts.problem.value
    again = job.result()
    assert again.params == first.params
    assert digest(again.image) == digest(first.image)
    # Another picture is changed as usual.
    editor.load(source)
    assert editor.restored is None
    assert studio.form.prompt.value == "a red circle"


def test_other_ways_keep_their_own_values(studio: Studio, engine: LocalEngine) -> None:
    source = generate("a red circle", seed=1, model="nano-turbo", steps=2, engine=engine)
    first = edit.instruct(source, "make the circle green", seed=3, engine=engine).result()
    studio._use_record(first.path.name, read_record(first.path))
    editor = studio.editor
    assert editor is not None
    editor.ways.value = "vary"
    own = get_card("nano-turbo").steps
    assert f"of {own} steps" in editor.options.note.value
    editor.ways.value = "outpaint"
    assert editor.options.read()["right"] == 64


def test_an_edit_whose_source_is_gone_restores_the_rest(
    studio: Studio, engine: LocalEngine
) -> None:
    photo = Image.new("RGB", (256, 256), "navy")
    first = edit.vary(photo, 0.5, "a blue ring", seed=3, steps=4, engine=engine).result()
    assert engine.gallery is not None
    shutil.rmtree(engine.gallery.folder / ".inputs")
    studio.use(first)
    assert studio.editor is None
    assert "not in the gallery any more" in studio.form.problem
    params = studio.form.params()
    assert (params.prompt, params.seed, params.steps, params.edit) == ("a blue ring", 3, 4, None)


def test_an_edit_of_a_model_that_is_not_here_is_set_but_for_the_model(
    studio: Studio, engine: LocalEngine
) -> None:
    source = generate("a red circle", seed=1, model="nano-turbo", steps=1, engine=engine)
    first = edit.vary(source, 0.5, seed=3, steps=4, engine=engine).result()
    odd = GeneratedImage(first.image, first.params.replace(model="somebodys-own"))
    studio.use(odd)
    editor = studio.editor
    assert editor is not None
    assert "somebodys-own" in editor._parts.notes.value
    editor.run()
    assert editor.job is not None
    assert editor.job.result().params.model == "nano-turbo"


def test_a_panel_is_brought_into_view_also_when_it_is_drawn_later(studio: Studio) -> None:
    sent: list[object] = []
    frame = studio._parts.frame
    frame.send = lambda content, buffers=None: sent.append(content)
    frame._on_message(None, {"kind": "look"}, None)
    assert sent == []
    studio.use(GenerationParams(prompt="a star"))
    frame._on_message(None, {"kind": "look"}, None)
    assert sent == [{"kind": "reveal"}] * 2
    frame._on_message(None, {"kind": "revealed"}, None)
    frame._on_message(None, {"kind": "look"}, None)
    assert len(sent) == 2


def test_a_picture_sent_by_a_browser_is_read_whole(a1111: Path) -> None:
    heard: list[tuple[str, Any]] = []
    drop = SettingsDrop(language="en")
    drop.on_record(lambda name, record: heard.append((name, record)))
    upload(drop, a1111)
    [(name, record)] = heard
    assert name == "a1111.png"
    assert record["foreign"]["models"] == ["dreamshaper_8"]
    assert drop.notice["text"] == "The settings of a1111.png are in use."
    assert Image.open(io.BytesIO(a1111.read_bytes())).size == (512, 768)


def test_that_settings_are_in_use_is_said_as_long_as_they_are(studio: Studio, a1111: Path) -> None:
    drop = drop_of(studio)
    upload(drop, a1111)
    assert "a1111.png" in drop.notice["text"]
    studio.use(GenerationParams(prompt="a star"))
    assert drop.notice["text"] == ""
    upload(drop, a1111)
    studio.form.prompt.value = "a blue square"
    assert drop.notice["text"] == ""
    a1111.write_bytes(b"no picture")
    upload(drop, a1111)
    studio.form.prompt.value = "a red square"
    assert drop.notice["error"]
    assert "a1111.png" in drop.notice["text"]


@pytest.mark.parametrize(("named", "said"), [("", "names no model"), (", Model: dream", "dream:")])
def test_the_chosen_model_stays_where_the_file_names_none_that_is_here(
    form: ParamsForm, tmp_path: Path, named: str, said: str
) -> None:
    form.set({"prompt": "x", "model": "nano-base"})
    text = f"a red circle\nSteps: 20, CFG scale: 1, Seed: 5, Size: 256x256{named}"
    file = png(tmp_path / "a.png", image=Image.new("RGB", (256, 256)), parameters=text)
    show_record(form, "a.png", read_record(file))
    assert form.params().model == "nano-base"
    line = form.restored["lines"][0]
    assert said in line
    assert get_card("nano-base").title in line
    form.model.control.value = "nano-turbo"  # what the file says stays with another model
    form.model.control.value = "nano-base"
    assert (form.params().steps, form.params().seed) == (20, 5)


def test_a_picture_without_a_prompt_keeps_what_is_typed(studio: Studio, tmp_path: Path) -> None:
    text = "Negative prompt: blur\nSteps: 9, Sampler: Euler, CFG scale: 1, Seed: 5"
    path = png(tmp_path / "a.png", parameters=text)
    for typed in ("a blue square", ""):
        studio.form.prompt.value = typed
        upload(drop_of(studio), path)
        assert studio.form.prompt.value == typed
        assert studio.form.seed.read() == 5
        assert not drop_of(studio).notice["error"]
        assert any("without a prompt" in line for line in studio.form.restored["lines"])
