"""Recovery: which pictures are missing of requests whose process has ended."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import timedelta
from pathlib import Path

from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.images.metadata import read_record
from zimg_kernel.params import GenerationParams

from .old_journal import take_over
from .queue_entry import DAMAGE, OPEN, Interrupted, QueueEntry
from .queue_store import QueueStore


def interrupted(store: QueueStore) -> list[Interrupted]:
    """Return what is missing of requests whose process is gone, the oldest first.

    Pictures that reached the gallery in the last moment are found there. What earlier versions
    left in their journal is among it.

    Raises
    ------
    sqlite3.Error, OSError
        The queue's file cannot be used.
    """
    take_over(store)
    before, offers = store.offers
    signature = store.signature()
    if signature is None or signature != before:
        offers = _interrupted(store)
        store.offers = signature, offers
    return list(offers)


def _interrupted(store: QueueStore) -> list[Interrupted]:
    left = store.left()
    gallery = Gallery(store.folder)
    counted = {entry.id: _finished(entry, gallery) for entry in left if entry.state in OPEN}
    if counted:
        # Where nothing can be written, they are counted again the next time.
        with contextlib.suppress(sqlite3.Error, OSError, UnicodeError):
            store.interrupt((entry, counted[entry.id]) for entry in left if entry.id in counted)
    found = []
    for entry in left:
        try:
            missing = entry.missing_after(counted.get(entry.id, entry.finished))
        except DAMAGE:  # no request that this version could draw
            continue
        if missing is not None:
            found.append(Interrupted(entry.id, missing, entry.when))
    return found


def _finished(entry: QueueEntry, gallery: Gallery) -> int:
    """Count the pictures from the first one on that have a file.

    The queue learns of a picture after its file is written: a process may end between the two.
    """
    finished = entry.finished
    if entry.state == "queued":
        return finished
    try:
        singles = entry.params.singles()
    except DAMAGE:
        return finished
    while finished < len(singles) and find_drawn(entry, finished, singles[finished], gallery):
        finished += 1
    return finished


def find_drawn(
    entry: QueueEntry, index: int, params: GenerationParams, gallery: Gallery
) -> Path | None:
    """Return the file of a picture of an entry, which is in the index then; None if there is none.

    Parameters
    ----------
    index : int
        Of the picture in the request, from 0.
    params : GenerationParams
        Of this picture.
    """
    day = entry.when.astimezone().date() - timedelta(days=1)  # clocks are set, time zones change
    days = sorted(p for p in gallery.folder.glob("????-??-??") if p.name >= day.isoformat())
    name = f"*_seed{params.seed}_{params.hash[:8]}*.png"
    for path in (path for day_folder in days for path in day_folder.glob(name)):
        with contextlib.suppress(BadInput, ZimgError):
            if read_record(path).get("job") == {"id": entry.id, "index": index}:
                gallery.add_file(path)  # its process may have ended before it did so
                return path
    return None
