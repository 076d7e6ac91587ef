"""The tree of a picture's versions: open one, compare two, go on from any."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeAlias

import ipywidgets
from PIL import Image

from zimg_kernel import BadInput, Gallery, GeneratedImage
from zimg_kernel.gallery.entries import Entry
from zimg_kernel.gallery.lineage import Lineage, Version
from zimg_kernel.gallery.lineage_view import describe
from zimg_widgets._shared.static_fallback import StaticFallback
from zimg_widgets._shared.subshell import handle_messages_in_subshell
from zimg_widgets.before_after.extended import on_extended_canvas
from zimg_widgets.before_after.widget import Compare

from .panel import VersionPanel
from .rows import is_there, row_id

Opened: TypeAlias = GeneratedImage | Image.Image
"""A version's picture; one from elsewhere that tells nothing of itself is a bare PIL image."""

OnVersion: TypeAlias = Callable[[Opened], object]
OnCompare: TypeAlias = Callable[[Opened, Opened], object]

_CAPTION = 40  # characters


class VersionTree(StaticFallback, ipywidgets.VBox):  # type: ignore[misc]
    """The family tree of a picture: what it was made from, and everything that was made of it.

    It grows by itself while a page shows it, whichever process draws.

    Parameters
    ----------
    picture : GeneratedImage, Entry, str or Path
        Any version of the family.
    gallery : Gallery, str or Path, optional
        The gallery or its folder; the usual one by default.
    on_open, on_continue : callable, optional
        Called with the picture that was opened, or that somebody wants to go on from.
    on_compare : callable, optional
        Called with the two pictures that are compared, the earlier first.
    language : {"en", "zh"}, optional
        Of the words on it; by default as ``ZIMG_LANGUAGE`` or the locale says.

    Attributes
    ----------
    comparison : Compare or None
        The before/after slider below the tree, while there is one.

    Raises
    ------
    BadInput
        A path that is no picture.

    Examples
    --------
    >>> tree = VersionTree(picture, on_continue=print)  # doctest: +SKIP
    """

    def __init__(
        self,
        picture: GeneratedImage | Entry | str | os.PathLike[str],
        gallery: Gallery | str | os.PathLike[str] | None = None,
        *,
        on_open: OnVersion | None = None,
        on_compare: OnCompare | None = None,
        on_continue: OnVersion | None = None,
        language: str | None = None,
    ) -> None:
        folder = gallery if gallery is None else os.fspath(_folder(gallery))
        self.gallery = gallery if isinstance(gallery, Gallery) else Gallery(folder)
        self._open_listeners: list[OnVersion] = [on_open] if on_open else []
        self._compare_listeners: list[OnCompare] = [on_compare] if on_compare else []
        self._continue_listeners: list[OnVersion] = [on_continue] if on_continue else []
        self.comparison: Compare | None = None
        self.panel = VersionPanel(self.gallery, picture, self._act, language=language)
        super().__init__([self.panel])
        self.add_class("zimg-version-tree")
        self.panel.observe(lambda _: self.update_static_html(), "rows")
        self._show_actions()
        handle_messages_in_subshell(self)

    @property
    def family(self) -> Lineage:
        """The versions, as a tree."""
        return self.panel.family

    @property
    def chosen(self) -> Version | None:
        """The version that the buttons are about."""
        return self.panel.version(self.panel.chosen)

    def show(self, picture: GeneratedImage | Entry | str | os.PathLike[str]) -> None:
        """Show the family of another picture."""
        self.hide()
        self.panel.show(picture)

    def refresh(self) -> None:
        """Look for versions that came or went since the last look, at once."""
        self.panel.refresh()

    def show_large(self, version: Version) -> Opened:
        """Show a version large below the tree, and return it.

        Raises
        ------
        BadInput
            Its file is gone.
        """
        opened = version.open()
        self._remove_comparison()
        label = self._label(version)
        self.panel.send_large(version, label)
        self.panel.notify(self.panel.labels["opened"].format(what=label))
        for listener in self._open_listeners:
            listener(opened)
        return opened

    def compare(self, after: Version, before: Version | None = None) -> Compare:
        """Lay a version over another one, with a divider to drag, below the tree.

        Parameters
        ----------
        after : Version
        before : Version, optional
            By default the version that is marked, else the parent.

        Raises
        ------
        BadInput
            There is nothing to compare with, or a file is gone.
        """
        marked = self.panel.version(self.panel.marked)
        other = before or (marked if marked is not after else None) or after.parent
        if other is None:
            raise BadInput(self.panel.labels["no_parent"], code="nothing-to-compare")
        if not is_there(other):
            raise BadInput(self.panel.labels["lost"], code="file-missing")
        pair = other.open(), after.open()
        captions = [describe(v, self.panel.language, _CAPTION) for v in (other, after)]
        made = Compare(
            on_extended_canvas(*pair), pair[1], captions=captions, language=self.panel.language
        )
        made.show_change()
        self._remove_comparison()
        self.comparison = made
        self.panel.below = "compare"
        self._show_below(made)
        sentence = self.panel.labels["compared"].format(before=captions[0], after=captions[1])
        self.panel.notify(sentence)
        for listener in self._compare_listeners:
            listener(*pair)
        return made

    def hide(self) -> None:
        """Take away what is shown below the tree."""
        self._remove_comparison()
        self.panel.below = ""
        self.panel.notify("")

    def on_open(self, listener: OnVersion) -> None:
        """Call a function with each picture that is opened."""
        self._open_listeners.append(listener)

    def on_compare(self, listener: OnCompare) -> None:
        """Call a function with each two pictures that are compared."""
        self._compare_listeners.append(listener)

    def on_continue(self, listener: OnVersion) -> None:
        """Call a function with the picture that somebody wants to go on from."""
        self._continue_listeners.append(listener)
        self._show_actions()

    def close(self) -> None:
        """Stop looking and take the tree away."""
        self._remove_comparison()
        self.panel.close()
        super().close()

    def to_static_html(self) -> str:
        """Return the tree as HTML that needs no kernel and no script."""
        return self.panel.to_static_html()

    def _act(self, kind: str, version: Version | None) -> None:
        """Do what was pressed."""
        if kind == "hide" or version is None:
            self.hide()
        elif kind == "open":
            self.show_large(version)
        elif kind == "compare":
            self.compare(version)
        else:
            opened = version.open()
            for listener in self._continue_listeners:
                listener(opened)
            self.panel.notify(self.panel.labels["continued"].format(what=self._label(version)))

    def _remove_comparison(self) -> None:
        if self.comparison is not None:
            self._show_below()
            self.comparison.close()
            self.comparison = None

    def _show_below(self, *widgets: ipywidgets.DOMWidget) -> None:
        self.children = (self.panel, *widgets)

    def _show_actions(self) -> None:
        self.panel.actions = {"continue": bool(self._continue_listeners)}

    def _label(self, version: Version) -> str:
        return describe(version, self.panel.language)

    def mark(self, version: Version | None) -> None:
        """Choose what others are compared with; None for each one's parent."""
        self.panel.marked = row_id(version) if version is not None else ""


def _folder(gallery: Gallery | str | os.PathLike[str]) -> str | os.PathLike[str]:
    return gallery.folder if isinstance(gallery, Gallery) else gallery
