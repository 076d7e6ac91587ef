"""Paint a mask on a picture in the browser and read it in Python."""

from __future__ import annotations

import html
import io
from typing import Any

import traitlets
from PIL import Image, ImageChops, ImageFilter

from zimg_kernel import BadInput
from zimg_kernel.images.open_file import UNREADABLE, open_image
from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.control import Control
from zimg_widgets._shared.encode import (
    Source,
    data_url,
    grey,
    highest,
    png_bytes,
    read,
    rgb,
    shrunk,
    title,
)

from .labels import LABELS
from .static_html import FAINT, TINTS, coverage_text, far_colour, tinted

MAX_SIDE = 4096
MAX_FEATHER = 64

_SENT_SIDE = 2048  # what a cell on a screen of many pixels can show; the mask is always full size
_STATIC_BYTES = 60_000  # of HTML, so the JPEG in it has three quarters of that


class _PixelTrait(traitlets.Int[int, int | str]):
    """Integer trait in pixels; raises BadInput outside its limits."""

    def validate(self, obj: Any, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadInput(
                f"{self.name} is a whole number of pixels, not {value!r}.",
                code="wrong-type",
                field=self.name,
            )
        if not self.min <= value <= self.max:
            raise BadInput(
                f"{self.name} of {value} px is out of range: choose {self.min} to {self.max} px.",
                code="out-of-range",
                field=self.name,
            )
        return value


class MaskPainter(Control):
    """A picture to paint on: what is painted is what is to be changed.

    The mask that Python holds is the truth: displaying the painter again, or reloading the
    page, shows it. A stroke arrives when it ends; ``painter.observe(f, "mask_png")`` calls
    ``f`` then.

    Parameters
    ----------
    image : GeneratedImage, PIL.Image.Image, str or Path
        What to paint on, 1 to 4096 px a side. A photograph that is read from a file is
        turned upright as it says itself.
    mask : the same kinds, optional
        The mask to begin with, see :attr:`mask`.
    brush : int, optional
        Width of the brush in pixels of the picture; by default a twentieth of its longer side.
    feather : int, default 0
        See :attr:`feather`.
    language : {"en", "zh"}, optional
        Of the words on it; by default as ``ZIMG_LANGUAGE`` or the locale says.

    Raises
    ------
    BadInput
        The image or the mask is no picture, cannot be read, is too large, or their sizes
        differ; brush or feather is out of range.

    Examples
    --------
    >>> painter = MaskPainter(Image.new("RGB", (640, 480)))
    >>> painter.empty
    True
    >>> painter.fill()
    >>> painter.mask.getextrema()
    (255, 255)
    """

    _esm = bundle("mask/widget.js")
    _css = bundle("mask/widget.css")

    LABELS = LABELS

    picture = traitlets.CBytes(b"").tag(sync=True)
    """The picture as PNG, its longer side at most 2048 px; only to be looked at."""

    alt = traitlets.Unicode("").tag(sync=True)
    """Text alternative of the picture: its prompt or its file's name."""

    size = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(1, 1)).tag(sync=True)
    """Width and height of picture and mask, in pixels."""

    mask_png = traitlets.CBytes(b"").tag(sync=True)
    """The mask as it travels: a PNG whose alpha channel is the mask without its feather.
    Empty when nothing is painted."""

    tint = traitlets.Unicode(TINTS[0]).tag(sync=True)
    """The colour that the mask is shown in, ``#rrggbb``; chosen to differ from the picture."""

    brush = _PixelTrait(40, min=1, max=MAX_SIDE).tag(sync=True)
    """Width of the brush in pixels of the picture, 1 to 4096."""

    feather = _PixelTrait(0, min=0, max=MAX_FEATHER).tag(sync=True)
    """Softness of the edge to either side, in pixels of the picture, 0 to 64.

    The whole mask is blurred when it is read, by a Gaussian of half this standard deviation
    (two of them to either side hold 95 % of the edge). What is thinner than the feather grows
    faint, as with any feather."""

    def __init__(
        self,
        image: Source,
        *,
        mask: Source | None = None,
        brush: int | None = None,
        feather: int = 0,
        language: str | None = None,
    ) -> None:
        self._image = read(image, "image", _check_size)
        size = self._image.size
        # Shrunk first: to convert a large picture and throw most of it away takes a second.
        shown = rgb(shrunk(self._image, _SENT_SIDE), turn=False)
        self._small = shrunk(shown, 512)
        super().__init__(
            language=language,
            picture=png_bytes(shown),
            alt=title(image),
            size=size,
            tint=far_colour(self._small),
            brush=max(1, max(size) // 20) if brush is None else brush,
            feather=feather,
        )
        if mask is not None:
            self.mask = mask
        self.observe(lambda _: self.update_static_html(), ["mask_png", "feather"])

    @property
    def image(self) -> Image.Image:
        """The picture that is painted on, as it was given."""
        return self._image

    @property
    def mask(self) -> Image.Image:
        """The mask, mode "L", of the picture's size: 255 is to be changed, 0 is to stay.

        In between are only the softened edge of :attr:`feather` and the one pixel by which
        the edge of a round stroke is smoothed.

        It can be set to a picture of any mode: white is painted, black is not, and neither is
        what is transparent; floating point counts from 0 to 1. It must be of the picture's
        size: a mask of another size is refused rather than stretched, because then it mostly
        belongs to another picture. What is set is taken as it is, and the feather is added
        when it is read.
        """
        mask = self._hard_mask()
        if self.feather:
            mask = mask.filter(ImageFilter.GaussianBlur(self.feather / 2))
        return mask

    @mask.setter
    def mask(self, value: Source) -> None:
        mask = read(value, "mask", _check_size)
        if mask.size != self.size:
            (w, h), (mw, mh) = self.size, mask.size
            raise BadInput(
                f"The mask is {mw}×{mh} px and the picture {w}×{h} px: they must be of one size; "
                f"if it belongs to this picture, use mask.resize(({w}, {h})).",
                code="mask-size-differs",
                field="mask",
            )
        self._hold(grey(mask))

    @property
    def empty(self) -> bool:
        """True if nothing is painted: no pixel has 16 or more of 255.

        What is fainter is left where an edge was erased; nobody sees it.
        """
        return highest(self._hard_mask()) < FAINT

    def clear(self) -> None:
        """Take all paint away; in the page this, as the others, can be undone."""
        self.mask_png = b""

    def fill(self) -> None:
        """Paint the whole picture."""
        self._hold(Image.new("L", self.size, 255))

    def invert(self) -> None:
        """Swap what is painted and what is not."""
        self._hold(ImageChops.invert(self._hard_mask()))

    def to_static_html(self) -> str:
        """Return the picture with the mask laid over it, as HTML with a small JPEG."""
        picture = tinted(self._small, self.mask, self._hard_mask(), self.tint)
        coverage = self._coverage_text()
        alt = f"{self.alt or self.labels['picture']}: {coverage}"
        for side, quality in ((512, 85), (512, 70), (384, 70), (256, 60)):
            text = (
                f'<figure lang="{self.language}" style="margin:0;max-width:512px">'
                f'<img alt="{html.escape(alt, quote=True)}" style="max-width:100%" '
                f'src="{data_url(picture, side, quality)}">'
                '<figcaption style="opacity:.75;font-size:85%">'
                f"{html.escape(coverage)}</figcaption>"
                "</figure>"
            )
            if len(text) < _STATIC_BYTES:
                break
        return text

    def _hard_mask(self) -> Image.Image:
        """The mask without its feather."""
        if not self.mask_png:
            return Image.new("L", self.size, 0)
        with open_image(io.BytesIO(self.mask_png), ("PNG",)) as image:
            return image.getchannel("A")

    @traitlets.validate("mask_png")
    def _check_mask(self, proposal: Any) -> bytes:
        """Let the page set nothing but a mask of the picture's size."""
        sent: bytes = proposal["value"]
        if sent:
            try:
                with open_image(io.BytesIO(sent), ("PNG",)) as image:
                    fits = image.size == self._image.size and "A" in image.getbands()
            except UNREADABLE:
                fits = False
            if not fits:
                raise traitlets.TraitError(
                    "mask_png must be a PNG of the picture's size with alpha"
                )
        return sent

    def _hold(self, mask: Image.Image) -> None:
        """Keep a mask, as the page would send it: black, and opaque where painted."""
        black = Image.new("L", mask.size, 0)
        self.mask_png = png_bytes(Image.merge("LA", (black, mask))) if mask.getbbox() else b""

    def _coverage_text(self) -> str:
        """Share that is painted; the page counts the same."""
        return coverage_text(self._hard_mask(), self.labels)


def _check_size(image: Image.Image, what: str) -> None:
    width, height = image.size
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise BadInput(
            f"{what} is {width}×{height} px, and a mask can be painted on 1 to {MAX_SIDE} px "
            "a side: resize the picture first.",
            code="picture-too-large",
            field=what,
        )
