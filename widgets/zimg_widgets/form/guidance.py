"""What of a form has an effect with its model and guidance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zimg_kernel.families import family_of

if TYPE_CHECKING:
    from .widget import ParamsForm


def follow_guidance(form: ParamsForm) -> None:
    """Let be changed what has an effect with a form's model and guidance; say why not."""
    card, guidance = form.model.card, form.fields["guidance"]
    value = guidance.read()
    off = value <= family_of(card).no_guidance
    # Guidance on a model without it, as an old picture may have, can be turned off.
    guidance.disabled = not card.guided and value == card.guidance
    reason = ""
    if not card.guided:
        word = "unguided" if guidance.disabled else "unguided_kept"
        reason = form.labels[word].format(model=card.title)
    elif off:
        reason = form.labels["no_guidance"].format(least=f"{value:g}")
    if not card.guided:
        guidance.show_note(reason)
    form.negative_prompt.disabled = guidance.disabled
    form.negative_prompt.hint = reason if guidance.disabled or off else ""
    for name, field in form.fields.items():
        if name.startswith("cfg_"):
            field.disabled = guidance.disabled
            field.show_note(reason if guidance.disabled else "")
