"""The seed on a form: typed exactly, drawn anew, or kept."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import ipywidgets

from zimg_kernel import BadInput
from zimg_kernel.params import MAX_SEED

from .fields import AUTO_WIDTH, Field

_DRAWN = 2**32  # as GenerationParams draws them: short enough to read out and to type


class SeedField(Field):
    """A seed as text, since numbers of a browser are exact up to 2**53 only.

    While :attr:`lock` is off, :meth:`read` gives -1 and each request has its own seed; the
    text then shows the one that was used last. Typing a seed, or drawing one, keeps it.
    """

    def __init__(self, words: Mapping[str, str], help: str = "") -> None:
        text = ipywidgets.Text(
            description=words["seed"],
            placeholder=words["seed_drawn"],
            continuous_update=False,
            layout=AUTO_WIDTH,
        )
        self.dice = ipywidgets.Button(
            description=words["new_seed"], tooltip=words["new_seed_help"], layout=AUTO_WIDTH
        )
        self.lock = ipywidgets.Checkbox(description=words["lock"], indent=False, layout=AUTO_WIDTH)
        row = ipywidgets.HBox([text, self.dice, self.lock], layout=AUTO_WIDTH)
        row.add_class("zimg-row")
        super().__init__("seed", [text], words, help)
        self.children = (row, self.note)
        self.dice.on_click(self._draw)
        self.lock.observe(self._lock_changed, "value")

    def read(self) -> int:
        """Return the seed, -1 if one shall be drawn; BadInput if the text is no seed."""
        return self._typed() if self.lock.value else -1

    def show_used(self, seed: int) -> None:
        """Show the seed of a request; whether it is kept stays as it is."""
        before, self._showing = self._showing, True
        self.control.value = str(seed)
        self._showing = before

    def _typed(self) -> int:
        text = self.control.value.strip()
        if not text:
            return -1
        # isdecimal: int() would also take 1_000 and signs.
        if not text.isdecimal() or int(text) > MAX_SEED:
            raise BadInput(
                self.labels["seed_wrong"].format(given=text), code="out-of-range", field="seed"
            )
        return int(text)

    def _put(self, value: int) -> None:
        self.control.value = "" if value < 0 else str(value)
        self.lock.value = value >= 0

    def _settle(self) -> None:
        before, self._showing = self._showing, True
        self.lock.value = bool(self.control.value.strip())
        self._showing = before
        self._check()

    def _check(self) -> None:
        try:
            self.read()
            self.show_note("")
        except BadInput as problem:
            self.show_note(str(problem))

    def _draw(self, _: object) -> None:
        self._put_quietly(secrets.randbelow(_DRAWN))
        self.show_note("")
        self._notify_listeners()

    def _lock_changed(self, _: object) -> None:
        if self._showing:
            return
        if self.lock.value and not self.control.value.strip():
            self._put_quietly(secrets.randbelow(_DRAWN))  # there is none yet that could be kept
        self._check()
        self._notify_listeners()
