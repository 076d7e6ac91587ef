"""Kinds of edits that a model supports."""

from __future__ import annotations

from typing import get_args

from zimg_kernel.engine.model_status import local_models
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput
from zimg_kernel.models.catalog import ModelCard, get_card
from zimg_kernel.params import EditKind

_FROM_NOISE: tuple[EditKind, ...] = ("img2img", "inpaint", "outpaint", "upscale", "vary")
_EDITOR = "nano-edit"


def can_edit(model: str | ModelCard) -> tuple[EditKind, ...]:
    """Return the kinds of edits that a model can do.

    Every model that draws from noise can begin with a picture in the noise: img2img, inpaint,
    outpaint, upscale and vary. Instructions need one that has learned them (an Omni or Edit
    model), and control maps a ControlNet that its card names.
    """
    card = get_card(model) if isinstance(model, str) else model
    if card.family != "z-image":
        return ()
    kinds: list[EditKind] = list(_FROM_NOISE)
    if follows_instructions(card):
        kinds.append("instruct")
    if card.controlnet is not None:
        kinds.append("control")
    return tuple(kind for kind in get_args(EditKind) if kind in kinds)


def follows_instructions(card: ModelCard) -> bool:
    """Tell whether a model was made to change a picture by an instruction."""
    return "Omni" in card.pipeline.rpartition(".")[2]


def editors(kind: EditKind, engine: Engine | None = None) -> list[str]:
    """Return the ids of the models that can do a kind of edit and whose files are there.

    Parameters
    ----------
    kind : str
        Such as ``"instruct"``.
    engine : Engine, optional
        That would draw; this machine's models otherwise.
    """
    models = local_models((), "") if engine is None else engine.models()
    return [one.card.id for one in models if kind in can_edit(one.card) and one.ready]


def require(kind: EditKind, card: ModelCard, engine: Engine) -> None:
    """Refuse a kind of edit that a model cannot do, in one sentence with what would.

    Raises
    ------
    BadInput
        The model cannot do it.
    WeightsMissing
        Its ControlNet is not there.
    """
    able = can_edit(card)
    if kind in able:
        if kind == "control":
            from .controls.controlnet_files import require_controlnet

            require_controlnet(card)
        return
    others = [name for name in editors(kind, engine) if name != card.id]
    why = {
        "instruct": f"{card.title} has not learned to follow instructions",
        "control": f"{card.title} has no ControlNet",
    }.get(kind, f"{card.title} cannot do this ({kind})")
    instead = (
        f"{', '.join(others)} can: choose {others[0]} as the model."
        if others
        else (
            "no model here can; one whose card names a ControlNet would."
            if kind == "control"
            else "no model here can."
        )
    )
    rest = f" With {card.id} itself there are {', '.join(able)}." if able else ""
    raise BadInput(f"{why}; {instead}{rest}", code="edit-not-supported", field="model")


def editor_for(wanted: str | None, engine: Engine) -> tuple[str, tuple[str, ...]]:
    """Choose the model for an instruction: the one named, else one that can.

    Returns
    -------
    str
        A model's id.
    tuple of str
        A note on the choice where it is not what one would expect.
    """
    if wanted is not None:
        return wanted, ()
    able, default = editors("instruct", engine), engine.default_model()
    if default in able:
        return default, ()
    full = [name for name in able if not get_card(name).source.embedded]
    if full:
        return full[0], ()
    if get_card(default).source.embedded:
        return _EDITOR, ()
    note = (
        f"{default} has not learned to follow instructions, so the miniature {_EDITOR} draws: it "
        "knows shapes, simple landscapes and short signs only."
    )
    return _EDITOR, (note,)
