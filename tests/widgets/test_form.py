"""The form of a request, from the kernel's side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import ipywidgets
import pytest
from pydantic import Field

from refusals import refused
from zimg_kernel import BadInput, GenerationParams, LocalEngine, get_card, load_catalog
from zimg_kernel.params import MAX_SEED
from zimg_widgets.form.fields import NOTHING, NumberField
from zimg_widgets.form.labels import FIELD_LABELS, HELP_ZH, LABELS, help_of
from zimg_widgets.form.widget import ParamsForm
from zimg_widgets.prompt_box.widget import PromptBox

FULL = GenerationParams(
    prompt="一只猫", model="nano-base", negative_prompt="red", width=192, height=256, steps=11,
    guidance=3.0, seed=MAX_SEED, count=2, sampler="lcm", sigmas="beta", shift=3.0,
    cfg_normalization=True, cfg_truncation=0.5, embedding_noise=0.25,
)  # fmt: skip


@pytest.fixture
def form() -> ParamsForm:
    made = ParamsForm(language="en")
    made.prompt.value = "a red circle"
    return made


def choose(form: ParamsForm, model: str | None) -> None:
    form.model.control.value = NOTHING if model is None else model


def test_untouched_it_leaves_everything_open(form: ParamsForm) -> None:
    assert form.params() == GenerationParams(prompt="a red circle")


def test_a_chosen_model_brings_its_defaults(form: ParamsForm) -> None:
    for model in ("nano-base", "z-image", "nano-turbo"):
        choose(form, model)
        card = get_card(model)
        params = form.params()
        assert params == card.fill(GenerationParams(prompt="a red circle", model=model))


def test_what_the_user_changed_is_kept_where_it_is_valid(form: ParamsForm) -> None:
    choose(form, "nano-base")
    form.fields["steps"].control.value = 33
    form.fields["guidance"].control.value = 5.5
    form.size.control.value = (256, 192)
    choose(form, "nano-turbo")
    params = form.params()
    assert (params.steps, params.guidance) == (33, 0)
    assert (params.width, params.height) == (256, 192)
    choose(form, "z-image")  # its sides begin at 512 px
    params = form.params()
    assert (params.steps, params.guidance) == (33, 5.5)
    assert (params.width, params.height) == (1024, 1024)


def test_automatic_can_be_chosen_again(form: ParamsForm) -> None:
    choose(form, "nano-base")
    choose(form, None)
    assert form.model.control.label == "automatic (Z-Image miniature, Turbo)"
    assert form.params() == GenerationParams(prompt="a red circle")
    choose(form, "nano-base")
    form.set(GenerationParams(prompt="x"))
    assert form.model.control.index == 0
    assert form.params() == GenerationParams(prompt="x")


def test_automatic_sends_only_what_was_changed(form: ParamsForm) -> None:
    form.fields["steps"].control.value = 5
    assert form.params() == GenerationParams(prompt="a red circle", steps=5)
    form.size.swap.click()
    assert (form.params().width, form.params().height) == (256, 256)


def test_everything_of_a_picture_is_restored(form: ParamsForm) -> None:
    form.set(FULL)
    assert form.params() == FULL
    assert ParamsForm(FULL).params() == FULL
    assert form.seed.lock.value is True
    assert form.problem == ""


def test_what_cannot_be_read_is_replaced_too(form: ParamsForm) -> None:
    form.fields["shift"].control.value = "much"
    form.seed.control.value = "seven"
    form.set(FULL)
    assert form.params() == FULL
    assert form.seed.note.value == ""


def test_settings_that_are_the_models_own_follow_the_next_model(form: ParamsForm) -> None:
    form.set(get_card("nano-turbo").fill(GenerationParams(prompt="x", model="nano-turbo", seed=1)))
    choose(form, "nano-base")
    assert (form.params().steps, form.params().guidance) == (20, 2.5)


def test_a_picture_of_an_unknown_model_restores_the_rest(form: ParamsForm) -> None:
    choose(form, "nano-base")
    form.set(FULL.replace(model="sdxl"))
    assert "no model “sdxl”" in form.problem
    assert form.params() == FULL


def test_guidance_is_off_with_the_reason_on_a_model_without_it(form: ParamsForm) -> None:
    choose(form, "nano-base")
    form.negative_prompt.value = "blue"
    assert not form.fields["guidance"].disabled
    assert form.params().negative_prompt == "blue"
    choose(form, "nano-turbo")
    reason = "Z-Image miniature, Turbo is made to run without guidance."
    assert form.fields["guidance"].disabled
    assert form.fields["guidance"].note.value == reason
    assert form.negative_prompt.disabled
    assert form.negative_prompt.hint == reason
    assert form.fields["cfg_truncation"].disabled
    assert form.params().negative_prompt == ""
    choose(form, "nano-base")
    assert form.params().negative_prompt == "blue"
    assert form.fields["guidance"].note.value == ""
    form.fields["guidance"].control.value = 0
    assert form.negative_prompt.hint == "No effect while guidance is 0."


def test_guidance_of_a_picture_is_shown_even_where_it_is_unusual(form: ParamsForm) -> None:
    odd = FULL.replace(model="nano-turbo")
    form.set(odd)
    assert form.params() == odd
    form.fields["guidance"].control.value = 0
    assert form.fields["guidance"].disabled


def test_own_sizes_are_snapped_and_that_is_said(form: ParamsForm) -> None:
    choose(form, "nano-turbo")
    form.size.control.label = "own size"
    assert form.size._own.layout.display == "flex"
    form.size.width.value = 250
    form.size.height.value = 9999
    assert (form.params().width, form.params().height) == (256, 384)
    assert form.size.note.value.startswith("Set from 9999 to 384 px: sides are multiples of 16")
    form.size.width.value = 320
    assert form.size.note.value == ""
    form.size.swap.click()
    assert (form.params().width, form.params().height) == (384, 320)
    form.size.control.value = (256, 192)
    assert form.size._own.layout.display == "none"
    form.size.swap.click()
    assert form.size.control.value == (192, 256)


def test_seeds_are_exact_and_drawn_unless_kept(form: ParamsForm) -> None:
    assert form.params().seed == -1
    form.show_seed(77)
    assert (form.seed.control.value, form.params().seed) == ("77", -1)
    form.seed.lock.value = True
    assert form.params().seed == 77
    form.seed.lock.value = False
    form.seed.control.value = str(MAX_SEED)  # typing one keeps it
    assert form.params().seed == MAX_SEED
    form.seed.dice.click()
    first = form.params().seed
    form.seed.dice.click()
    assert 0 <= form.params().seed != first
    form.seed.control.value = ""
    assert form.params().seed == -1
    form.seed.lock.value = True  # nothing to keep: one is drawn now
    assert form.params().seed == int(form.seed.control.value)


@pytest.mark.parametrize("text", ["-5", "1.5", "abc", str(MAX_SEED + 1), "1_000", "²"])
def test_what_is_no_seed_is_refused_in_one_sentence(form: ParamsForm, text: str) -> None:
    form.seed.control.value = text
    with refused("out-of-range", "seed"):
        form.params()
    assert "take a whole number" in form.seed.note.value


def test_bad_input_raises_and_a_problem_goes_with_the_next_change(form: ParamsForm) -> None:
    form.prompt.value = " "
    with refused("empty-prompt"):
        form.params()
    form.problem = "The prompt is empty."
    form.prompt.value = "x"
    assert form.problem == ""
    form.fields["sampler"].control.value = "unipc"
    form.fields["sigmas"].control.value = "karras"
    with refused("sampler-without-sigmas"):
        form.params()
    form.fields["shift"].control.value = "much"
    assert "Shift cannot be “much”" in form.fields["shift"].note.value
    with refused("invalid-value", "shift"):
        form.params()


def test_numbers_have_the_limits_of_the_parameters(form: ParamsForm) -> None:
    numbers = {n: f for n, f in form.fields.items() if isinstance(f, NumberField)}
    names = {"steps", "count", "guidance", "cfg_truncation", "embedding_noise"}
    assert set(numbers) == names
    for name, field in numbers.items():
        for end, beyond in ((field.low, -1), (field.high, 1)):
            assert end is not None
            assert getattr(GenerationParams(prompt="x", **{name: end}), name) == end
            with pytest.raises(BadInput):
                GenerationParams(prompt="x", **{name: end + beyond})
    choose(form, "nano-base")
    form.fields["steps"].control.value = 500
    assert form.fields["steps"].control.value == 200
    assert form.fields["steps"].note.value == ("Set from 500 to 200: it lies between 1 and 200.")


class Extended(GenerationParams):
    """Parameters of a later version."""

    strength: float = Field(default=0.75, ge=0, le=1, description="Freedom of an edit, 0 to 1.")
    tiling: Literal["off", "x", "both"] = Field(default="off", description="Repeating directions.")
    layers: Annotated[int | None, Field(ge=1, le=9)] = None
    extras: list[str] = Field(default_factory=list)
    overlap: Annotated[int, Field(ge=2, le=8)] = 4
    sharp: bool | None = None


def test_new_parameters_need_no_code() -> None:
    form = ParamsForm(kind=Extended, language="en")
    form.prompt.value = "x"
    assert form.params() == Extended(prompt="x")
    more = form.more_fields
    new = ["strength", "tiling", "layers", "extras", "overlap", "sharp"]
    assert list(more)[-6:] == new
    strength, tiling = more["strength"], more["tiling"]
    assert isinstance(strength.control, ipywidgets.FloatText)
    assert (strength.control.description, strength.control.value) == ("strength", 0.75)
    assert strength.control.tooltip == "Freedom of an edit, 0 to 1."
    assert isinstance(tiling.control, ipywidgets.Dropdown)
    assert list(tiling.control.options) == [("off", "off"), ("x", "x"), ("both", "both")]
    strength.control.value = 3
    tiling.control.value = "both"
    more["layers"].control.value = "3"
    more["extras"].control.value = '["a"]'
    more["overlap"].control.value = 99
    assert [shown for shown, _ in more["sharp"].control.options] == ["automatic", "yes", "no"]
    more["sharp"].control.value = False
    expected = Extended(
        prompt="x", strength=1, tiling="both", layers=3, extras=["a"], overlap=8, sharp=False
    )
    assert form.params() == expected
    again = ParamsForm(expected)
    assert again.params() == expected
    again.set(FULL)  # a picture made before there were these
    assert again.params() == Extended(**FULL.model_dump())
    more["extras"].control.value = "[a"
    with refused("invalid-json", "extras"):
        form.params()


def test_a_new_card_needs_no_code(own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "models.yaml").write_text(
        "mine:\n  like: nano-base\n  title: My <model>\n  steps: 7\n  default_size: [320, 256]\n"
        "gone:\n  like: nano-turbo\n  title: Gone\n  source: {folder: nowhere}\n"
        "same:\n  like: nano-turbo\n  title: Gone\n  source: {huggingface: a/b}\n",
        encoding="utf-8",
    )
    form = ParamsForm(language="en")
    titles = {name: title for title, name in form.model.control.options}
    assert form.model.values == [None, *load_catalog()]
    assert titles["mine"] == "My <model>"
    assert titles["gone"] == "Gone – not here"
    assert titles["same"] == "Gone – not here [same]"
    form.prompt.value = "x"
    choose(form, "mine")
    params = form.params()
    assert (params.steps, params.width, params.height) == (7, 320, 256)
    assert form.size.control.options[0] == ("320 × 256", (320, 256))
    choose(form, "gone")
    assert "which does not exist; correct the card" in form.model.note.value
    choose(form, "same")
    assert "zimg pull same" in form.model.note.value
    assert "My &lt;model&gt;" in ParamsForm(params).to_static_html()


def test_a_card_that_comes_later_is_found(own_home: Path, form: ParamsForm) -> None:
    choose(form, "nano-base")
    own_home.mkdir()
    (own_home / "models.yaml").write_text("mine: {like: nano-turbo}\n")
    form.reload_models()
    assert "mine" in form.model.values
    assert form.params().model == "nano-base"


def test_the_automatic_choice_is_the_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = LocalEngine()
    assert [m.card.id for m in engine.models() if m.default] == [engine.default_model()]
    monkeypatch.setenv("ZIMG_MODEL", "nano-base")
    assert engine.default_model() == "nano-base"
    form = ParamsForm(language="en")
    assert form.model.control.options[0] == ("automatic (Z-Image miniature, base)", NOTHING)
    engine.close()


def test_listeners_hear_of_changes_and_of_ctrl_enter(form: ParamsForm) -> None:
    heard: list[str] = []
    form.on_change(lambda _: heard.append("change"))
    form.on_submit(lambda sender: heard.append(sender.params().prompt))
    message = {"kind": "submit", "value": "a blue star"}
    form.prompt._handle_custom_msg(message, [])
    assert heard == ["change", "a blue star"]
    heard.clear()
    form.set(FULL)
    assert heard == []
    form.fields["steps"].control.value = 3
    assert heard == ["change"]


def test_words_are_there_in_both_languages() -> None:
    for words in (FIELD_LABELS, LABELS):
        assert all(len(pair) == 2 and all(pair) for pair in words.values())
    form = ParamsForm(language="zh")
    assert form.prompt.label == "提示词"
    assert form.fields["steps"].control.description == "步数"
    assert set(HELP_ZH) >= set(form.fields)
    assert (form.fields["steps"].low, form.fields["steps"].high) == (1, 200)


def test_help_comes_from_the_schema() -> None:
    assert help_of(Extended, "tiling") == "Repeating directions."
    assert help_of(Extended, "steps") == "Denoising steps, 1 to 200."
    assert help_of(Extended, "height") == "Size in pixels, a multiple of 16 for Z-Image."
    assert help_of(Extended, "overlap") == ""


def test_all_in_it_is_heard_while_a_cell_runs(form: ParamsForm) -> None:
    found: list[ipywidgets.Widget] = [form]
    for widget in found:
        found += getattr(widget, "children", ())
    assert len([w for w in found if isinstance(w, PromptBox)]) == 2
    assert {form.seed.dice, form.seed.lock, form.size.width, form.size.swap} <= set(found)
    assert all(not isinstance(w, ipywidgets.IntSlider | ipywidgets.FloatSlider) for w in found)


def test_the_still_form_is_a_small_table(form: ParamsForm) -> None:
    form.prompt.value = '<script>alert("x")</script>'
    still = form.to_static_html()
    assert "<script>" not in still
    assert "<th>Model</th><td>automatic" in still
    assert len(still) < 2000
    assert form._repr_mimebundle_()["text/html"] == still


def test_of_an_edited_picture_only_the_numbers_are_shown(form: ParamsForm) -> None:
    edited = {"kind": "vary", "source": "0" * 64, "strength": 0.5}
    form.set(GenerationParams(prompt="a red circle", model="nano-turbo", seed=4, edit=edited))
    assert form.params().edit is None
    assert (form.params().prompt, form.params().seed) == ("a red circle", 4)
