"""Steps of a picture with their sketches, which come before or after them."""

from __future__ import annotations

import io
from collections.abc import Callable

from zimg_kernel.images.encode import jpeg_bytes
from zimg_kernel.images.open_file import UNREADABLE, open_image

from .messages import Message, Preview, Progress

Report = Callable[[int, int, bytes | None], object]


class Steps:
    """Joins what a server tells of one prompt's steps, and reports each once and in order.

    With metadata a sketch comes before its step, without it comes after.

    Parameters
    ----------
    prompt_id : str
    node : str
        Whose steps are meant.
    report : callable
        Gets the step, from 1, the number of steps, and the sketch as a JPEG or None.
    wanted : bool
        Whether sketches are of interest.
    """

    def __init__(self, prompt_id: str, node: str, report: Report, wanted: bool) -> None:
        self._prompt_id, self._node = prompt_id, node
        self._report, self._wanted = report, wanted
        self._last = 0
        self._pending: Progress | None = None
        self._sketch: bytes | None = None

    def take(self, message: Message | None) -> None:
        """Take the next message; None where none came for a while."""
        if isinstance(message, Preview):
            if self._wanted and message.prompt_id in ("", self._prompt_id):
                sketch = as_jpeg(message.data)
                if self._pending is not None:
                    self._tell(self._pending, sketch)
                else:
                    self._sketch = sketch
            return
        if self._pending is not None:
            self._tell(self._pending, None)
        if not isinstance(message, Progress):
            return
        if (message.prompt_id, message.node) != (self._prompt_id, self._node):
            return
        if not self._last < message.value <= message.most:
            return
        if self._sketch is not None or not self._wanted:
            self._tell(message, self._sketch)
        else:
            self._pending = message

    def rename(self, prompt_id: str) -> None:
        """Take note that the prompt has another id now."""
        self._prompt_id = prompt_id

    def restart(self) -> None:
        """Take note that the picture is begun again."""
        self._last, self._pending, self._sketch = 0, None, None

    def _tell(self, step: Progress, sketch: bytes | None) -> None:
        self._pending = self._sketch = None
        self._last = step.value
        self._report(step.value, step.most, sketch)


def as_jpeg(data: bytes) -> bytes | None:
    """Return a sketch as the bytes of a JPEG; None where it is no picture."""
    try:
        with open_image(io.BytesIO(data), ("JPEG", "PNG", "WEBP")) as image:
            if image.format != "JPEG":
                return jpeg_bytes(image)
            image.draft("L", (1, 1))  # whether it can be unpacked, at an eighth of its size
            image.load()
    except UNREADABLE:
        return None
    return data
