"""Each kind of edit on the miniature: what it does to a picture, and what it shares and says."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from refusals import refused
from tiny import make_tiny_omni
from zimg_kernel import Gallery, GeneratedImage, LocalEngine, edit, settings
from zimg_kernel.edit.plan import describe_strength, steps_run
from zimg_kernel.engine.events import Event, Step
from zimg_kernel.nano.judge.detection import detect
from zimg_kernel.nano.judge.edit_score import picture_of, score_edit
from zimg_kernel.nano.world.edits import sample_edit
from zimg_kernel.params import GenerationParams
from zimg_kernel.z_image.tiles import starts, window

SCENE = "左边一个红色的圆，右边一个蓝色的方块"


@pytest.fixture(scope="module")
def scene(warm_engine: LocalEngine) -> GeneratedImage:
    """A red circle at the left, a blue square at the right."""
    return warm_engine.submit(GenerationParams(prompt=SCENE, seed=1), save=False).result()


def things(image: Image.Image) -> set[tuple[str, str]]:
    """What the miniature's judge sees."""
    return {(found.colour, found.shape) for found in detect(image.convert("RGB"))}


def right_half() -> Image.Image:
    """A mask over the right half."""
    mask = Image.new("L", (256, 256), 0)
    ImageDraw.Draw(mask).rectangle((136, 20, 250, 236), fill=255)
    return mask


def test_a_masked_thing_becomes_another(scene: GeneratedImage, warm_engine: LocalEngine) -> None:
    words = "左边一个红色的圆，右边一个绿色的星星"
    job = edit.inpaint(scene, right_half(), words, seed=3, engine=warm_engine)
    assert things(job.result().image) == {("red", "circle"), ("green", "star")}


@pytest.mark.parametrize(("kind", "lang"), [("recolour", "zh"), ("remove", "en")])
def test_an_instruction_changes_what_it_names(
    kind: str, lang: str, warm_engine: LocalEngine
) -> None:
    asked = sample_edit(random.Random(5), kind, lang)
    source = picture_of(asked.source, 256, 256)
    result = edit.instruct(source, asked.instruction, seed=1, engine=warm_engine).result()
    score = score_edit(result.image, asked, source)
    assert score["changed"]
    assert score["kept"]
    assert result.params.model == "nano-edit"


def test_outpainting_adds_a_side(scene: GeneratedImage, warm_engine: LocalEngine) -> None:
    result = edit.outpaint(scene, right=64, engine=warm_engine, seed=2).result()
    assert result.image.size == (320, 256)
    assert things(result.image.crop((0, 0, 256, 256))) == {("red", "circle"), ("blue", "square")}
    assert result.params.prompt == SCENE


def test_more_strength_changes_more(scene: GeneratedImage, warm_engine: LocalEngine) -> None:
    before = np.asarray(scene.image, float)
    changes = []
    for strength in (0.1, 1.0):
        job = edit.img2img(scene, "a landscape with a lake", strength, seed=4, engine=warm_engine)
        changes.append(np.abs(np.asarray(job.result().image, float) - before).mean())
    assert changes[0] * 2 < changes[1]


def test_variations_differ_and_keep_the_subject(
    scene: GeneratedImage, warm_engine: LocalEngine
) -> None:
    pictures = edit.vary(scene, 0.6, count=2, seed=10, engine=warm_engine).results()
    assert [picture.seed for picture in pictures] == [10, 11]
    assert pictures[0].image.tobytes() != pictures[1].image.tobytes()
    for picture in pictures:
        assert things(picture.image) == {("red", "circle"), ("blue", "square")}


def test_an_enlargement_has_no_seams_and_keeps_the_picture(
    scene: GeneratedImage, warm_engine: LocalEngine
) -> None:
    image = edit.upscale(scene, 2, seed=1, engine=warm_engine).result().image
    assert image.size == (512, 512)
    small = np.asarray(image.resize((256, 256), Image.Resampling.BOX), float)
    assert np.abs(small - np.asarray(scene.image, float)).mean() < 3
    # Nothing faint either: means over 8 px are the source's everywhere.
    first, second = (
        np.asarray(shown.resize((32, 32), Image.Resampling.BOX), float)
        for shown in (image, scene.image)
    )
    assert np.abs(first - second).max() < 12
    # Steps from row to row and column to column, at the borders of tiles and elsewhere.
    pixels = np.asarray(image, float)
    for axis in (0, 1):
        jumps = np.abs(np.diff(pixels, axis=axis)).mean(axis=(1 - axis, 2))
        borders = [8 * b for b in (*starts(64, 32)[1:], *(s + 32 for s in starts(64, 32)[:-1]))]
        plain = np.array([np.abs(np.diff(np.asarray(
            scene.image.resize((512, 512), Image.Resampling.LANCZOS), float), axis=axis))
            .mean(axis=(1 - axis, 2))])[0]  # fmt: skip
        assert max(jumps[b - 1] - plain[b - 1] for b in borders) < 1.5


