"""Drop a picture file on a small area, and its settings are read in Python."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

import traitlets

from zimg_kernel import BadInput, GenerationParams, ZimgError
from zimg_kernel.images.metadata import read_sent_record
from zimg_kernel.images.open_file import SOURCE_FORMATS, UNREADABLE, open_image
from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.control import Control
from zimg_widgets._shared.kernel_sentences import joined, translated
from zimg_widgets._shared.labels import Labels

from .labels import LABELS

MAX_BYTES = 64_000_000
OnUse: TypeAlias = Callable[[GenerationParams], object]
"""Called with settings that somebody wants to use."""
OnRecord: TypeAlias = Callable[[str, Mapping[str, Any]], object]
"""Called with a picture's name and its record, when somebody wants to use its settings.

The record of another tool's picture also tells what could not be taken over, see
:func:`zimg_kernel.images.metadata.read_record`.
"""


class UseListeners:
    """Those who hear of settings that somebody wants to use: of the parameters, or of all."""

    def __init__(self, on_use: OnUse | None = None) -> None:
        self.of_params: list[OnUse] = [on_use] if on_use else []
        self.of_records: list[OnRecord] = []

    def __bool__(self) -> bool:
        return bool(self.of_params or self.of_records)

    def tell(self, name: str, record: Mapping[str, Any], language: str) -> str:
        """Tell all; return what else is to be said where nobody hears of the record.

        Raises
        ------
        BadInput
            The parameters in it are none of this version.
        """
        if self.of_params or record["params"]["prompt"]:  # a record's may lack a prompt
            params = GenerationParams.from_dict(record["params"])
            for hear in self.of_params:
                hear(params)
        for hear_all in self.of_records:
            hear_all(name, record)
        foreign = record.get("foreign")
        if self.of_records or not isinstance(foreign, dict):
            return ""
        return joined(foreign.get("notes") or [], language)


class UploadReader:
    """Puts a file together that comes from the browser in pieces, and reads its record.

    In pieces, because a server closes the connection at a message of more than 10 MB.

    Parameters
    ----------
    labels : mapping of str to str
        The words of :data:`LABELS` in one language.
    """

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels
        self._id: object = None
        self._content = bytearray()

    def take(
        self, content: Mapping[str, Any], buffers: Sequence[Any]
    ) -> tuple[str, dict[str, Any]] | None:
        """Take a piece; return the file's name and its record once it is whole, else None.

        Raises
        ------
        BadInput
            The file is too large, no picture, or carries no parameters: one sentence.
        """
        name, size, at = str(content["name"]), int(content["size"]), int(content["at"])
        if size > MAX_BYTES:
            self._id = None
            raise BadInput(self._message("too_big", name), code="file-too-large")
        if at == 0:
            self._id, self._content = content["id"], bytearray()
        if self._id != content["id"] or at != len(self._content):
            return None  # a piece of a file that another has replaced
        for buffer in buffers:
            self._content += buffer
        if len(self._content) < size:
            return None
        whole, self._id, self._content = bytes(self._content), None, bytearray()
        return name, self._read(name, whole)

    def _read(self, name: str, whole: bytes) -> dict[str, Any]:
        try:
            return read_sent_record(io.BytesIO(whole), name)
        except BadInput:
            known, code = "no_picture", "picture-unreadable"
            if _is_picture(whole):
                known, code = "no_params", "no-parameters-in-picture"
            raise BadInput(self._message(known, name), code=code) from None

    def _message(self, key: str, name: str) -> str:
        return self._labels[key].format(name=name, most=MAX_BYTES // 1_000_000)


def _is_picture(content: bytes) -> bool:
    try:
        with open_image(io.BytesIO(content), SOURCE_FORMATS, any_size=True):
            return True
    except UNREADABLE:
        return False


class SettingsDrop(Control):
    """A small area that takes a picture file and hands on the settings in it.

    Pictures of this workbench, A1111, ComfyUI and others are understood. The file is read in
    memory and not kept.

    Parameters
    ----------
    on_use : callable, optional
        Called with the :class:`~zimg_kernel.GenerationParams`; see :meth:`on_use`.
    language : {"en", "zh"}, optional
        See :class:`Control`.
    """

    _esm = bundle("settings_drop/widget.js")
    _css = bundle("settings_drop/widget.css")
    LABELS: ClassVar[Labels] = LABELS

    notice = traitlets.Dict().tag(sync=True)
    """The last sentence on it: ``text``, ``error`` (whether it is one), ``n`` (a number)."""
    most = traitlets.Int(MAX_BYTES).tag(sync=True)
    """The largest file that is taken, bytes."""

    def __init__(self, on_use: OnUse | None = None, *, language: str | None = None) -> None:
        self._listeners = UseListeners(on_use)
        super().__init__(language=language)
        self._uploads = UploadReader(self.labels)
        self.on_msg(self._on_message)

    def on_use(self, listener: OnUse) -> None:
        """Call a function with the settings of each file that is given."""
        self._listeners.of_params.append(listener)

    def on_record(self, listener: OnRecord) -> None:
        """Call a function with the name and the whole record of each file that is given."""
        self._listeners.of_records.append(listener)

    def clear_notice(self) -> None:
        """Take away that a file's settings are in use; what is wrong with one stays."""
        if self.notice.get("text") and not self.notice["error"]:
            self._tell("")

    def to_static_html(self) -> str:
        """Return the last sentence, if there is one, as HTML."""
        return f"<p>{html.escape(self.notice.get('text', ''))}</p>"

    def _on_message(self, _: Any, content: Any, buffers: Sequence[Any]) -> None:
        if not isinstance(content, dict) or content.get("kind") != "file":
            return
        try:
            found = self._uploads.take(content, buffers)
            if found is None:
                return
            name, record = found
            more = self._listeners.tell(name, record, self.language)
            self._tell(f"{self.labels['used'].format(name=name)} {more}".strip())
        except (BadInput, ZimgError) as problem:
            self._tell(translated(problem, self.language), error=True)

    def _tell(self, text: str, error: bool = False) -> None:
        self.notice = {"text": text, "error": error, "n": self.notice.get("n", 0) + 1}
