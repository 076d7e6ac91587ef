"""Pictures that were drawn before: notebooks that run as jobs need not have them drawn again."""

from __future__ import annotations

import contextlib
import time
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from zimg_kernel.engine.events import Step
from zimg_kernel.engine.step_preview import size_of
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.params import GenerationParams

if TYPE_CHECKING:
    from zimg_kernel.engine.request import Request
    from zimg_kernel.gallery.gallery import Gallery

    from .tasks import Run, Work

_SAVING_SECONDS = 10.0  # after which a picture that was to be saved is not waited for
_MOST = 512  # pictures; each has its file's place and its previews
_MOST_BYTES = 64 << 20  # of their previews


@dataclass(frozen=True)
class Known:
    """A picture that is in a gallery.

    Attributes
    ----------
    path : Path
        Its file.
    steps : tuple of Step
        What was told while it was drawn.
    state : tuple of int
        The file's number, size and time, by which a change is seen.
    """

    path: Path
    steps: tuple[Step, ...]
    state: tuple[int, ...]

    @property
    def size(self) -> int:
        """Bytes of the previews."""
        return sum(size_of(step.sketch) for step in self.steps)


class Reuse:
    """What this service has drawn, by everything that decides a picture.

    It belongs to the dispatcher's thread.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, Known] = OrderedDict()
        self._saving: dict[tuple[str, int], tuple[Hashable, float]] = {}
        self._bytes = 0

    def on_drawn(self, work: Work, index: int) -> None:
        """Take note that a picture will be saved soon."""
        self._saving[work.job.id, index] = work.key_of(index), time.monotonic()

    def on_saved(self, work: Work, index: int, path: Path | None) -> None:
        """Take note of a picture that was saved, or could not be."""
        key, _ = self._saving.pop((work.job.id, index), (None, 0.0))
        steps = tuple(work.steps.pop(index, ()))
        state = None if path is None else _state(path)
        if key is None or path is None or state is None:
            return
        self._drop(key)
        self._known[key] = known = Known(path, steps, state)
        self._bytes += known.size
        while len(self._known) > _MOST or self._bytes > _MOST_BYTES:
            self._drop(next(iter(self._known)))

    def coming(self, runs: Iterable[Run]) -> set[Hashable]:
        """Return what decides the pictures that are drawn or saved at the moment."""
        now = time.monotonic()
        self._saving = {
            place: (key, since)
            for place, (key, since) in self._saving.items()
            if now - since < _SAVING_SECONDS
        }
        found = {key for key, _ in self._saving.values()}
        return found | {run.work.key_of(run.index) for run in runs}

    def take(self, work: Work) -> list[GeneratedImage]:
        """Return a job's next pictures as far as they are known; they count as drawn."""
        found = []
        while work.reuses and work.has_next:
            known = self._find(work.key_of(work.next_index))
            if known is None:
                break
            image, steps = known
            index = work.take()
            work.results[index] = image
            count = len(work.singles)
            work.steps[index] = [replace(step, index=index, count=count) for step in steps]
            found.append(image)
        return found

    def _find(self, key: Hashable) -> tuple[GeneratedImage, tuple[Step, ...]] | None:
        known = self._known.get(key)
        if known is None:
            return None
        if _state(known.path) == known.state:
            with contextlib.suppress(BadInput, ZimgError, OSError):
                return GeneratedImage.open(known.path), known.steps
        self._drop(key)
        return None

    def _drop(self, key: Hashable) -> None:
        if (known := self._known.pop(key, None)) is not None:
            self._bytes -= known.size

    def clear(self) -> None:
        """Forget all: somebody wants to see them drawn."""
        self._known.clear()
        self._bytes = 0


def key_of(request: Request, params: GenerationParams, gallery: Gallery | None) -> Hashable:
    """Return what decides a picture: parameters, files, previews and place; None if not saved.

    Parameters
    ----------
    request : Request
    params : GenerationParams
        Of one of its pictures.
    gallery : Gallery or None
        Where it goes.
    """
    if gallery is None or not request.save:
        return None
    loras = tuple(lora.stamp for lora in request.loras)
    return gallery.folder, request.files.folder, params.hash, request.preview, loras


def _state(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
