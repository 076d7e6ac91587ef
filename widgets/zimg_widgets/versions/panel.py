"""The part of the tree of versions that the page draws: rows, buttons, one picture large."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import traitlets

from zimg_kernel import BadInput, Gallery, ZimgError
from zimg_kernel.gallery.entries import Entry
from zimg_kernel.gallery.lineage import Lineage, Version
from zimg_kernel.gallery.lineage_view import as_html
from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.kernel_sentences import translated
from zimg_widgets._shared.labels import Labels
from zimg_widgets._shared.live_state import LiveControl
from zimg_widgets._shared.page_feed import Watch

from .labels import LABELS as _WORDS
from .rows import file_of, is_there, rows_of
from .thumbnails import VersionThumbnails


class VersionPanel(LiveControl):
    """Draws a family, and says what somebody wants to do with a version.

    Parameters
    ----------
    gallery : Gallery
    picture : GeneratedImage, Entry, str or Path
        Whose family it is.
    act : callable
        Called with "open", "compare", "continue" or "hide" and the version that was chosen.
    language : {"en", "zh"}, optional
        See :class:`Control`.
    """

    _esm = bundle("versions/widget.js")
    _css = bundle("versions/widget.css")
    LABELS: ClassVar[Labels] = _WORDS

    LIVE = ("rows", "total", "notice")
    rows: Any = traitlets.List()
    """Of each version, parents first: see :func:`zimg_widgets.versions.rows.rows_of`."""
    total = traitlets.Int(0)
    """Number of versions; of very many not all have rows."""
    chosen = traitlets.Unicode().tag(sync=True)
    """The id of the version that the buttons are about."""
    marked = traitlets.Unicode().tag(sync=True)
    """The id of the version to compare with; empty for the parent."""
    below = traitlets.Unicode().tag(sync=True)
    """View below the tree: "", "large" or "compare"."""
    actions = traitlets.Dict().tag(sync=True)
    """Actions with listeners: ``continue``."""
    notice = traitlets.Dict()
    """The last sentence on it: ``text``, ``error`` (whether it is one), ``n`` (a number)."""

    def __init__(
        self,
        gallery: Gallery,
        picture: Any,
        act: Callable[[str, Version | None], None],
        *,
        language: str | None = None,
    ) -> None:
        self.gallery = gallery
        self._picture = picture
        self._act = act
        self._state: tuple[Any, ...] = ()
        self._versions: dict[str, Version] = {}
        self.family: Lineage = gallery.lineage(picture)  # refuses before anything is made
        self._thumbnails = VersionThumbnails(self.version, self._send_small)
        self._watch = Watch(self._look)
        super().__init__(language=language)
        self._begin(picture, self.family)
        self.on_msg(self._on_message)

    def show(self, picture: Any) -> None:
        """Show the family of this picture, and choose it."""
        self._begin(picture, self.gallery.lineage(picture))

    def _begin(self, picture: Any, family: Lineage) -> None:
        self._state = self.gallery.state()
        self._take(family)
        current = family.current
        self._picture = picture
        if current.kind == "picture" and current.in_memory is None and current.path is not None:
            # A path could be gone next time; what is known of the picture is not.
            self._picture = Entry(current.path, current.record)
        self.chosen = next(row["id"] for row in self.rows if row["current"])

    def refresh(self) -> None:
        """Look for versions that came or went, at once."""
        self._state = self.gallery.state()
        self._take(self.gallery.lineage(self._picture))

    def version(self, name: str) -> Version | None:
        """Return the version of a row's id."""
        return self._versions.get(name)

    def notify(self, text: str, error: bool = False) -> None:
        """Say a sentence on it."""
        self.notice = {"text": text, "error": error, "n": self.notice.get("n", 0) + 1}

    def close(self) -> None:
        """Stop looking and take it away."""
        self._watch.stop()
        self._thumbnails.forget()
        super().close()

    def to_static_html(self) -> str:
        """Return the tree as HTML."""
        return as_html(self.family, self.language)

    def _take(self, family: Lineage) -> None:
        self.family = family
        rows, self._versions = rows_of(family, self.language)
        with self.hold_sync():
            self.total, self.rows = len(family), rows
            if self.chosen and self.chosen not in self._versions:
                self.chosen = next(row["id"] for row in rows if row["current"])
            if self.marked not in self._versions:
                self.marked = ""

    def _look(self) -> None:
        """Look again if the gallery has changed; called now and then by a thread."""
        try:
            if self.gallery.state() != self._state:
                self.refresh()
        except (BadInput, ZimgError):  # a disk that is away comes back
            pass

    def _send_small(self, row: str, jpeg: bytes) -> None:
        self.send({"kind": "small", "id": row}, [jpeg])

    def _on_message(self, _: Any, content: Any, __: Any) -> None:
        kind = content.get("kind") if isinstance(content, dict) else None
        page = str(content.get("page")) if isinstance(content, dict) else ""
        if kind == "watching":
            self._watch.seen(page, bool(content["watching"]))
            if content["watching"]:
                self._look()
        elif kind == "small":
            self._thumbnails.ask(page, content["ids"])
        elif kind == "hide":
            self._act("hide", None)
        elif kind in ("open", "compare", "continue"):
            self._do(kind, self.version(str(content.get("id"))))

    def _do(self, kind: str, version: Version | None) -> None:
        try:
            if version is None or not is_there(version):
                raise BadInput(self.labels["lost"], code="file-missing")
            self._act(kind, version)
        except (BadInput, ZimgError, OSError) as problem:
            self.notify(translated(problem, self.language), error=True)

    def send_large(self, version: Version, label: str) -> None:
        """Send a whole picture to the pages that show this."""
        content, mime = file_of(version)
        self.send({"kind": "large", "label": label, "mime": mime}, [content])
        self.below = "large"
