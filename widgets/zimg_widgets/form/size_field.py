"""The size of a picture on a form: a model's official sizes, or one of the user's own."""

from __future__ import annotations

import math
from collections.abc import Mapping

import ipywidgets

from zimg_kernel import ModelCard
from zimg_kernel.families import family_of
from zimg_kernel.params import nearest_side

from .fields import AUTO_WIDTH, ChoiceField

Size = tuple[int, int]
_SAME_SHAPE = 0.02  # of the logarithm of width by height: what rounding a side may change


class SizeField(ChoiceField):
    """A list of sizes, a button that exchanges the sides, and two numbers for an own size."""

    def __init__(self, card: ModelCard, words: Mapping[str, str]) -> None:
        self._card = card
        super().__init__("size", [(words["own_size"], None)], words["size"], words)
        self.width, self.height = (
            ipywidgets.IntText(description=words[side], layout=AUTO_WIDTH)
            for side in ("width", "height")
        )
        self.swap = ipywidgets.Button(
            description=words["swap"], tooltip=words["swap_help"], layout=AUTO_WIDTH
        )
        first = ipywidgets.HBox([self.control, self.swap], layout=AUTO_WIDTH)
        self._own = ipywidgets.HBox([self.width, self.height], layout=AUTO_WIDTH)
        self.children = (first, self._own, self.note)
        self._own.add_class("zimg-own-size")
        for row in (first, self._own):
            row.add_class("zimg-row")
        self.swap.on_click(self._exchange)
        self.width.observe(self._snap, "value")
        self.height.observe(self._snap, "value")
        self.take_card(card)

    def read(self) -> Size:
        """Return width and height in pixels."""
        return self.official or (self.width.value, self.height.value)

    @property
    def official(self) -> Size | None:
        """The size chosen from the list, or None for an own one."""
        size: Size | None = super().read()
        return size

    def show(self, value: Size) -> None:
        """Show a size that the user did not choose; one that the model does not draw is fitted."""
        fitted = fitted_size(value, self._card)
        super().show(fitted)
        if fitted != value:
            low, high = _ends(self._card)
            self.show_note(
                self.labels["fitted"].format(
                    given=size_text(value),
                    size=size_text(fitted),
                    model=self._card.title,
                    low=low,
                    high=high,
                )
            )

    def text(self) -> str:
        """Return the size as width × height."""
        return size_text(self.read())

    def take_card(self, card: ModelCard) -> None:
        """Offer the sizes of a card; the user's size is kept if the card allows it."""
        size, self._card = self.read(), card
        self.width.step = self.height.step = family_of(card).side_multiple
        offered = dict.fromkeys((card.default_size, *card.sizes))
        options = [(size_text(each), each) for each in offered]
        keep = self.touched and self._allowed(size)
        self.offer([*options, (self.labels["own_size"], None)])
        if keep:
            self._put_quietly(size)
            self.show_note("")
        else:
            self.show(card.default_size)

    def _allowed(self, size: Size) -> bool:
        return all(self._card.min_side <= side <= self._card.max_side for side in size)

    def _put(self, value: Size) -> None:
        official = value in self.values
        super()._put(value if official else None)
        self.width.value, self.height.value = value
        self._show_own()
        if not official:
            self._mend()

    def _show_own(self) -> None:
        self._own.layout.display = "none" if self.official else "flex"

    def _settle(self) -> None:
        if self.official is not None:
            self._put_quietly(self.official)
        self._show_own()
        self.show_note("")

    def _snap(self, _: object) -> None:
        if self._showing:
            return
        self.show_note("")
        self._mend()
        self._notify_listeners()

    def _mend(self) -> None:
        """Set sides that the model cannot draw to the nearest that it can, and say so."""
        low, high = _ends(self._card)
        multiple = family_of(self._card).side_multiple
        given = (self.width.value, self.height.value)
        size = tuple(nearest_side(side, low, high, multiple) for side in given)
        if size == given:
            return
        before, self._showing = self._showing, True
        self.width.value, self.height.value = size
        self._showing = before
        wrong = [(was, now) for was, now in zip(given, size, strict=True) if was != now]
        note = self.labels["snapped"]
        self.show_note(
            " ".join(
                note.format(given=was, side=now, low=low, high=high, multiple=multiple)
                for was, now in wrong[:1]
            )
        )

    def _exchange(self, _: object) -> None:
        width, height = self.read()
        self._put_quietly((height, width))
        self.show_note("")
        self._notify_listeners()


def fitted_size(size: Size, card: ModelCard) -> Size:
    """Return the size that a model draws in place of another one, of the same proportions.

    That is the size itself where the model draws it, else an official size of its proportions,
    the nearest in area; else it is made smaller or larger, and its sides are rounded to
    multiples of what its family draws. Proportions that the limits do not allow are lost.
    """
    low, high = _ends(card)
    multiple = family_of(card).side_multiple
    if all(low <= side <= high for side in size):
        width, height = (nearest_side(side, low, high, multiple) for side in size)
        return width, height

    def area_ratio(other: Size) -> float:
        return abs(math.log(other[0] * other[1] / (size[0] * size[1])))

    shape = size[0] / size[1]
    alike = [
        other
        for other in (card.default_size, *card.sizes)
        if abs(math.log(other[0] / other[1] / shape)) < _SAME_SHAPE
    ]
    if alike:
        return min(alike, key=area_ratio)
    scale = high / max(size) if max(size) > high else low / min(size)
    width, height = (nearest_side(round(side * scale), low, high, multiple) for side in size)
    return width, height


def _ends(card: ModelCard) -> tuple[int, int]:
    """Shortest and longest side that a model draws, in its family's multiples."""
    multiple = family_of(card).side_multiple
    low, high = (nearest_side(side, multiple=multiple) for side in (card.min_side, card.max_side))
    return low, high


def size_text(size: Size) -> str:
    """Return a size as width × height."""
    return f"{size[0]} × {size[1]}"
