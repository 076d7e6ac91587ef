"""Preview of a picture and its control maps side by side in a notebook."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

from PIL import Image

from zimg_kernel.errors import BadInput, WeightsMissing
from zimg_kernel.images.encode import data_url
from zimg_kernel.images.pixels import rgb
from zimg_kernel.images.reading import Source, read

from .maps import control_map

_SIDE = 256  # px, of the longer side of a small picture


class ControlPreview:
    """A picture beside its control maps; shows itself as HTML that needs no kernel.

    Attributes
    ----------
    source : PIL.Image.Image
        The picture, RGB.
    maps : dict of str to PIL.Image.Image
        By kind.
    problems : dict of str to str
        For each kind that could not be made, why.
    """

    def __init__(
        self, source: Image.Image, maps: dict[str, Image.Image], problems: dict[str, str]
    ) -> None:
        self.source = source
        self.maps = maps
        self.problems = problems

    def _repr_html_(self) -> str:
        shown = {"source": self.source, **self.maps}
        cells = [_figure(_image(picture, name), name) for name, picture in shown.items()]
        for name, problem in self.problems.items():
            cells.append(_figure(f"<p>{html.escape(problem)}</p>", name))
        return f'<div style="display:flex;flex-wrap:wrap;gap:12px">{"".join(cells)}</div>'

    def __repr__(self) -> str:
        made = ", ".join(self.maps) or "none"
        return f"<ControlPreview of {self.source.width}x{self.source.height} px: {made}>"


def preview_control(
    image: Source,
    kinds: Iterable[str] = ("canny", "soft-edge", "scribble"),
    **settings: dict[str, Any],
) -> ControlPreview:
    """Make control maps of several kinds and show them beside the picture.

    Parameters
    ----------
    image : GeneratedImage, PIL.Image.Image, str or Path
        The picture.
    kinds : iterable of str
        As for :func:`~zimg_kernel.edit.controls.control_map`. By default those that need no model.
    **settings : dict
        Settings of a kind, with ``_`` for ``-``: ``canny={"low": 50}``,
        ``soft_edge={"threshold": 0.1}``.

    Returns
    -------
    ControlPreview
        A kind that this picture has nothing for, or whose model is missing, says so in its place.
    """
    names = [kinds] if isinstance(kinds, str) else list(kinds)
    given = {name.replace("_", "-"): values for name, values in settings.items()}
    for name, values in given.items():
        if name not in names or not isinstance(values, dict):
            raise BadInput(
                f"{name}={values!r}: give the settings of a kind that is shown "
                f"({', '.join(names)}) as a dict, such as canny={{'low': 50}}.",
                code="wrong-type",
                field=name,
            )
    source = rgb(read(image, "image"))
    maps, problems = {}, {}
    for kind in names:
        try:
            maps[kind] = control_map(source, kind, **given.get(kind, {}))
        except (BadInput, WeightsMissing) as error:
            problems[kind] = str(error)
    return ControlPreview(source, maps, problems)


def _figure(content: str, caption: str) -> str:
    return (
        f'<figure style="margin:0;width:{_SIDE}px">{content}'
        f'<figcaption style="font-size:80%;opacity:.8">{html.escape(caption)}</figcaption></figure>'
    )


def _image(picture: Image.Image, name: str) -> str:
    alt = "the picture" if name == "source" else f"its {name} map"
    return (
        f'<img alt="{html.escape(alt)}" src="{data_url(picture, _SIDE, 85)}" '
        'style="max-width:100%;border-radius:4px">'
    )
