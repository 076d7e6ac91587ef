"""The gallery as a control: thumbnails as one scrolls, search, open large, delete with undo."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, ClassVar, TypeAlias

import traitlets

from zimg_kernel import BadInput, Gallery, GeneratedImage, ZimgError
from zimg_kernel.gallery.entries import Entry
from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.kernel_sentences import translated
from zimg_widgets._shared.labels import Labels
from zimg_widgets._shared.live_state import LiveControl
from zimg_widgets._shared.page_feed import Watch
from zimg_widgets.settings_drop.widget import MAX_BYTES, OnRecord, OnUse, UploadReader, UseListeners

from .deletions import Deletions
from .labels import LABELS
from .large_picture import large_picture
from .picture_list import PictureList
from .static_html import STATIC_COUNT, static_html
from .thumbnails import GalleryThumbnails
from .versions import GalleryVersions

OnEdit: TypeAlias = Callable[[GeneratedImage], object]
"""Called with a picture that somebody wants to edit; its file is ``image.path``."""


class GalleryView(LiveControl):
    """Every picture of a gallery, newest first: search, look, use again, throw away.

    The page holds only the cells in sight, so that thousands of pictures scroll as well as ten.
    New pictures appear while a page shows it, whichever process made them. Deleted pictures go
    to the gallery's trash; :meth:`zimg_kernel.Gallery.empty_trash` deletes them for good.

    Parameters
    ----------
    gallery : Gallery, str or Path, optional
        The gallery or its folder; the usual one by default.
    language : {"en", "zh"}, optional
        See :class:`Control`.
    on_use : callable, optional
        Called with the parameters when "Use these settings" is chosen or a picture file is
        dropped; see :meth:`on_use`.
    on_edit : callable, optional
        Called with the picture when "Edit" is chosen; see :meth:`on_edit`.

    Examples
    --------
    >>> view = GalleryView(on_use=lambda params: print(params.prompt))  # doctest: +SKIP
    """

    _esm = bundle("gallery/widget.js")
    _css = bundle("gallery/widget.css")
    LABELS: ClassVar[Labels] = LABELS

    LIVE = ("query", "choices", "found", "undo_bar", "notice")
    query = traitlets.Dict(default_value={"text": "", "model": None, "day": None})
    """Search: ``text``, ``model`` (None for all) and ``day`` (None for all)."""
    found = traitlets.Dict()
    """The list that the page shows: ``number`` (grows with each list), ``count``, ``total`` and
    how it differs from the list before: from ``at`` on, ``removed`` went and ``inserted`` came.
    ``fresh``: another search; ``focus``: the place to go to, or None."""
    choices = traitlets.Dict()
    """``models`` and ``days``, each a list of [value, count]."""
    actions = traitlets.Dict().tag(sync=True)
    """Actions with listeners: ``use``, ``edit``."""
    undo_bar = traitlets.Dict()
    """The deletion that can be undone: ``text``, empty if there is none; ``n``, a number."""
    notice = traitlets.Dict()
    """The last sentence on it: ``text``, ``error`` (whether it is one), ``n`` (a number)."""
    most = traitlets.Int(MAX_BYTES).tag(sync=True)
    """The largest file that can be dropped, bytes."""

    def __init__(
        self,
        gallery: Gallery | str | os.PathLike[str] | None = None,
        *,
        language: str | None = None,
        on_use: OnUse | None = None,
        on_edit: OnEdit | None = None,
    ) -> None:
        self.gallery = gallery if isinstance(gallery, Gallery) else Gallery(_folder(gallery))
        self._use_listeners = UseListeners(on_use)
        self._edit_listeners: list[OnEdit] = [on_edit] if on_edit else []
        self._list = PictureList(self.gallery)
        self._deletions = Deletions(self.gallery)
        self._lock = threading.RLock()  # of the list and its number
        self._sending = threading.Lock()
        self._thumbnails = GalleryThumbnails(self.gallery, self._list, self._say)
        self._watch = Watch(self._look)
        super().__init__(language=language)
        self._versions = GalleryVersions(self.gallery, self._say, self.language)
        self._uploads = UploadReader(self.labels)
        self._show_actions()
        self._search(fresh=True)
        self.observe(lambda _: self._search(fresh=True), "query")
        self.on_msg(self._on_message)

    def on_use(self, listener: OnUse) -> None:
        """Call a function with the parameters that somebody wants to use again."""
        self._use_listeners.of_params.append(listener)
        self._show_actions()

    def on_record(self, listener: OnRecord) -> None:
        """Call a function with the name and the whole record of a picture to be used again."""
        self._use_listeners.of_records.append(listener)
        self._show_actions()

    def on_edit(self, listener: OnEdit) -> None:
        """Call a function with the picture that somebody wants to edit."""
        self._edit_listeners.append(listener)
        self._show_actions()

    def search(
        self, text: str = "", *, model: str | None = None, day: str | date | None = None
    ) -> None:
        """Show only pictures that match, as :meth:`zimg_kernel.Gallery.search` does."""
        day = day.isoformat() if isinstance(day, date) else day
        self.gallery.count(text, model=model, day=day)  # refuses what is no day
        self.query = {"text": text, "model": model, "day": day}

    def refresh(self) -> None:
        """Look for pictures that came or went since the last look, at once."""
        self._search()

    def close(self) -> None:
        """Stop looking and take the gallery away."""
        self._watch.stop()
        self._thumbnails.forget()
        self._versions.forget()
        super().close()

    def to_static_html(self) -> str:
        """Return the first 24 pictures, small, with their prompts, as HTML."""
        with self._lock:
            count, names = len(self._list.names), self._list.names[:STATIC_COUNT]
        entries = self.gallery.entries(names)
        word = "shown" if len(entries) < count else "many"
        title = self._counted(word, count, shown=len(entries))
        return static_html(entries, title, self.language)

    def _counted(self, word: str, n: int, **more: int) -> str:
        if n == 1:
            return str(self.labels["one"])
        return str(self.labels[word if n else "empty"].format(n=f"{n:,}", **more))

    def _show_actions(self) -> None:
        self.actions = {"use": bool(self._use_listeners), "edit": bool(self._edit_listeners)}

    # The list

    def _search(self, *, fresh: bool = False, focus: str | None = None) -> None:
        """Search again, and tell the page how the list differs from the one before."""
        with self._lock:
            self.found = self._list.search(self.query, fresh=fresh, focus=focus)
            self.choices = self._list.choices()

    def _look(self) -> None:
        """Search again if the gallery has changed; called now and then by a thread."""
        try:
            if self._list.is_stale():
                self._search()
        except ZimgError:  # a disk that is away comes back, or the next click tells
            pass

    def _say(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        with self._sending:
            self.send(content, buffers)

    def _notify(self, text: str, error: bool = False) -> None:
        self.notice = {"text": text, "error": error, "n": self.notice.get("n", 0) + 1}

    # What the page says

    def _on_message(self, _: Any, content: Any, buffers: Sequence[Any]) -> None:
        kind = content.get("kind") if isinstance(content, dict) else None
        act = getattr(self, f"_on_page_{kind}", None)
        if act is None:
            return
        try:
            act(content, buffers)
        except (BadInput, ZimgError) as problem:
            self._notify(translated(problem, self.language), error=True)
            self._look()

    def _on_page_watching(self, content: Any, _: Any) -> None:
        page, watching = str(content["page"]), bool(content["watching"])
        self._watch.seen(page, watching)
        if watching:
            self._look()
        else:
            self._thumbnails.forget(page)

    def _on_page_query(self, content: Any, _: Any) -> None:
        asked = content["query"]
        self.search(str(asked["text"]), model=asked["model"], day=asked["day"])

    def _on_page_range(self, content: Any, _: Any) -> None:
        self._thumbnails.ask(str(content["page"]), int(content["number"]), content["want"])

    def _on_page_open(self, content: Any, _: Any) -> None:
        """Send a picture's file, as it is on the disk, and what is known of it."""
        with self._lock:
            at = int(content["at"])
            name = self._list.name_at(int(content["number"]), at)
        if name is not None:  # otherwise the page asks again when it has the new list
            self._send_large(name, content["ask"], at)

    def _send_large(self, name: str, ask: Any, at: int | None) -> None:
        answer = {"kind": "opened", "ask": ask, "name": name, "at": at}
        try:
            entry = self._entry(name)
            known, file = large_picture(entry, self.labels, self.language)
        except (OSError, BadInput):
            self._say({**answer, "error": self.labels["lost"]})
        else:
            self._say({**answer, **known, "family": self._versions.any(entry)}, [file])

    def _on_page_versions(self, content: Any, _: Any) -> None:
        self._versions.show(self._entry(content["name"]))

    def _on_page_version_small(self, content: Any, _: Any) -> None:
        self._versions.ask(str(content["page"]), content["ids"])

    def _on_page_open_version(self, content: Any, _: Any) -> None:
        name = self._versions.name(content["id"])
        if name is None:
            raise BadInput(self.labels["elsewhere"], code="not-in-gallery")
        with self._lock:
            at = self._list.names.index(name) if name in self._list.names else None
        self._send_large(name, content["ask"], at)

    def _on_page_use(self, content: Any, _: Any) -> None:
        entry = self._entry(content["name"])
        more = self._use_listeners.tell(entry.path.name, entry.record, self.language)
        self._notify(f"{self.labels['in_use']} {more}".strip())

    def _on_page_edit(self, content: Any, _: Any) -> None:
        image = self._entry(content["name"]).open()
        for listener in self._edit_listeners:
            listener(image)
        self._notify(self.labels["sent"])

    def _on_page_delete(self, content: Any, _: Any) -> None:
        with self._lock:
            name = content.get("name")
            if name is None:
                name = self._list.name_at(
                    int(content.get("number", -1)), int(content.get("at", -1))
                )
            if name is None:
                return
            entry = self._entry(name)
            self._deletions.delete(entry)
            self._show_undo()
            self._search()

    def _on_page_undo(self, _: Any, __: Any) -> None:
        with self._lock:
            self._show_undo(hidden=True)
            restored = self._deletions.undo()
            if restored is None:
                return
            path, prompt = restored
            self._search(focus=path.relative_to(self.gallery.folder).as_posix())
        self._notify(self.labels["restored"].format(prompt=prompt))

    def _on_page_dismiss(self, _: Any, __: Any) -> None:
        self._show_undo(hidden=True)

    def _on_page_file(self, content: Any, buffers: Sequence[Any]) -> None:
        found = self._uploads.take(content, buffers)
        if found is None:
            return
        name, record = found
        more = self._use_listeners.tell(name, record, self.language)
        self._notify(f"{self.labels['used'].format(name=name)} {more}".strip())

    def _entry(self, name: object) -> Entry:
        found = self.gallery.entries([str(name)])
        if not found:
            raise BadInput(self.labels["lost"], code="file-missing")
        entry: Entry = found[0]
        return entry

    def _show_undo(self, hidden: bool = False) -> None:
        prompt = "" if hidden else self._deletions.last
        sentence = prompt and self.labels["trashed"].format(prompt=prompt)
        self.undo_bar = {"text": sentence, "n": self.undo_bar.get("n", 0) + 1}


def _folder(given: str | os.PathLike[str] | None) -> str | None:
    return None if given is None else os.fspath(given)
