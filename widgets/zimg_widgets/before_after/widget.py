"""Two pictures in one box with a divider between them: before and after."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import traitlets
from PIL import Image

from zimg_kernel import BadInput, GeneratedImage
from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.control import Control
from zimg_widgets._shared.encode import Source, data_url, png_bytes, read, rgb
from zimg_widgets._shared.labels import Labels

from .labels import LABELS
from .opening import MIDDLE, opening_position

_STATIC_CHARACTERS = 55_000  # of each picture; both and their words stay under 120 kB
_STATIC_TRIES = ((384, 85), (384, 60), (256, 60), (192, 50), (128, 40))  # side in px, quality


@dataclass(frozen=True, repr=False)
class Picture:
    """One side of the comparison, as it travels to the browser.

    Attributes
    ----------
    png : bytes
        The pixels, RGB, as a PNG file.
    size : (int, int)
        Width and height, px.
    alt : str
        The prompt; empty if the picture carries none.
    image : PIL.Image.Image
        The same pixels.
    """

    png: bytes
    size: tuple[int, int]
    alt: str
    image: Image.Image = field(compare=False)

    def __repr__(self) -> str:
        return f"<Picture {_size(self)} {self.alt[:60]!r}>"


class _PictureTrait(traitlets.TraitType[Picture, Source | Picture]):
    """Takes whatever can be compared and keeps it as a :class:`Picture`."""

    def validate(self, obj: Any, value: Any) -> Picture:
        return value if isinstance(value, Picture) else _read(value, str(self.name))


def _to_browser(picture: Picture, _widget: object) -> dict[str, Any]:
    return {"png": picture.png, "size": picture.size, "alt": picture.alt}


class Compare(Control):
    """A before/after slider; :func:`compare` makes one.

    Assign to :attr:`before`, :attr:`after`, :attr:`captions` or :attr:`position` at any time;
    the browser follows.
    """

    LABELS: ClassVar[Labels] = LABELS
    _esm = bundle("before_after/widget.js")
    _css = bundle("before_after/widget.css")

    before = _PictureTrait().tag(sync=True, to_json=_to_browser)
    """The picture on the left; its size decides the box.

    Takes a GeneratedImage, a PIL picture or the name of a picture file.
    """

    after = _PictureTrait().tag(sync=True, to_json=_to_browser)
    """The picture on the right; scaled to fit the box, its proportions kept."""

    captions = traitlets.Tuple(traitlets.Unicode(), traitlets.Unicode()).tag(sync=True)
    """The words below the two pictures; by default "Before" and "After"."""

    position = traitlets.Float(MIDDLE).tag(sync=True)
    """Place of the divider: percent of the width, from 0 to 100, where it is clamped.

    At 0 only :attr:`after` is seen, at 100 only :attr:`before`. At first it stands left of what
    has changed, see :func:`.opening.opening_position`.
    """

    def __init__(
        self,
        before: Source,
        after: Source,
        *,
        captions: Sequence[str] | None = None,
        position: float | None = None,
        language: str | None = None,
    ) -> None:
        # Read here, so that bad input leaves no half-made widget behind.
        pair = _read(before, "before"), _read(after, "after")
        if position is None:
            position = opening_position(pair[0].image, pair[1].image)
        traits: dict[str, Any] = {"before": pair[0], "after": pair[1], "position": position}
        if captions is not None:
            traits["captions"] = _two_words(captions)
        super().__init__(language=language, **traits)
        self.observe(lambda _: self.update_static_html(), ["before", "after", "captions"])

    @traitlets.default("captions")
    def _default_captions(self) -> tuple[str, str]:
        return self.labels["before"], self.labels["after"]

    @traitlets.validate("position")
    def _clamp(self, proposal: Any) -> float:
        return min(100.0, max(0.0, proposal["value"]))

    def show(self, before: Source, after: Source) -> None:
        """Replace both pictures at once.

        Raises
        ------
        BadInput
            Neither is replaced: one is no picture, or its file cannot be read.
        """
        new = _read(before, "before"), _read(after, "after")
        with self.hold_sync():
            self.before, self.after = new

    def show_change(self) -> None:
        """Move the divider so that all that has changed is seen as it is after."""
        self.position = opening_position(self.before.image, self.after.image, everywhere=0.0)

    def to_static_html(self) -> str:
        """Return both pictures side by side, small, as HTML without script."""
        cells = []
        for picture, caption in zip((self.before, self.after), self.captions, strict=True):
            alt = html.escape(picture.alt or caption, quote=True)
            cells.append(
                '<figure style="margin:0;flex:1 1 0;min-width:0;max-width:384px">'
                f'<img alt="{alt}" src="{_small(picture.image)}" '
                'style="width:100%;border-radius:4px">'
                f'<figcaption style="font-size:85%;opacity:.8">{html.escape(caption)}'
                "</figcaption></figure>"
            )
        row = f'<div style="display:flex;gap:12px">{"".join(cells)}</div>'
        note = self._note()
        if note:
            row += f'<p style="font-size:85%;opacity:.8">{html.escape(note)}</p>'
        return row

    def _note(self) -> str:
        if self.before.size == self.after.size:
            return ""
        first, second = self.captions
        return str(self.labels["sizes"]).format(
            before=first, first=_size(self.before), after=second, second=_size(self.after)
        )


def compare(
    before: Source,
    after: Source,
    *,
    captions: Sequence[str] | None = None,
    position: float | None = None,
    language: str | None = None,
) -> Compare:
    """Lay one picture over another, with a divider to drag.

    Parameters
    ----------
    before, after : GeneratedImage, PIL.Image.Image, str or Path
        The pictures, or the names of picture files. If their sizes differ, both are scaled to
        one box of the shape of ``before``, large enough for ``after`` in its own size where
        there is room, and a caption tells both sizes.
    captions : sequence of two str, optional
        The words below them, such as ``("Turbo", "base")``; by default "Before" and "After".
    position : float, optional
        Where the divider stands at first: percent of the width, 0 to 100. By default in the
        middle, or further left if the change begins there, so that it is seen.
    language : {"en", "zh"}, optional
        Of the words on it; by default as ``ZIMG_LANGUAGE`` or the locale says.

    Returns
    -------
    Compare
        The widget; it shows itself as the last line of a cell.

    Raises
    ------
    BadInput
        One is no picture, its file cannot be read, or the captions are not two.
    """
    return Compare(before, after, captions=captions, position=position, language=language)


def _read(source: object, name: str) -> Picture:
    """Turn what was given as ``before`` or ``after`` into RGB pixels, or say why not."""
    image = rgb(read(source, name))
    alt = source.params.prompt if isinstance(source, GeneratedImage) else ""
    return Picture(png=png_bytes(image), size=image.size, alt=alt, image=image)


def _two_words(captions: Sequence[str]) -> tuple[str, str]:
    words = () if isinstance(captions, str) else tuple(captions)
    if len(words) != 2 or not all(isinstance(word, str) for word in words):
        raise BadInput(
            f"captions cannot be {captions!r}, because each of the two pictures has its own: "
            'give two texts, such as ("Turbo", "base").',
            code="captions-not-two",
            field="captions",
        )
    return words[0], words[1]


def _size(picture: Picture) -> str:
    width, height = picture.size
    return f"{width}×{height}"


def _small(image: Image.Image) -> str:
    """A ``data:`` address within the budget; the last try is small enough for any picture."""
    for side, quality in _STATIC_TRIES:
        address = data_url(image, side, quality)
        if len(address) <= _STATIC_CHARACTERS:
            break
    return address
