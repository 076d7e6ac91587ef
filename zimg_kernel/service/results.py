"""Results of served jobs: waiting for pictures within the time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from zimg_kernel.engine.job import Job
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.images.image import GeneratedImage

from .options import LONGEST_RETRY
from .refusal import Refused
from .served import Served

if TYPE_CHECKING:
    from .context import ServiceContext


async def pictures_of(context: ServiceContext, served: Served) -> list[GeneratedImage]:
    """Wait for a job's pictures and return them.

    Raises
    ------
    Refused
        The time limit is over (status 504; the job goes on), the service ends before that (503;
        the job goes on when it is started again), or it was cancelled (409).
    BadInput, ZimgError
        What made it fail.
    """
    await _first(served.ended(context.options.time_limit), _given_up(context))
    if not served.job.finished:
        if context.stopping.is_set():
            raise Refused(
                f"The service ends before the picture is there; job {served.job.id} goes on when "
                "it is started again.",
                status=503,
                code="stopping",
                retry_after=LONGEST_RETRY,
            )
        raise Refused(
            f"The picture is not there after {context.options.time_limit:g} s; it goes on as job "
            f"{served.job.id}: GET /v1/jobs/{served.job.id} tells of it.",
            status=504,
            code="time-limit",
            retry_after=5,
        )
    raise_failure(served.job)
    return list(served.job.images)


async def _given_up(context: ServiceContext) -> None:
    """Return when the service is ending and has waited long enough."""
    await context.stopping.wait()
    await asyncio.sleep(context.options.grace)


async def _first(*waits: Coroutine[Any, Any, object]) -> None:
    """Wait for the first of several to return, and give the others up."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def raise_failure(job: Job) -> None:
    """Raise what a job that has ended without all its pictures failed with.

    Raises
    ------
    Refused, BadInput, ZimgError
    """
    error = job.error
    if isinstance(error, BadInput | ZimgError):
        raise error
    if error is not None:
        raise ZimgError("The picture could not be drawn.", code="drawing-failed") from error
    if job.status == "cancelled":
        raise Refused("The job was cancelled.", status=409, code="cancelled")
    if job.finished and len(job.images) < job.params.count:
        raise Refused(
            "The job is done, but its pictures are gone from the gallery.",
            status=410,
            code="pictures-gone",
        )
