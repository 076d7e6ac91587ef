"""The place where a picture appears: previews on the way, then the picture and its facts."""

from __future__ import annotations

import html
import io
from collections.abc import Callable
from typing import Any, ClassVar

import traitlets
from PIL import Image

from zimg_kernel import GeneratedImage
from zimg_kernel.engine.events import Step
from zimg_kernel.images.encode import jpeg_bytes, png_bytes
from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.encode import data_url
from zimg_widgets._shared.kernel_sentences import translated_caption
from zimg_widgets._shared.labels import Labels
from zimg_widgets._shared.live_state import LiveControl
from zimg_widgets._shared.picture_facts import picture_rows

from .labels import LABELS

_SHOWN = 1024  # px, of the longer side of what travels to the page
_EXACT = 512 * 512  # pixels up to which it travels as it is


class Stage(LiveControl):
    """Shows how far a request is, its preview, and the finished picture with its parameters.

    Parameters
    ----------
    language : {"en", "zh"}, optional
        See :class:`Control`.
    """

    _esm = bundle("studio/stage/widget.js")
    _css = bundle("studio/stage/widget.css")
    LABELS: ClassVar[Labels] = LABELS

    LIVE = ("state", "preview", "picture", "facts", "following")
    state = traitlets.Dict({"status": "idle"})
    """status, text (what to show), announcement (for screen readers), warning, error,
    fraction (0 to 1), width and height in pixels."""
    preview = traitlets.Bytes(b"")
    """JPEG of what the running request is expected to become; empty when nothing runs."""
    picture = traitlets.Bytes(b"")
    """The finished picture as PNG, or as a JPEG of at most 1024 px where it is larger."""
    facts = traitlets.Dict()
    """Of that picture: id, prompt, caption, rows ([name, value]), file (its name)."""
    following = traitlets.Bool(True)
    """True if previews of the running request are shown in place of the finished picture."""
    kept_picture = traitlets.Bytes(b"").tag(sync=True)
    """The picture that a saved notebook shows."""
    kept_facts = traitlets.Dict().tag(sync=True)
    editable = traitlets.Bool(False).tag(sync=True)

    def __init__(self, *, language: str | None = None) -> None:
        super().__init__(language=language)
        self._views: set[str] = set()
        self._image: GeneratedImage | None = None
        self._kept: GeneratedImage | None = None
        self._step: Step | None = None
        self._listeners: dict[str, list[Callable[[Any], None]]] = {
            "use": [],
            "edit": [],
            "seen": [],
        }
        self.on_msg(self._on_message)

    @property
    def watched(self) -> bool:
        """True if a page shows it."""
        return bool(self._views)

    @property
    def image(self) -> GeneratedImage | None:
        """The finished picture that is shown."""
        return self._image

    @property
    def keeps_picture(self) -> bool:
        """True if a saved notebook shows a picture."""
        return self._kept is not None

    def on_use(self, listener: Callable[[GeneratedImage], None]) -> None:
        """Call a function with the picture whose settings shall be used."""
        self._listeners["use"].append(listener)

    def on_edit(self, listener: Callable[[GeneratedImage], None]) -> None:
        """Call a function with the picture that shall be edited; shows the button for it."""
        self._listeners["edit"].append(listener)
        self.editable = True

    def on_seen(self, listener: Callable[[Stage], None]) -> None:
        """Call a function whenever a page begins to show it."""
        self._listeners["seen"].append(listener)

    def show_progress(self, state: dict[str, Any], step: Step | None) -> None:
        """Show how far a request is and, while a page shows this, the preview of its last step."""
        if step is None:
            self.preview = b""
        elif step is not self._step and self.watched:
            self.preview = b"" if step.preview is None else preview_bytes(step.preview)
        self._step = step
        self.state = state

    def show(self, image: GeneratedImage, *, keep: bool = True) -> None:
        """Show a finished picture; a saved notebook holds the last one that was to be kept."""
        if image is self._image:
            return
        self.picture = shown_bytes(image.image)
        self.facts = {
            "prompt": image.params.prompt,
            "caption": translated_caption(image.caption(), self.language),
            "rows": picture_rows(image, self.language),
            "width": image.image.width,
            "height": image.image.height,
        }
        if keep:
            with self.hold_sync():
                self.kept_picture, self.kept_facts = self.picture, self.facts
            self._kept = image
        self._image = image  # last: who sees it, from another thread, finds its facts too

    def to_static_html(self) -> str:
        """Return the picture that is kept and its parameters as HTML."""
        if self._kept is None:
            return f"<p>{html.escape(self.labels['empty'])}</p>"
        facts = "".join(
            f'<tr><th style="text-align:left">{html.escape(name)}</th>'
            f'<td style="text-align:left">{html.escape(value)}</td></tr>'
            for name, value in self.kept_facts["rows"]
        )
        alt = html.escape(self.kept_facts["prompt"], quote=True)
        caption = html.escape(self.kept_facts["caption"])
        return (
            f'<figure style="margin:0"><img alt="{alt}" src="{data_url(self._kept.image)}" '
            f'style="max-width:100%"><figcaption>{caption}</figcaption></figure>'
            f"<details open><summary>{html.escape(self.labels['facts'])}</summary>"
            f"<table>{facts}</table></details>"
        )

    def _on_message(self, _: Any, content: Any, __: Any) -> None:
        kind, view = str(content.get("kind")), str(content.get("view"))
        if kind == "here":
            self._views.add(view)
            for listener in self._listeners["seen"]:
                listener(self)
        elif kind == "gone":
            self._views.discard(view)
        elif kind in ("use", "edit") and self._image is not None:
            for listener in self._listeners[kind]:
                listener(self._image)
        elif kind == "save" and self._image is not None:
            self._send_file(view)

    def _send_file(self, view: str) -> None:
        """Send the whole file, with its parameters inside, to the page that asked."""
        image = self._image
        assert image is not None
        try:
            if image.path is None:
                raise OSError
            data = image.path.read_bytes()
        except OSError:  # not saved, or moved away: the pixels are still here
            buffer = io.BytesIO()
            image.image.save(buffer, "PNG")
            data = buffer.getvalue()
        name = image.path.name if image.path else f"seed{image.seed}.png"
        self.send({"kind": "file", "view": view, "name": name}, buffers=[data])


def shown_bytes(image: Image.Image) -> bytes:
    """A picture for a page: small ones as they are, large ones as a JPEG of at most 1024 px."""
    if image.width * image.height <= _EXACT:
        return png_bytes(image)
    return jpeg_bytes(image, _SHOWN, 92)


def preview_bytes(image: Image.Image) -> bytes:
    """A preview for a page, as a JPEG."""
    return jpeg_bytes(image, quality=80)
