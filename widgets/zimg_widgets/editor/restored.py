"""An edit put on the Editor again, with the values for which it has no controls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image

from zimg_kernel import BadInput, GeneratedImage, GenerationParams, load_catalog
from zimg_kernel.edit.plan import make_plan
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.images.pixels import digest
from zimg_kernel.images.source import SourceImage, load_source
from zimg_kernel.params import Edit
from zimg_widgets._shared.labels import in_language

from .labels import LABELS, WAYS

if TYPE_CHECKING:
    from .widget import Editor

_OWN = {"schema_version", "prompt", "seed", "count", "edit", "width", "height"}
_EDIT_OWN: Mapping[str, tuple[str, ...]] = {
    "instruct": ("fit",),
    "img2img": ("fit",),
    "inpaint": ("area", "padding", "feather", "control", "scale"),
    "upscale": ("strength",),
}
"""Arguments of the functions of edits that no control of the Editor holds."""


@dataclass(frozen=True)
class RestoredEdit:
    """Values of a picture's edit that count as long as its way is chosen.

    Attributes
    ----------
    way : str
        The kind of edit.
    values : dict
        Arguments for the function of that way.
    """

    way: str
    values: dict[str, Any]

    def arguments(self, way: str) -> dict[str, Any]:
        """Return the values as arguments for a way."""
        return dict(self.values) if way == self.way else {}


def find_inputs(
    edit: Edit, gallery: Gallery | None, language: str | None = None
) -> tuple[GeneratedImage | Image.Image, Image.Image | None]:
    """Return the picture that an edit changed, and its mask if it has one.

    Raises
    ------
    BadInput
        One of them is not in the gallery.
    """
    words = in_language(LABELS, language)
    source = _source(edit.source, gallery) if gallery is not None else None
    if source is None:
        raise BadInput(words["source_gone"], code="source-not-in-gallery", field="edit")
    mask = gallery.input(edit.mask) if gallery is not None and edit.mask else None
    if edit.mask and mask is None:
        raise BadInput(words["mask_gone"], code="source-not-in-gallery", field="edit")
    return source, mask


def restore(
    editor: Editor,
    params: GenerationParams,
    gallery: Gallery | None,
    language: str | None = None,
) -> None:
    """Set an Editor so that its next change draws the picture of these parameters.

    Parameters
    ----------
    editor : Editor
    params : GenerationParams
        Of an edited picture.
    gallery : Gallery or None
        Where its source and mask are looked for.
    language : {"en", "zh"}, optional
        Of what is said.

    Raises
    ------
    BadInput
        They are of no edit, or the source or the mask is not in the gallery.
    """
    edit, words = params.edit, in_language(LABELS, language)
    if edit is None:
        raise BadInput(words["no_edit"], code="option-without-effect", field="edit")
    source, mask = find_inputs(edit, gallery, language)
    editor.load(source)
    way = edit.kind
    ways = [*WAYS, *([] if way in WAYS else [way])]
    editor.ways.options = [(words[name], name) for name in ways]
    editor.ways.tooltips = [words[f"{name}_help"] for name in ways]
    editor.ways.value = way
    editor.options.set(edit, params)
    if mask is not None:
        editor.painter.feather = 0  # the mask that is kept has its own
        editor.painter.mask = mask
    editor.prompt.value = params.prompt
    known = params.model in load_catalog()
    values = _values(params, edit, load_source(source), mask, known)
    editor.restored = RestoredEdit(way, values)
    editor.say(_said(params, known, words))


def _source(name: str, gallery: Gallery) -> GeneratedImage | Image.Image | None:
    """Return a picture of the gallery, which knows its own parameters, else a kept input."""
    for entry in gallery.by_digest("pixels", [name]):
        try:
            picture: GeneratedImage = entry.open()
        except BadInput:
            continue
        if digest(picture.image) == name:
            return picture
    return gallery.input(name)


def _values(
    params: GenerationParams,
    edit: Edit,
    source: SourceImage,
    mask: Image.Image | None,
    known: bool,
) -> dict[str, Any]:
    values = params.model_dump(exclude=_OWN)
    values |= {name: getattr(edit, name) for name in _EDIT_OWN.get(edit.kind, ())}
    if edit.kind == "control":
        values |= {"kind": edit.control, "scale": edit.scale}
    if values.get("scale") is None:
        values.pop("scale", None)
    if not known:
        values.pop("model")
        return values
    # A canvas that follows from the source is left to follow, as the engine leaves it.
    size = params.width, params.height
    card = load_catalog()[params.model or ""]
    given = edit.kind in ("upscale", "control")
    if given or make_plan(edit, source, card, mask).canvas.size != size:
        values |= {"width": size[0], "height": size[1]}
    return values


def _said(params: GenerationParams, known: bool, words: Mapping[str, str]) -> str:
    if not known:
        return words["model_gone"].format(model=params.model)
    return words["restored"].format(
        model=load_catalog()[params.model or ""].title,
        steps=params.steps,
        guidance=f"{params.guidance or 0:g}",
    )
