"""What is known of a picture as rows of name and value, in the words of the panels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zimg_kernel import GeneratedImage, load_catalog
from zimg_kernel.gallery.lineage_view import shorten
from zimg_widgets.editor.labels import LABELS as EDITOR_LABELS
from zimg_widgets.editor.labels import WAYS
from zimg_widgets.form.labels import FIELD_LABELS

from .labels import FACTS, Labels, in_language

_SIDES = ("left", "right", "top", "bottom")
_WAYS = (*WAYS, "img2img", "control")

LABELS: Labels = {
    **FIELD_LABELS,
    **{name: EDITOR_LABELS[name] for name in (*_WAYS, *_SIDES, "strength", "factor")},
    **FACTS,
}
"""Names of all that is told of a picture, and its values that are words."""


def picture_rows(image: GeneratedImage, language: str) -> list[list[str]]:
    """Return what is known of a picture; parameters that are empty are left out."""
    words = in_language(LABELS, language)
    params = image.params.model_dump(exclude={"schema_version", "edit"})
    rows = [
        [words.get(name, name), in_words(name, value, words)]
        for name, value in params.items()
        if value not in (None, "")
    ]
    if image.params.edit is not None:
        edit = image.params.edit.model_dump()
        rows[1:1] = [list(row) for row in edit_rows(edit, image.source, language)]
    rows += [[words.get(name, name), f"{taken:.3f} s"] for name, taken in image.timings.items()]
    if image.memory_gb is not None:
        rows.append([words["memory"], f"{image.memory_gb:.2f} GB"])
    rows += [[words["device"], image.device]] if image.device else []
    rows += [[words["file"], str(image.path)]] if image.path else []
    return rows


def edit_rows(
    edit: Mapping[str, Any], source: Mapping[str, Any] | None, language: str
) -> Iterator[tuple[str, str]]:
    """Yield how a picture was changed, and which one; records by other programs are understood.

    Parameters
    ----------
    edit : mapping
        As in a picture's record, see :class:`zimg_kernel.params.Edit`.
    source : mapping or None
        What is known of the picture that was changed, see :class:`zimg_kernel.GeneratedImage`.
    language : {"en", "zh"}
    """
    words = in_language(LABELS, language)
    kind = str(edit.get("kind") or "")
    yield words["change"], words[kind] if kind in _WAYS else kind
    yield words["made_from"], _source(source or {}, words)
    margins = [(side, edit.get(side)) for side in _SIDES]
    added = [words["margin"].format(side=words[side], px=px) for side, px in margins if px]
    if added:
        yield words["margins"], words["comma"].join(added)
    for name, label in (("factor", "factor"), ("control", "map"), ("scale", "scale")):
        if edit.get(name) is not None:
            yield words[label], in_words(name, edit[name], words)
    if edit.get("strength") is not None and kind != "outpaint":
        yield words["strength"], in_words("strength", edit["strength"], words)


def in_words(name: str, value: Any, words: Mapping[str, str]) -> str:
    """Return a parameter's value as a panel tells it: no Python, no JSON."""
    match value:
        case None | "" | () | []:
            return words["none"]
        case bool():
            return words["yes" if value else "no"]
        case float():
            return f"{value:.10g}"
        case str() if name == "model" and (card := load_catalog().get(value)):
            return f"{card.title} ({value})"
        case list() | tuple():
            return words["comma"].join(in_words("", item, words) for item in _flat(value))
    return str(value)


def _flat(items: list[Any] | tuple[Any, ...]) -> Iterator[Any]:
    for item in items:
        pair = isinstance(item, list | tuple) and len(item) == 2
        yield f"{item[0]} {item[1]:.10g}" if pair and isinstance(item[1], int | float) else item


def _source(source: Mapping[str, Any], words: Mapping[str, str]) -> str:
    params = source.get("params")
    prompt = params.get("prompt") if isinstance(params, Mapping) else None
    parts = [str(part) for part in (source.get("file"), prompt and shorten(str(prompt))) if part]
    return " · ".join(parts) or words["elsewhere"]
