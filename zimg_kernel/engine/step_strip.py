"""Strip of a job's denoising steps for a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from PIL import Image

from zimg_kernel.images.contact_sheet import ROW
from zimg_kernel.images.encode import data_url

from .events import Event, Step


class Strip:
    """The steps of one denoising side by side, from a job's events.

    Parameters
    ----------
    events : iterable of Event
        A job's events, such as ``job.events()``; waits for those to come. The job must have
        been submitted with previews.
    side : int
        Longer side of each small picture, px.
    """

    def __init__(self, events: Iterable[Event], side: int = 88) -> None:
        self.side = side
        self.steps = [e for e in events if isinstance(e, Step) and e.preview is not None]

    def _repr_html_(self) -> str:
        cells = []
        for event in self.steps:
            preview = cast(Image.Image, event.preview)
            label = f"step {event.step} of {event.steps}"
            cells.append(
                f'<figure style="margin:0"><img alt="{label}" src="{data_url(preview, self.side)}">'
                f'<figcaption style="font-size:80%;opacity:.8">{label}</figcaption></figure>'
            )
        return ROW.format("".join(cells))
