"""From a wish to a job: choose the model, lay out the canvas, fill in the parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from zimg_kernel.engine.default import default_engine
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.progress import tell
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput
from zimg_kernel.images.source import SourceImage
from zimg_kernel.models.catalog import ModelCard, get_card, load_catalog
from zimg_kernel.params import Edit, EditKind, GenerationParams

from . import strength
from .capabilities import can_edit, editor_for, follows_instructions, require
from .plan import make_plan


@dataclass(frozen=True)
class Wish:
    """What somebody asked for, checked as far as that goes without a model."""

    edit: Edit
    source: SourceImage
    prompt: str
    mask: Image.Image | None = None
    area: str = "whole"
    params: dict[str, Any] = field(default_factory=dict)
    said: tuple[str, ...] = ()


def begin(wish: Wish, engine: Engine | None = None) -> Job:
    """Choose what was left open, and hand the request to an engine."""
    runner = engine or default_engine()
    model, said = model_for(wish.edit.kind, wish.source, wish.params.get("model"), runner)
    card = get_card(model)
    require(wish.edit.kind, card)
    if wish.edit.control:
        require("control", card)
    given = {name: value for name, value in wish.params.items() if name != "model"}
    for name in ("edit", "prompt"):
        if name in given:
            raise BadInput(
                f"{name} is no field to give here: the function makes it.",
                code="option-without-effect",
                field=name,
            )
    # Checked before the source is scaled, which may take a while.
    params = GenerationParams(prompt=wish.prompt, model=model, edit=wish.edit, **given)
    edit = wish.edit
    wanted = params.width, params.height
    if edit.kind in ("inpaint", "outpaint"):
        edit = edit.model_copy(update={"area": _area(wish, card)})
    if params.sampler == "unipc":
        raise BadInput(
            "unipc cannot begin on the way: for edits take the euler or lcm sampler.",
            code="sampler-not-for-edits",
            field="sampler",
        )
    plan = make_plan(edit, wish.source, card, wish.mask, wanted)
    width, height = plan.canvas.size
    if edit.kind == "upscale":
        width, height = wanted[0] or card.default_size[0], wanted[1] or card.default_size[1]
        width, height = min(width, plan.canvas.width), min(height, plan.canvas.height)
        width, height = max(width, card.min_side), max(height, card.min_side)
    params = params.replace(edit=edit, width=width, height=height)
    notes = (*said, *wish.said, *plan.said)
    if edit.strength is not None:
        notes += (strength.in_words(params.steps or card.steps, edit.strength),)
    job = runner.submit(params, plan=plan, notes=tuple(note for note in notes if note))
    tell(job, stacklevel=4)
    return job


def model_for(
    kind: EditKind, source: SourceImage, named: Any, engine: Engine
) -> tuple[str, tuple[str, ...]]:
    """Return the model named, else that of the source, else the engine's own, and a word on it."""
    if named is not None and not isinstance(named, str):
        raise BadInput(f"model is a model's id, not {named!r}.", code="wrong-type", field="model")
    default: str = getattr(engine, "default_model", lambda: "nano-turbo")()
    if kind == "instruct":
        return editor_for(named, default)
    if named:
        return named, ()
    own = source.params.model if source.params else None
    card = load_catalog().get(own or "")
    if card and kind in can_edit(card) and not follows_instructions(card):
        return card.id, ()
    return default, ()


def _area(wish: Wish, card: ModelCard) -> str:
    """Whether the model sees the whole picture or the masked area."""
    if wish.area != "auto":
        return wish.area
    if wish.edit.kind == "outpaint":
        return "whole"
    from .canvas import frame_for

    try:
        frame, _ = frame_for(wish.source.image.size, card)
    except BadInput:
        return "masked"
    return "whole" if math.isclose(frame.scale, 1, abs_tol=0.01) else "masked"


def prompt_for(prompt: str | None, source: SourceImage) -> str:
    """Return the prompt that was given, or that of the picture itself."""
    if prompt is not None:
        if not isinstance(prompt, str) or not prompt.strip():
            raise BadInput(
                "The prompt is empty: say in a few words what the result shows.",
                code="empty-prompt",
                field="prompt",
            )
        return prompt
    params = source.params
    if params is None or (params.edit is not None and params.edit.kind == "instruct"):
        raise BadInput(
            "This picture does not tell what it shows: give a prompt with what the result is to "
            "show.",
            code="prompt-needed",
            field="prompt",
        )
    return params.prompt


def number(name: str, value: Any, low: float, high: float) -> float:
    """Return a number above ``low`` up to ``high``, or refuse what is none."""
    good = isinstance(value, int | float) and not isinstance(value, bool)
    if not good or not low < value <= high:
        raise BadInput(
            f"{name} must be a number above {low:g} up to {high:g}, not {value!r}.",
            code="out-of-range",
            field=name,
        )
    return float(value)
