"""Resumption: jobs of former services, and jobs that have ended, from the queue's files."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from zimg_kernel.edit.restore import restore_plan
from zimg_kernel.engine.disk import delete_temporary
from zimg_kernel.engine.events import Cancelled, Done, Event, Failed, Finished, Queued, Started
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.job_queue import store_of
from zimg_kernel.engine.queue_entry import DAMAGE, ENDED, QueueEntry
from zimg_kernel.engine.queue_record import UNWRITABLE
from zimg_kernel.engine.recovery import find_drawn, interrupted
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.params import GenerationParams

from .job_log import JobLog
from .ledger import Account, Ledger
from .tasks import Strand, Work

if TYPE_CHECKING:
    from zimg_kernel.sampling.sampler import PreviewKind

    from .service import Service

_PREVIEWS: dict[str, PreviewKind] = {"latent": "latent", "vae": "vae", "none": "none"}
_log = logging.getLogger(__name__)


def resume_all(service: Service, ledger: Ledger) -> None:
    """Let everything wait again that former services had accepted and not finished."""
    accounts = ledger.read()
    open_: dict[str, Account] = {}
    for folder in sorted({account.gallery for account in accounts.values()} - {""}):
        delete_temporary(Path(folder))
        try:
            found = _left(Path(folder))
        except UNWRITABLE:  # a disk that is not there now: its requests stay in the ledger
            _log.exception("what waited in %s could not be read", folder)
            open_ |= {id: a for id, a in accounts.items() if a.gallery == folder}
            continue
        for entry in found:
            account = accounts.get(entry.id)
            if account is None:
                continue  # another process's, which its user is asked about
            open_[entry.id] = account
            try:
                _resume(service, entry, account)
            except Exception:
                _log.exception("request %s could not be resumed", entry.id)
    ledger.keep(open_)


def _left(folder: Path) -> list[QueueEntry]:
    store = store_of(Gallery(folder))
    interrupted(store)  # counts what has reached the disk
    return sorted(store.left(), key=lambda entry: entry.rank)


def _resume(service: Service, entry: QueueEntry, account: Account) -> None:
    gallery = Gallery(Path(account.gallery))
    store = store_of(gallery)
    try:
        request, problem = service.request_of(entry.params, gallery), None
        if request.params.edit is not None:
            plan = restore_plan(request.params, request.card, gallery)
            request = replace(request, plan=plan)
    except (*DAMAGE, BadInput, ZimgError) as error:
        request, problem = None, error
    claimed = store.claim(entry.id, entry.rank)
    if claimed is None:
        return  # somebody has dismissed it, or draws it
    if request is None:
        text, code = str(problem), getattr(problem, "code", "")
        store.end(entry.id, "failed", claimed.finished, text, code)
        return
    request = replace(
        request,
        origin=entry.origin,
        priority=entry.priority,
        preview=_PREVIEWS.get(account.preview, "latent"),
    )  # fmt: skip
    job = Job(
        request.params, request.warnings, origin=entry.origin, priority=entry.priority,
        job_id=entry.id,
    )  # fmt: skip
    job.accepted = entry.when
    images = drawn_images(entry, request.params, gallery)
    log = JobLog(job)
    claimed = claimed._replace(finished=len(images))
    service.queue.write_down(job, request, gallery, claimed, first=0)
    work = Work(job, request, gallery, account.user, log, Strand(service.saving), len(images))
    work.deaths.update(account.deaths)
    events: list[Event] = [Queued(ahead=service.queue.ahead(job.priority))]
    if images:
        events.append(Started())
    count = len(work.singles)
    events += [Finished(i, n, count) for n, i in enumerate(images) if i is not None]
    service.begin(work, events)


def stored_job(service: Service, id: str, gallery: Gallery) -> JobLog | None:
    """Return a job that stands in a gallery's queue: one that has ended, or is resumed now.

    Resumed is only what a service had accepted, such as on a disk that was not there when this
    one began. None if there is none, or another process draws it or has left it.
    """
    try:
        entry = store_of(gallery).find(id)
        if entry is None:
            return None
        if entry.left:
            account = service.ledger.read().get(id)
            if account is None:
                return None  # another process's, which its user is asked about
            interrupted(store_of(gallery))
            _resume(service, entry, account)
            return service.logs.get(id)
        if entry.state not in ENDED:
            return None
        params = entry.params
        images = [image for image in drawn_images(entry, params, gallery) if image is not None]
    except (*DAMAGE, *UNWRITABLE):
        return None
    job = Job(params, origin=entry.origin, priority=entry.priority, job_id=id)
    job.accepted = entry.when
    log = JobLog(job)
    job.report(Queued(ahead=0))
    for index, image in enumerate(images):
        job.report(Finished(image, index, params.count))
    match entry.state:
        case "done":
            job.report(Done(tuple(job.images)))
        case "cancelled":
            job.report(Cancelled())
        case _:
            job.report(Failed(ZimgError(entry.error, code=entry.error_code)))
    service.remember(log, gallery)
    return log


def drawn_images(
    entry: QueueEntry, params: GenerationParams, gallery: Gallery
) -> list[GeneratedImage | None]:
    """Return the pictures of a request that have a file, in order; None for one that is gone."""
    found: list[GeneratedImage | None] = []
    for index, single in enumerate(params.singles()):
        path = find_drawn(entry, index, single, gallery)
        if path is None and index >= entry.finished:
            break
        image = None
        if path is not None:
            image = GeneratedImage.open(path)
            image.release()
        found.append(image)
    return found
