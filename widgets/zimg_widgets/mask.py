"""Paint a mask on a picture in the browser and read it in Python."""

from __future__ import annotations

import html
import io
import os
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import traitlets
from PIL import Image, ImageChops, ImageFilter, ImageOps

from zimg_kernel import BadInput, GeneratedImage

from .base import HERE, Control, data_url, png_bytes
from .labels import Words

MAX_SIDE = 4096
MAX_FEATHER = 64

_SENT_SIDE = 2048  # what a cell on a screen of many pixels can show; the mask is always full size
_PAINTED = 128  # from here on a pixel counts as painted, in the status and for the drawn edge
_FAINT = 16  # below it are the rests of erased edges, which are not painted at all
_STILL_BYTES = 60_000  # of HTML, so the JPEG in it has three quarters of that
# One of these is far from most colours of any picture.
_TINTS = ("#ff2a6d", "#00d26a", "#2f7bff")

Picture: TypeAlias = GeneratedImage | Image.Image | str | os.PathLike[str]
"""What can be painted on, or be a mask."""


class _Pixels(traitlets.Int[int, int | str]):
    """A whole number of pixels within limits, refused in the house's words."""

    def validate(self, obj: Any, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadInput(f"{self.name} is a whole number of pixels, not {value!r}.")
        if not self.min <= value <= self.max:
            raise BadInput(
                f"{self.name} of {value} px is out of range: choose {self.min} to {self.max} px."
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

    _esm = HERE / "mask.js"
    _css = HERE / "mask.css"

    WORDS: ClassVar[Words] = {
        "tools": ("Tools for the mask", "蒙版工具"),
        "paint": ("Paint", "涂抹"),
        "paint_title": ("Paint what is to be changed", "涂抹要修改的部分"),
        "erase": ("Erase", "擦除"),
        "erase_title": ("Take paint away", "擦去涂抹"),
        "brush": ("Brush", "画笔"),
        "brush_title": (
            "Width of the brush in pixels of the picture: keys [ and ]",
            "画笔宽度（图片像素）：按 [ 和 ] 键",
        ),
        "feather": ("Feather", "羽化"),
        "feather_title": (
            "How far the edge is softened, in pixels of the picture",
            "边缘柔化的范围（图片像素）",
        ),
        "pixels": ("{n} px", "{n} 像素"),
        "undo": ("Undo", "撤销"),
        "undo_title": ("Undo the last step: Ctrl+Z", "撤销上一步：Ctrl+Z"),
        "redo": ("Redo", "重做"),
        "redo_title": (
            "Do the step again: Ctrl+Shift+Z or Ctrl+Y",
            "重做：Ctrl+Shift+Z 或 Ctrl+Y",
        ),
        "invert": ("Invert", "反选"),
        "invert_title": (
            "Swap what is painted and what is not",
            "交换已涂抹和未涂抹的部分",
        ),
        "fill": ("Fill", "全涂"),
        "fill_title": ("Paint the whole picture", "涂满整张图片"),
        "clear": ("Clear", "清空"),
        "clear_title": ("Take all paint away", "擦去全部涂抹"),
        "surface": (
            "Picture to paint on: the arrow keys move the brush, with Shift further; "
            "Space paints, and held down it draws a line",
            "可涂抹的图片：方向键移动画笔，加 Shift 移动更远；空格键涂抹，按住可画线",
        ),
        "hint": (
            "Drag to paint what is to be changed. By keyboard: arrows and Space paint, "
            "[ and ] set the brush, Ctrl+Z undoes.",
            "拖动以涂抹要修改的部分。键盘：方向键和空格键涂抹，[ 和 ] 调整画笔，Ctrl+Z 撤销。",
        ),
        "none": ("Nothing is painted yet.", "还没有涂抹。"),
        "little": ("Less than 1 % of the picture is painted.", "已涂抹不到 1% 的图片。"),
        "some": ("{n} % of the picture is painted.", "已涂抹 {n}% 的图片。"),
        "whole": ("The whole picture is painted.", "整张图片都已涂抹。"),
        "too_big": (
            "This mask has too much fine detail to be sent to Python: undo, fill or clear it.",
            "这个蒙版细节太多，无法传给 Python：请撤销、全涂或清空。",
        ),
        "picture": ("Picture", "图片"),
    }

    picture = traitlets.CBytes(b"").tag(sync=True)
    """The picture as PNG, its longer side at most 2048 px; only to be looked at."""

    alt = traitlets.Unicode("").tag(sync=True)
    """What the picture is, for those who do not see it: its prompt or its file's name."""

    size = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(1, 1)).tag(sync=True)
    """Width and height of picture and mask, in pixels."""

    mask_png = traitlets.CBytes(b"").tag(sync=True)
    """The mask as it travels: a PNG whose alpha channel is the mask without its feather.
    Empty when nothing is painted."""

    tint = traitlets.Unicode(_TINTS[0]).tag(sync=True)
    """The colour that the mask is shown in, ``#rrggbb``; chosen to differ from the picture."""

    brush = _Pixels(40, min=1, max=MAX_SIDE).tag(sync=True)
    """Width of the brush in pixels of the picture, 1 to 4096."""

    feather = _Pixels(0, min=0, max=MAX_FEATHER).tag(sync=True)
    """How far the edge is soft to either side, in pixels of the picture, 0 to 64.

    The whole mask is blurred when it is read, by a Gaussian of half this standard deviation
    (two of them to either side hold 95 % of the edge). What is thinner than the feather grows
    faint, as with any feather."""

    def __init__(
        self,
        image: Picture,
        *,
        mask: Picture | None = None,
        brush: int | None = None,
        feather: int = 0,
        language: str | None = None,
    ) -> None:
        self._image = _read(image, "image")
        size = _checked_size(self._image, "The picture")
        # Shrunk first: to convert a large picture and throw most of it away takes a second.
        shown = _on_white(_shrunk(self._image, _SENT_SIDE))
        self._small = _shrunk(shown, 512)
        super().__init__(
            language=language,
            picture=png_bytes(shown),
            alt=_title(image),
            size=size,
            tint=_far_colour(self._small),
            brush=max(1, max(size) // 20) if brush is None else brush,
            feather=feather,
        )
        if mask is not None:
            self.mask = mask

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
    def mask(self, value: Picture) -> None:
        mask = _read(value, "mask")
        if mask.size != self.size:
            (w, h), (mw, mh) = self.size, mask.size
            raise BadInput(
                f"The mask is {mw}×{mh} px and the picture {w}×{h} px: they must be of one size; "
                f"if it belongs to this picture, use mask.resize(({w}, {h}))."
            )
        self._hold(_grey(mask))

    @property
    def empty(self) -> bool:
        """Whether nothing is painted: no pixel has 16 or more of 255.

        What is fainter is left where an edge was erased; nobody sees it.
        """
        return _highest(self._hard_mask()) < _FAINT

    def clear(self) -> None:
        """Take all paint away; in the page this, as the others, can be undone."""
        self.mask_png = b""

    def fill(self) -> None:
        """Paint the whole picture."""
        self._hold(Image.new("L", self.size, 255))

    def invert(self) -> None:
        """Swap what is painted and what is not."""
        self._hold(ImageChops.invert(self._hard_mask()))

    def still(self) -> str:
        """Return the picture with the mask laid over it, as HTML with a small JPEG."""
        mask = self.mask.resize(self._small.size, Image.Resampling.BOX)
        # The edge as in the page: white inside, dark outside.
        hard = self._hard_mask().resize(self._small.size, Image.Resampling.BOX)
        hard = hard.point(lambda value: 255 * (value >= _PAINTED))
        picture = self._small.copy()
        picture.paste(self.tint, mask=mask.point(lambda value: value // 2))
        thick, thin = hard.filter(ImageFilter.MaxFilter(3)), hard.filter(ImageFilter.MinFilter(3))
        picture.paste("#202020", mask=ImageChops.subtract(thick, hard))
        picture.paste("#ffffff", mask=ImageChops.subtract(hard, thin))
        said = self._said()
        alt = f"{self.alt or self.labels['picture']}: {said}"
        for side, quality in ((512, 85), (512, 70), (384, 70), (256, 60)):
            text = (
                f'<figure lang="{self.language}" style="margin:0;max-width:512px">'
                f'<img alt="{html.escape(alt, quote=True)}" style="max-width:100%" '
                f'src="{data_url(picture, side, quality)}">'
                f'<figcaption style="opacity:.75;font-size:85%">{html.escape(said)}</figcaption>'
                "</figure>"
            )
            if len(text) < _STILL_BYTES:
                break
        return text

    def _hard_mask(self) -> Image.Image:
        """The mask without its feather."""
        if not self.mask_png:
            return Image.new("L", self.size, 0)
        with Image.open(io.BytesIO(self.mask_png)) as image:
            return image.getchannel("A")

    def _hold(self, mask: Image.Image) -> None:
        """Keep a mask, as the page would send it: black, and opaque where painted."""
        black = Image.new("L", mask.size, 0)
        self.mask_png = png_bytes(Image.merge("LA", (black, mask))) if mask.getbbox() else b""

    def _said(self) -> str:
        """How much is painted; the page counts and says the same."""
        counts = self._hard_mask().histogram()
        total, painted = sum(counts), sum(counts[_PAINTED:])
        if sum(counts[:_FAINT]) == total:
            name = "none"
        elif painted == total:
            name = "whole"
        else:
            name = "some" if painted * 100 >= total else "little"
        return str(self.labels[name]).replace("{n}", str(painted * 100 // total))


def _read(value: object, name: str) -> Image.Image:
    """The pixels of any kind of picture.

    Raises
    ------
    BadInput
        It is no picture, or its file cannot be read.
    """
    if isinstance(value, GeneratedImage):
        return value.image
    if isinstance(value, Image.Image):
        return value
    if not isinstance(value, str | os.PathLike):
        raise BadInput(
            f"{name} must be a picture (a GeneratedImage, a PIL image or the path of a file), "
            f"not {type(value).__name__}."
        )
    path = Path(value).expanduser()
    try:
        with Image.open(path) as image:
            _checked_size(image, f"{path}")  # known before the pixels are unpacked
            return ImageOps.exif_transpose(image)
    except FileNotFoundError:
        raise BadInput(f"There is no file {path}: check its name and folder.") from None
    except IsADirectoryError:
        raise BadInput(f"{path} is a folder; give the name of a picture in it.") from None
    except BadInput:
        raise
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadInput(
            f"{path} cannot be read as a picture ({error}): save it as PNG or JPEG."
        ) from None


def _checked_size(image: Image.Image, what: str) -> tuple[int, int]:
    width, height = image.size
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise BadInput(
            f"{what} is {width}×{height} px, and a mask can be painted on 1 to {MAX_SIDE} px "
            "a side: resize the picture first."
        )
    return width, height


def _title(image: Picture) -> str:
    if isinstance(image, GeneratedImage):
        return image.params.prompt
    return "" if isinstance(image, Image.Image) else Path(image).name


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    """A copy whose longer side is at most ``side`` px."""
    if max(image.size) <= side:
        return image.copy()
    if image.mode in ("1", "P"):  # which can be shrunk only by leaving pixels out
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.BOX)
    return small


def _on_white(image: Image.Image) -> Image.Image:
    """RGB as a page shows it, without the notes of a file that would turn it again."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        flat = Image.new("RGBA", image.size, "white")
        flat.alpha_composite(image)
        image = flat
    elif image.mode.startswith(("I", "F")):
        image = _grey(image)
    image = image.convert("RGB")
    image.info.pop("exif", None)
    return image


def _grey(image: Image.Image) -> Image.Image:
    """Mode "L" with white for painted; transparent is not, and F counts from 0 to 1."""
    if image.mode == "L":
        return image
    if image.mode == "F":
        return image.point(lambda value: value * 255 + 0.5).convert("L")
    if image.mode.startswith("I"):
        image = image.convert("I")
        if _highest(image) > 255:  # 16 bits
            image = image.point(lambda value: value * (1 / 257))
        return image.convert("L")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return ImageChops.multiply(rgba.convert("L"), rgba.getchannel("A"))
    return image.convert("L")


def _highest(image: Image.Image) -> int:
    """The highest value in a picture of one band."""
    extrema: Any = image.getextrema()
    return int(extrema[1])


def _far_colour(image: Image.Image) -> str:
    """The tint that is farthest from the picture's colours, by mean distance in RGB."""
    tiny = image.resize((16, 16), Image.Resampling.BOX)

    def distance(tint: str) -> int:
        apart = ImageChops.difference(tiny, Image.new("RGB", tiny.size, tint)).histogram()
        return sum((place % 256) * count for place, count in enumerate(apart))

    return max(_TINTS, key=distance)
