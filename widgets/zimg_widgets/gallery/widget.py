"""The gallery as a control: thumbnails as one scrolls, search, open large, delete with undo."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, ClassVar, NamedTuple, TypeAlias

import traitlets

from zimg_kernel import BadInput, Gallery, GeneratedImage, GenerationParams, ZimgError
from zimg_kernel.gallery.entries import Entry
from zimg_kernel.images.thumbnails import placeholder, thumbnail
from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.control import Control
from zimg_widgets._shared.labels import Labels
from zimg_widgets._shared.page_feed import Feed, Watch, difference
from zimg_widgets.settings_drop.widget import MAX_BYTES, OnUse, UploadReader

from .deletions import Deletions
from .labels import LABELS, facts
from .static_html import STATIC_COUNT, static_html
from .versions import GalleryVersions

OnEdit: TypeAlias = Callable[[GeneratedImage], object]
"""Called with a picture that somebody wants to edit; its file is ``image.path``."""

_MIME = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".avif": "image/avif"}


class _Wanted(NamedTuple):
    """A thumbnail that a page asks for: its place in the list of that number, and its name."""

    number: int
    at: int
    name: str


class GalleryView(Control):
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
        Called with the picture when "Send to edit" is chosen; see :meth:`on_edit`.

    Examples
    --------
    >>> view = GalleryView(on_use=lambda params: print(params.prompt))  # doctest: +SKIP
    """

    _esm = bundle("gallery/widget.js")
    _css = bundle("gallery/widget.css")
    LABELS: ClassVar[Labels] = LABELS

    query = traitlets.Dict(default_value={"text": "", "model": None, "day": None}).tag(sync=True)
    """Search: ``text``, ``model`` (None for all) and ``day`` (None for all)."""
    found = traitlets.Dict().tag(sync=True)
    """The list that the page shows: ``number`` (grows with each list), ``count``, ``total`` and
    how it differs from the list before: from ``at`` on, ``removed`` went and ``inserted`` came.
    ``fresh``: another search; ``focus``: the place to go to, or None."""
    choices = traitlets.Dict().tag(sync=True)
    """``models`` and ``days``, each a list of [value, count]."""
    actions = traitlets.Dict().tag(sync=True)
    """Actions with listeners: ``use``, ``edit``."""
    undo_bar = traitlets.Dict().tag(sync=True)
    """The deletion that can be undone: ``said``, empty if there is none; ``n``, a number."""
    notice = traitlets.Dict().tag(sync=True)
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
        self._use_listeners: list[OnUse] = [on_use] if on_use else []
        self._edit_listeners: list[OnEdit] = [on_edit] if on_edit else []
        self._names: list[str] = []
        self._state: tuple[Any, ...] = ()
        self._deletions = Deletions(self.gallery)
        self._lock = threading.RLock()  # of the list and its number
        self._sending = threading.Lock()
        self._feed: Feed[_Wanted] = Feed(self._deliver)
        self._watch = Watch(self._look)
        super().__init__(language=language)
        self._versions = GalleryVersions(self.gallery, self._say, self.language)
        self._uploads = UploadReader(self.labels)
        self._show_actions()
        self._list(fresh=True)
        self.observe(lambda _: self._list(fresh=True), "query")
        self.on_msg(self._on_message)

    def on_use(self, listener: OnUse) -> None:
        """Call a function with the parameters that somebody wants to use again."""
        self._use_listeners.append(listener)
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
        self._list()

    def close(self) -> None:
        """Stop looking and take the gallery away."""
        self._watch.stop()
        self._feed.forget()
        self._versions.forget()
        super().close()

    def to_static_html(self) -> str:
        """Return the first 24 pictures, small, with their prompts, as HTML."""
        with self._lock:
            count, names = len(self._names), self._names[:STATIC_COUNT]
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

    def _list(self, *, fresh: bool = False, focus: str | None = None) -> None:
        """Search again, and tell the page how the list differs from the one before."""
        with self._lock:
            state = self.gallery.state()
            query: dict[str, Any] = self.query
            names = self.gallery.names(**query)
            total = self.gallery.count()
            at, removed, inserted = difference(self._names, names)
            self._names, self._state = names, state
            self.found = {
                "number": self.found.get("number", 0) + 1,
                "count": len(names),
                "total": total,
                "at": at,
                "removed": removed,
                "inserted": inserted,
                "fresh": fresh,
                "focus": names.index(focus) if focus in names else None,
            }
            models, days = self.gallery.models(), self.gallery.days()
            self.choices = {
                "models": [list(pair) for pair in models.items()],
                "days": [list(pair) for pair in days.items()],
            }

    def _look(self) -> None:
        """Search again if the gallery has changed; called now and then by a thread."""
        try:
            if self.gallery.state() != self._state:
                self._list()
        except ZimgError:  # a disk that is away comes back, or the next click tells
            pass

    def _deliver(self, wanted: Sequence[_Wanted]) -> None:
        """Send thumbnails to the pages; called by the feed's threads."""
        number = self.found["number"]
        wanted = [want for want in wanted if want.number == number]
        if not wanted:
            return
        prompts = {
            entry.path.relative_to(self.gallery.folder).as_posix(): entry.prompt
            for entry in self.gallery.entries([want.name for want in wanted])
        }
        items, buffers = [], []
        for want in wanted:
            jpeg = thumbnail(self.gallery.folder / want.name)
            prompt = prompts.get(want.name, want.name)
            items.append({"at": want.at, "prompt": prompt, "broken": jpeg == placeholder()})
            buffers.append(jpeg)
        self._say({"kind": "thumbs", "number": number, "items": items}, buffers)

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
            self._notify(str(problem), error=True)
            self._look()

    def _on_page_watching(self, content: Any, _: Any) -> None:
        page, watching = str(content["page"]), bool(content["watching"])
        self._watch.seen(page, watching)
        if watching:
            self._look()
        else:
            self._feed.forget(page)

    def _on_page_range(self, content: Any, _: Any) -> None:
        number, names = int(content["number"]), self._names
        if number == self.found["number"]:
            places = [at for at in content["want"] if 0 <= at < len(names)]
            wanted = [_Wanted(number, at, names[at]) for at in places]
            self._feed.ask(str(content["page"]), wanted)

    def _on_page_open(self, content: Any, _: Any) -> None:
        """Send a picture's file, as it is on the disk, and what is known of it."""
        with self._lock:
            number, at = int(content["number"]), int(content["at"])
            if number != self.found["number"] or not 0 <= at < len(self._names):
                return  # the page asks again when it has the new list
            name = self._names[at]
        self._send_large(name, content["ask"], at)

    def _send_large(self, name: str, ask: Any, at: int | None) -> None:
        answer = {"kind": "opened", "ask": ask, "name": name, "at": at}
        try:
            entry = self._entry(name)
            file = entry.path.read_bytes()
        except (OSError, BadInput):
            self._say({**answer, "error": self.labels["lost"]})
            return
        known = {
            "facts": facts(entry, self.labels),
            "prompt": entry.prompt,
            "json": json.dumps(entry.record["params"], ensure_ascii=False, indent=2),
            "file": entry.path.name,
            "mime": _MIME.get(entry.path.suffix.lower(), "image/png"),
            "family": self._versions.any(entry),
        }
        self._say({**answer, **known}, [file])

    def _on_page_versions(self, content: Any, _: Any) -> None:
        self._versions.show(self._entry(content["name"]))

    def _on_page_version_small(self, content: Any, _: Any) -> None:
        self._versions.ask(str(content["page"]), content["ids"])

    def _on_page_open_version(self, content: Any, _: Any) -> None:
        name = self._versions.name(content["id"])
        if name is None:
            raise BadInput(self.labels["elsewhere"], code="not-in-gallery")
        with self._lock:
            at = self._names.index(name) if name in self._names else None
        self._send_large(name, content["ask"], at)

    def _on_page_use(self, content: Any, _: Any) -> None:
        params = GenerationParams.from_dict(self._entry(content["name"]).record["params"])
        for listener in self._use_listeners:
            listener(params)
        self._notify(self.labels["in_use"])

    def _on_page_edit(self, content: Any, _: Any) -> None:
        image = self._entry(content["name"]).open()
        for listener in self._edit_listeners:
            listener(image)
        self._notify(self.labels["sent"])

    def _on_page_delete(self, content: Any, _: Any) -> None:
        with self._lock:
            name = content.get("name")
            if name is None and content.get("number") == self.found["number"]:
                name = self._names[int(content["at"])]
            if name is None:
                return
            entry = self._entry(name)
            self._deletions.delete(entry)
            self._show_undo()
            self._list()

    def _on_page_undo(self, _: Any, __: Any) -> None:
        with self._lock:
            self._show_undo(hidden=True)
            restored = self._deletions.undo()
            if restored is None:
                return
            path, prompt = restored
            self._list(focus=path.relative_to(self.gallery.folder).as_posix())
        self._notify(self.labels["restored"].format(prompt=prompt))

    def _on_page_dismiss(self, _: Any, __: Any) -> None:
        self._show_undo(hidden=True)

    def _on_page_file(self, content: Any, buffers: Sequence[Any]) -> None:
        found = self._uploads.take(content, buffers)
        if found is None:
            return
        name, params = found
        for listener in self._use_listeners:
            listener(params)
        self._notify(self.labels["used"].format(name=name))

    def _entry(self, name: object) -> Entry:
        found = self.gallery.entries([str(name)])
        if not found:
            raise BadInput(self.labels["lost"], code="file-missing")
        entry: Entry = found[0]
        return entry

    def _show_undo(self, hidden: bool = False) -> None:
        prompt = "" if hidden else self._deletions.last
        sentence = prompt and self.labels["trashed"].format(prompt=prompt)
        self.undo_bar = {"said": sentence, "n": self.undo_bar.get("n", 0) + 1}


def _folder(given: str | os.PathLike[str] | None) -> str | None:
    return None if given is None else os.fspath(given)