def test_tiles_cover_everything_and_their_weights_are_never_nothing() -> None:
    for length in (32, 34, 46, 64, 130):
        begins = starts(length, 32)
        assert begins[0] == 0
        assert begins[-1] + 32 == length if length > 32 else begins == [0]
        assert all(b - a <= 32 * 2 / 3 + 2 for a, b in itertools.pairwise(begins))
        assert all(b % 2 == 0 for b in begins)
    assert window(32, 12, 0)[0] < 0.01
    assert window(32, 12, 0)[-1] == 1


@pytest.mark.parametrize(("steps", "strength"), [(8, 0.6), (8, 0.05), (8, 1.0), (3, 0.5)])
def test_the_steps_that_are_said_are_the_steps_that_are_run(
    steps: int, strength: float, scene: GeneratedImage, warm_engine: LocalEngine
) -> None:
    job = edit.img2img(scene, strength=strength, steps=steps, seed=1, engine=warm_engine)
    assert job.notes == (describe_strength(steps, strength),)
    seen = [event for event in job.events() if isinstance(event, Step)]
    assert len(seen) == steps_run(steps, strength) == seen[-1].steps
    assert str(len(seen)) in job.notes[0] or len(seen) == steps


def test_a_strength_that_leaves_nothing_of_the_source_says_so(
    scene: GeneratedImage, warm_engine: LocalEngine
) -> None:
    other = GeneratedImage(scene.image.rotate(90), scene.params)
    given = {"strength": 0.9, "steps": 8, "seed": 1, "engine": warm_engine}
    jobs = [edit.img2img(source, "a red circle", **given) for source in (scene, other)]
    first, second = (job.result().image.tobytes() for job in jobs)
    assert first == second  # as the sentence says
    assert all("nothing is left of the source" in job.notes[0] for job in jobs)
    weaker = [edit.img2img(s, "a red circle", **given | {"strength": 0.8}) for s in (scene, other)]
    assert weaker[0].result().image.tobytes() != weaker[1].result().image.tobytes()
    assert not any("nothing is left" in note for job in weaker for note in job.notes)


def test_no_edit_makes_a_second_copy_of_any_weight(
    scene: GeneratedImage, warm_engine: LocalEngine
) -> None:
    edit.img2img(scene, steps=2, engine=warm_engine).result()
    edit.inpaint(scene, right_half(), steps=2, engine=warm_engine).result()
    edit.upscale(scene, 1.5, steps=2, engine=warm_engine).result()
    model = warm_engine._store.find("nano-turbo") if warm_engine._store else None
    assert model is not None
    assert len(model.derived) == 3
    there = {p.data_ptr() for part in ("transformer", "text_encoder", "vae")
             for p in getattr(model.pipe, part).parameters()}  # fmt: skip
    for pipe in model.derived.values():
        parts = (pipe.text_encoder, pipe.vae, pipe.transformer)
        assert {p.data_ptr() for part in parts for p in part.parameters()} == there
        assert pipe.vae is model.pipe.vae


def test_an_edit_is_repeatable_also_from_its_parameters_alone(
    scene: GeneratedImage, engine: LocalEngine, tmp_path: Path
) -> None:
    engine.gallery = Gallery(tmp_path / "gallery")
    first = edit.inpaint(scene, right_half(), "a green star", steps=3, seed=9, engine=engine)
    picture = first.result()
    again = engine.submit(GenerationParams.from_json(picture.params.to_json())).result()
    assert again.image.tobytes() == picture.image.tobytes()
    assert again.params == picture.params
    engine.gallery = None
    with refused("source-not-in-gallery", "edit"):
        engine.submit(picture.params)


def test_a_picture_knows_what_it_was_made_from(
    scene: GeneratedImage, warm_engine: LocalEngine
) -> None:
    from zimg_kernel.images.pixels import digest

    picture = edit.vary(scene, 0.3, steps=2, engine=warm_engine).result()
    assert picture.params.edit is not None
    assert picture.params.edit.source == digest(scene.image)
    assert picture.source is not None
    assert picture.source["params"]["prompt"] == SCENE


