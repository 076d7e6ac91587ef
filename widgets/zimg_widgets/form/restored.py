"""Parameters of a picture put on a form, and the list of what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zimg_kernel import BadInput, GenerationParams
from zimg_kernel.lora.files import find_lora
from zimg_widgets._shared.kernel_sentences import translated

from .family_field import FAMILY_NAMES
from .size_field import size_text

if TYPE_CHECKING:
    from .widget import ParamsForm

FROM_CARD = ("steps", "guidance")  # None takes the card's
_WITHOUT_VALUE = ("prompt", "negative_prompt", "loras")  # too long for a list, and in sight
_LEFT_OUT = {"schema_version", "model", "width", "height", "edit"}


def show_record(form: ParamsForm, name: str, record: Mapping[str, Any]) -> None:
    """Show the settings in a picture's record, and what of another tool's was not taken over.

    Parameters
    ----------
    form : ParamsForm
    name : str
        The picture's, for the list.
    record : mapping
        As :func:`zimg_kernel.images.metadata.read_record` gives it.

    Raises
    ------
    BadInput
        The parameters in it are none of this version.
    """
    typed = form.prompt.value
    params = record_params(record, typed)
    foreign = record.get("foreign")
    if not isinstance(foreign, dict):
        form.set(params)
        return
    words = form.labels
    missing = [name for name, _ in params.loras if not _is_there(name)]
    params = params.replace(loras=[pair for pair in params.loras if pair[0] not in missing])
    _set_on_chosen_model(form, params)
    if not record["params"]["prompt"]:
        form.prompt.value = typed
    lines, models = [], foreign.get("models") or []
    title = form.model.card.title
    if models:
        lines.append(words["model_left"].format(models=", ".join(models), model=title))
    elif params.model is None and form.model.read() is not None:
        lines.append(words["model_kept"].format(model=title))
    lines += [*changed(form, params), *_unusual(form)]
    lines += [words["lora_left"].format(lora=lora) for lora in missing]
    lines += [translated(note, form.language) for note in foreign.get("notes") or []]
    software = record.get("software") or words["other_tool"]
    message = words["taken"].format(name=name, software=software, values=_taken(form, params))
    form.restored = {"message": message, "lines": lines}


def record_params(record: Mapping[str, Any], prompt: str) -> GenerationParams:
    """Return the parameters of a record; where it has no prompt, with this one or a dash."""
    fields = record["params"]
    if not fields["prompt"]:
        fields = {**fields, "prompt": (prompt.strip() and prompt) or "-"}
    return GenerationParams.from_dict(fields)


def _set_on_chosen_model(form: ParamsForm, params: GenerationParams) -> None:
    """Show parameters on a form; where they name no model that is there, the chosen one stays."""
    chosen = form.model.read()
    if params.model in form.model.values and params.model is not None:
        chosen = None
    form.set(params if chosen is None else params.replace(model=chosen))
    if chosen is not None:  # the values are the picture's, not this model's own
        form.size.touched = form.size.touched or params.width is not None
        for name in FROM_CARD:
            form.fields[name].touched |= getattr(params, name) is not None


def put_params(form: ParamsForm, params: GenerationParams) -> None:
    """Show parameters on the fields of a form."""
    known = params.model in form.model.values
    loose = params.model is None or not known  # the values are not of the model shown
    if known:
        form.model.show(params.model)
    form.size.touched = False
    for name in FROM_CARD:
        form.fields[name].touched = False
    form.kept_guidance = None
    form.take_card()
    card = form.model.card
    form.prompt.value = params.prompt
    form.negative_prompt.value = params.negative_prompt
    form.seed.show(params.seed)
    if params.width is not None or params.height is not None:
        width, height = card.default_size
        form.size.show((params.width or width, params.height or height))
        form.size.touched = loose or form.size.read() != card.default_size
    for name, field in form.fields.items():
        value = getattr(params, name)
        if name not in FROM_CARD:
            field.show(value)
        elif value is not None:
            usual = field.read()
            field.show(value)
            # What the card says too follows the card when another model is chosen.
            field.touched = loose or value != usual
    form.follow_guidance()


def changed(form: ParamsForm, params: GenerationParams) -> list[str]:
    """Return a line for each value that is another one on the form."""
    lines = [
        form.labels["named"].format(name=form.labels[name], text=f"{asked} → {shown}")
        for name in FAMILY_NAMES
        if (asked := getattr(params, name)) != (shown := form.fields[name].read())
    ]
    asked = (params.width, params.height)
    if all(asked) and form.size.read() != asked:
        lines.append(
            form.labels["named"].format(name=form.labels["size"], text=form.size.note_text)
        )
    return lines


def _unusual(form: ParamsForm) -> list[str]:
    """Return a line on guidance that the model was not made for."""
    guidance = form.fields["guidance"]
    if guidance.disabled or not guidance.note_text:
        return []
    name = f"{form.labels['guidance']} {guidance.read():g}"
    return [form.labels["named"].format(name=name, text=guidance.note_text)]


def _taken(form: ParamsForm, params: GenerationParams) -> str:
    """Return the values that were taken over as they are, with their names."""
    words, parts = form.labels, []
    fields = type(params).model_fields
    if form.size.read() == (params.width, params.height):
        parts.append(f"{words['size']} {size_text(form.size.read())}")
    for name, value in params.model_dump(exclude=_LEFT_OUT).items():
        if value is None or value == fields[name].default:
            continue
        label = words.get(name, name)
        if name == "loras" and not form.fields[name].read():
            continue
        text = f"{value:.10g}" if isinstance(value, float) else value
        parts.append(label if name in _WITHOUT_VALUE else f"{label} {text}")
    return words["comma"].join(_in_order(parts, words))


def _in_order(parts: Sequence[str], words: Mapping[str, str]) -> list[str]:
    """Return the prompts first."""
    prompts = [words["prompt"], words["negative_prompt"]]
    return sorted(parts, key=lambda part: part not in prompts)


def _is_there(lora: str) -> bool:
    try:
        find_lora(lora)
    except BadInput:
        return False
    return True
