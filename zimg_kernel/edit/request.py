"""Edit request: choice of the model, canvas and parameters, submission."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from zimg_kernel.engine.default import default_engine
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.job_messages import JobMessages
from zimg_kernel.engine.progress import tell
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput
from zimg_kernel.families.registry import family_of
from zimg_kernel.images.source import SourceImage
from zimg_kernel.models.catalog import ModelCard, get_card, load_catalog
from zimg_kernel.params import Edit, EditKind, GenerationParams, require_multiple

from .capabilities import can_edit, editor_for, follows_instructions, require
from .plan import EditPlan, describe_strength, make_plan

_USUAL_STRENGTH = {"inpaint": 1.0, "outpaint": 1.0, "upscale": 0.1}
"""Strength of the kinds of edits that have one of their own accord: nobody asked for it."""


@dataclass(frozen=True)
class EditRequest:
    """An edit and its inputs, validated except for what depends on the model."""

    edit: Edit
    source: SourceImage
    prompt: str
    mask: Image.Image | None = None
    area: str = "whole"
    params: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PreparedEdit:
    """An edit as an engine takes it: parameters, plan, and what the user shall be told."""

    params: GenerationParams
    plan: EditPlan
    notes: tuple[str, ...] = ()


def submit_edit(request: EditRequest, engine: Engine | None = None) -> Job:
    """Resolve model, canvas and parameters, and submit the request to an engine."""
    runner = engine or default_engine()
    ready = prepare_edit(request, runner)
    job = runner.submit(ready.params, plan=ready.plan, notes=ready.notes)
    tell(JobMessages(job), stacklevel=4)
    return job


def prepare_edit(request: EditRequest, runner: Engine) -> PreparedEdit:
    """Resolve model, canvas and parameters of a request for an engine; submits nothing.

    Raises
    ------
    BadInput
        The edit cannot be done; one sentence.
    """
    model, notes = model_for(request.edit.kind, request.source, request.params.get("model"), runner)
    card = get_card(model)
    require(request.edit.kind, card, runner)
    if request.edit.control:
        require("control", card, runner)
    given = {name: value for name, value in request.params.items() if name != "model"}
    for name in ("edit", "prompt"):
        if name in given:
            raise BadInput(
                f"{name} is no field to give here: the function makes it.",
                code="option-without-effect",
                field=name,
            )
    # Checked before the source is scaled, which may take a while.
    params = GenerationParams(prompt=request.prompt, model=model, edit=request.edit, **given)
    edit = request.edit
    wanted = params.width, params.height
    if edit.kind in ("inpaint", "outpaint"):
        edit = edit.model_copy(update={"area": _area(request, card)})
    family = family_of(card)
    for name in ("width", "height"):
        require_multiple(name, getattr(params, name), family.side_multiple)
    sampler = card.fill(params).sampler
    if sampler not in family.midway_samplers:
        others = " or ".join(family.midway_samplers)
        raise BadInput(
            f"{sampler} cannot begin on the way: for edits take the {others} sampler.",
            code="sampler-not-for-edits",
            field="sampler",
        )
    plan = make_plan(edit, request.source, card, request.mask, wanted)
    width, height = plan.canvas.size
    if edit.kind == "upscale":
        width, height = wanted[0] or card.default_size[0], wanted[1] or card.default_size[1]
        width, height = min(width, plan.canvas.width), min(height, plan.canvas.height)
        width, height = max(width, card.min_side), max(height, card.min_side)
    params = params.replace(edit=edit, width=width, height=height)
    notes = (*notes, *request.notes, *plan.notes)
    if edit.strength is not None and edit.strength != _USUAL_STRENGTH.get(edit.kind):
        notes += (describe_strength(params.steps or card.steps, edit.strength),)
    return PreparedEdit(params, plan, tuple(note for note in notes if note))


def model_for(
    kind: EditKind, source: SourceImage, named: Any, engine: Engine
) -> tuple[str, tuple[str, ...]]:
    """Return the model named, else that of the source, else the engine's own, and a word on it."""
    if named is not None and not isinstance(named, str):
        raise BadInput(f"model is a model's id, not {named!r}.", code="wrong-type", field="model")
    if kind == "instruct":
        return editor_for(named, engine)
    if named:
        return named, ()
    own = source.params.model if source.params else None
    card = load_catalog().get(own or "")
    if card and kind in can_edit(card) and not follows_instructions(card):
        return card.id, ()
    return engine.default_model(), ()


def _area(request: EditRequest, card: ModelCard) -> str:
    """Part of the picture that the model sees: the whole or the masked area."""
    if request.area != "auto":
        return request.area
    if request.edit.kind == "outpaint":
        return "whole"
    from .canvas import place_source

    try:
        placement, _ = place_source(request.source.image.size, card)
    except BadInput:
        return "masked"
    return "whole" if math.isclose(placement.scale, 1, abs_tol=0.01) else "masked"


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
            code="empty-prompt",
            field="prompt",
        )
    return params.prompt
