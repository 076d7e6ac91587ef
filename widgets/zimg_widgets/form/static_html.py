"""Static HTML of a form: its values as a table."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .widget import ParamsForm


def form_table(form: ParamsForm) -> str:
    """Return the names and values of a form's fields as an HTML table."""
    rows = []
    for name, value in _values(form).items():
        label = form.labels.get(name, name)
        if value not in (None, "", "[]"):
            rows.append(f"<tr><th>{html.escape(label)}</th><td>{html.escape(value)}</td></tr>")
    return f"<table>{''.join(rows)}</table>"


def _values(form: ParamsForm) -> dict[str, str]:
    """Values of the fields as text."""
    shown = {"prompt": form.prompt.value, "model": form.model.control.label}
    shown |= {"size": form.size.text()}
    shown |= {name: field.text() for name, field in form.fields.items()}
    seed = form.seed.control.value
    return shown | {"negative_prompt": form.negative_prompt.value, "seed": seed}