@pytest.mark.parametrize(
    ("ask", "code", "field", "named"),
    [
        (
            lambda p, e: edit.instruct(p, "把圆变蓝", model="nano-turbo", engine=e),
            "edit-not-supported",
            "model",
            "nano-edit",
        ),
        (lambda p, e: edit.instruct(p, " ", engine=e), "empty-prompt", "instruction", ""),
        (
            lambda p, e: edit.instruct(p, "把熊猫变成红色", engine=e),
            "nothing-to-draw",
            "prompt",
            "熊猫",
        ),
        (
            lambda p, e: edit.control(p, "canny", "a star", engine=e),
            "edit-not-supported",
            "model",
            "img2img",
        ),
        (
            lambda p, e: edit.img2img(p, strength=0, engine=e),
            "out-of-range",
            "strength",
            "0 up to 1",
        ),
        (
            lambda p, e: edit.img2img(p, strength="much", engine=e),
            "out-of-range",
            "strength",
            "0 up to 1",
        ),
        (lambda p, e: edit.img2img(p.image, engine=e), "empty-prompt", "prompt", ""),
        (lambda p, e: edit.img2img(p, "", engine=e), "empty-prompt", "prompt", ""),
        (
            lambda p, e: edit.img2img(p, sampler="unipc", engine=e),
            "sampler-not-for-edits",
            "sampler",
            "",
        ),
        (lambda p, e: edit.img2img(p, widht=3, engine=e), "unknown-parameter", "widht", "width"),
        (lambda p, e: edit.img2img(p, fit="squeeze", engine=e), "unknown-choice", "fit", ""),
        (
            lambda p, e: edit.img2img(p, model="nano-tubro", engine=e),
            "unknown-model",
            "model",
            "nano-turbo",
        ),
        (lambda p, e: edit.outpaint(p, engine=e), "no-margin", None, ""),
        (lambda p, e: edit.outpaint(p, left=-3, engine=e), "out-of-range", "left", "-3"),
        (lambda p, e: edit.outpaint(p, right=4000, engine=e), "picture-too-narrow", None, ""),
        (lambda p, e: edit.upscale(p, 1, engine=e), "out-of-range", "factor", "1 up to 8"),
        (
            lambda p, e: edit.upscale(Image.new("RGB", (4000, 4000)), 3, "x", engine=e),
            "picture-too-large",
            "factor",
            "2 times this picture",
        ),
        (
            lambda p, e: edit.inpaint(p, right_half(), feather=-1, engine=e),
            "out-of-range",
            "feather",
            "-1",
        ),
        (
            lambda p, e: edit.inpaint(p, right_half(), area="some", engine=e),
            "unknown-choice",
            "area",
            "",
        ),
    ],
)
def test_what_cannot_be_done_is_one_sentence_before_anything_is_drawn(
    ask: Callable[[GeneratedImage, LocalEngine], object],
    code: str,
    field: str | None,
    named: str,
    scene: GeneratedImage,
    warm_engine: LocalEngine,
) -> None:
    with refused(code, field) as caught:
        ask(scene, warm_engine)
    assert named in str(caught.value)  # the nearest name, the limits
    assert not warm_engine.jobs()


def test_which_edits_a_model_can_do_is_told() -> None:
    assert edit.can_edit("nano-edit") == (
        "img2img", "inpaint", "outpaint", "instruct", "upscale", "vary",
    )  # fmt: skip
    assert "instruct" not in edit.can_edit("z-image-turbo")
    assert edit.editors("instruct") == ["nano-edit"]


def test_diffusers_own_omni_pipeline_needs_no_more_than_a_card(
    tmp_path: Path, own_home: Path, warm_engine: LocalEngine
) -> None:
    folder = make_tiny_omni(tmp_path / "omni")
    card = f"like: nano-edit, pipeline: ZImageOmniPipeline, source: {{folder: {folder}}}"
    file = settings.models_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"tiny-edit: {{{card}}}\n", encoding="utf-8")
    image = Image.effect_noise((256, 192), 60).convert("RGB")
    given = {"model": "tiny-edit", "steps": 2, "seed": 1, "engine": warm_engine}
    blue, red = (
        edit.instruct(image, f"make the circle {colour}", **given).result().image
        for colour in ("blue", "red")
    )
    assert blue.size == (256, 192)
    assert blue.tobytes() != red.tobytes()
    assert edit.editors("instruct") == ["nano-edit", "tiny-edit"]
    warm_engine.unload("tiny-edit")


def test_an_edit_is_cancelled_at_the_next_step(
    scene: GeneratedImage, warm_engine: LocalEngine
) -> None:
    job = edit.inpaint(scene, right_half(), model="nano-base", steps=150, engine=warm_engine)
    late: list[bool] = []
    previews: list[Image.Image | None] = []

    def look(event: Event) -> None:
        """Cancel it in the thread that draws: a reader's turn may come some steps later."""
        if isinstance(event, Step):
            late.append(job.cancel_requested)
            if event.step >= 2 and not job.cancel_requested:
                previews.append(event.preview)
                job.cancel()

    job.on_event(look)
    assert job.wait(120)
    assert job.status == "cancelled"
    assert sum(late) <= 1
    assert previews[0] is not None
    again = edit.vary(scene, 0.3, steps=2, engine=warm_engine).result()
    assert again.image.size == scene.image.size


def test_nothing_is_noted_on_a_strength_that_nobody_asked_for(
    scene: GeneratedImage, warm_engine: LocalEngine
) -> None:
    given = {"steps": 2, "seed": 1, "engine": warm_engine}
    jobs = [
        edit.outpaint(scene, right=64, prompt="a red circle", **given),
        edit.upscale(scene, factor=2, **given),
    ]
    for job in jobs:
        job.cancel()
    assert not any("Strength" in note for job in jobs for note in job.notes)
