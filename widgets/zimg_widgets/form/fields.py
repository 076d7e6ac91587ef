"""Fields of a form: a control for one value, with a note below it."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from zimg_kernel import BadInput

NOTHING = object()
"""Stands for None among the values of a list."""
AUTO_WIDTH = {"width": "auto"}


class Field(ipywidgets.VBox):  # type: ignore[misc]
    """One parameter on the form: a control, and below it a note.

    Parameters
    ----------
    name : str
        Of the parameter; the box carries the class ``zimg-field-NAME``.
    controls : list of Widget
        What stands in it; the first one holds the value.
    words : mapping
        What fields say, by name; see :mod:`zimg_widgets.form.labels`.
    help : str
        Shown when the mouse rests on the label.
    """

    def __init__(
        self,
        name: str,
        controls: list[Any],
        words: Mapping[str, str],
        help: str = "",
    ) -> None:
        self.name, self.labels = name, words
        self.touched = False
        """True if the user has changed it since a default was last shown."""
        self.listeners: list[Callable[[Field], None]] = []
        self._showing = False
        self._remark = self.note_text = ""
        self.control = controls[0]
        self.note = ipywidgets.HTML(layout=AUTO_WIDTH)
        self.note.add_class("zimg-note")
        super().__init__([*controls, self.note], layout=AUTO_WIDTH)
        self.add_class("zimg-field")
        self.add_class(f"zimg-field-{name}")
        if help:
            self.control.tooltip = help
        self.control.observe(self._changed, "value")

    def read(self) -> Any:
        """Return the value; BadInput if what stands there is none."""
        return self.control.value

    def text(self) -> str:
        """Return what it shows."""
        value = self.control.value
        return self.labels["yes" if value else "no"] if isinstance(value, bool) else str(value)

    def show(self, value: Any) -> None:
        """Show a value that the user did not type."""
        self.touched = False
        self.show_note("")
        self._put_quietly(value)

    @property
    def remark(self) -> str:
        """Text of the note when there is no other."""
        return self._remark

    @remark.setter
    def remark(self, text: str) -> None:
        self._remark = text
        self.show_note("")

    def show_note(self, text: str) -> None:
        """Show a note below the control; an empty one gives way to the remark."""
        self.note_text = text
        self.note.value = html.escape(text or self._remark, quote=False)

    @property
    def disabled(self) -> bool:
        """True if it cannot be changed."""
        return bool(self.control.disabled)

    @disabled.setter
    def disabled(self, value: bool) -> None:
        self.control.disabled = value

    def _put(self, value: Any) -> None:
        self.control.value = value

    def _put_quietly(self, value: Any) -> None:
        """Show a value without telling anybody; whether it was touched stays as it is."""
        before, self._showing = self._showing, True
        try:
            self._put(value)
        finally:
            self._showing = before

    def _changed(self, _: Any) -> None:
        if not self._showing:
            self._settle()
            self._notify_listeners()

    def _settle(self) -> None:
        """Mend what was typed, if it can be mended."""

    def _notify_listeners(self) -> None:
        self.touched = True
        for listener in self.listeners:
            listener(self)


class ChoiceField(Field):
    """One of several values; None among them is a choice of its own.

    Parameters
    ----------
    options : list of tuple
        What is shown, and the value that it stands for.
    """

    def __init__(
        self,
        name: str,
        options: list[tuple[str, Any]],
        label: str,
        words: Mapping[str, str],
        help: str = "",
    ) -> None:
        box = ipywidgets.Dropdown(description=label, layout=AUTO_WIDTH)
        super().__init__(name, [box], words, help)
        self.offer(options)

    @property
    def values(self) -> list[Any]:
        """Values that can be chosen."""
        return [_none_for(value) for _, value in self.control.options]

    def offer(self, options: list[tuple[str, Any]]) -> None:
        """Change what can be chosen; the first one is, until another one is shown."""
        # ipywidgets takes None for "nothing is chosen".
        hidden = [(shown, NOTHING if value is None else value) for shown, value in options]
        before, self._showing = self._showing, True
        self.control.options = hidden
        self._showing = before

    def read(self) -> Any:
        """Return the value chosen."""
        return _none_for(self.control.value)

    def text(self) -> str:
        """Return what it shows."""
        return str(self.control.label)

    def _put(self, value: Any) -> None:
        self.control.value = NOTHING if value is None else value


def _none_for(value: Any) -> Any:
    return None if value is NOTHING else value


class NumberField(Field):
    """A number within limits; one beyond them is set to the nearest, and a note tells so."""

    def __init__(
        self,
        name: str,
        whole: bool,
        limits: tuple[float | None, float | None],
        label: str,
        words: Mapping[str, str],
        help: str = "",
    ) -> None:
        self.low, self.high = limits
        control = ipywidgets.IntText if whole else ipywidgets.FloatText
        fine = 0.01 if self.high is not None and self.high <= 1 else 0.1
        start = max(0, self.low or 0)
        box = control(
            value=int(start) if whole else start,
            description=label,
            step=1 if whole else fine,
            layout=AUTO_WIDTH,
        )
        super().__init__(name, [box], words, help)

    def _settle(self) -> None:
        given = value = self.control.value
        if self.low is not None and not value >= self.low:  # NaN too
            value = type(given)(self.low)
        if self.high is not None and value > self.high:
            value = type(given)(self.high)
        if value != given:
            low, high = (
                ("…" if side is None else f"{side:.10g}") for side in (self.low, self.high)
            )
            self._put_quietly(value)
            note = self.labels["clamped"]
            self.show_note(
                note.format(given=f"{given:.10g}", value=f"{value:.10g}", low=low, high=high)
            )
        else:
            self.show_note("")


class WrittenField(Field):
    """A value that is typed as text; nothing stands for None, or for the default."""

    def __init__(
        self,
        name: str,
        parse: Callable[[str], Any],
        empty: Any,
        label: str,
        words: Mapping[str, str],
        help: str = "",
        write: Callable[[Any], str] = str,
    ) -> None:
        self._parse, self._empty, self._write = parse, empty, write
        box = ipywidgets.Text(
            description=label,
            placeholder=words["automatic"] if empty is None else "",
            continuous_update=False,
            layout=AUTO_WIDTH,
        )
        super().__init__(name, [box], words, help)

    def read(self) -> Any:
        """Return what the text says; BadInput if it says nothing of this kind."""
        text = self.control.value
        return self._parse(text) if text.strip() else self._empty

    def _put(self, value: Any) -> None:
        self.control.value = "" if value is None else self._write(value)

    def _settle(self) -> None:
        try:
            self.read()
            self.show_note("")
        except BadInput as problem:
            self.show_note(str(problem))
