"""Kinds of edits that a model supports."""

from __future__ import annotations

from zimg_kernel.engine.model_status import local_models
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput
from zimg_kernel.families.registry import family_of
from zimg_kernel.models.catalog import ModelCard, get_card
from zimg_kernel.params import EditKind


def can_edit(model: str | ModelCard) -> tuple[EditKind, ...]:
    """Return the kinds of edits that a model can do, as its family says."""
    card = get_card(model) if isinstance(model, str) else model
    return family_of(card).edit_kinds(card)


def follows_instructions(card: ModelCard) -> bool:
    """Tell whether a model was made to change a picture by an instruction."""
    return "instruct" in can_edit(card)


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
    full = [name for name in able if not family_of(get_card(name)).closed_vocabulary]
    if full:
        return full[0], ()
    if not able:
        return default, ()  # which is refused with what there is
    small = able[0]
    if family_of(get_card(default)).closed_vocabulary:
        return small, ()
    note = (
        f"{default} has not learned to follow instructions, so the miniature {small} draws: it "
        f"{family_of(get_card(small)).knows}."
    )
    return small, (note,)
