"""Streams in OpenAI's form: partial images while a picture is drawn, then the picture."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import anyio.to_thread

from zimg_kernel.engine.events import LAST, Cancelled, Failed, Finished, Step
from zimg_kernel.errors import ZimgError
from zimg_kernel.service.context import ServiceContext
from zimg_kernel.service.native.events import QUIET, sse
from zimg_kernel.service.refusal import Refused, status_of
from zimg_kernel.service.served import Served

from .answers import base64_of, described, partial_base64, usage_of
from .errors import openai_error
from .fields import Wanted


async def stream(
    context: ServiceContext, served: Served, wanted: Wanted, kind: str, sources: int
) -> AsyncIterator[str]:
    """Yield the events of a job: of each picture its partial images and ``completed``.

    An error is told as ``{"error": {...}}``, which the SDK raises.

    Parameters
    ----------
    kind : {"image_generation", "image_edit"}
    sources : int
        Pictures that were given.
    """
    # Of an answer at once OpenAI calls the time "created", and no quality is "auto".
    when = int(served.job.accepted.timestamp())
    about = {**described(served, wanted), "created_at": when, "quality": "auto"}
    sent: set[tuple[int, int]] = set()
    # Else a client that is told nothing for long may give up.
    yield ": accepted\n\n"
    async with contextlib.aclosing(served.follow(context.stopping, QUIET)) as events:
        async for event in events:
            match event:
                case None:
                    yield ": still here\n\n"
                case Step():
                    place = _partial(event, wanted.partial_images)
                    if place is None or (event.index, place) in sent:
                        continue
                    told = await anyio.to_thread.run_sync(partial_base64, served, event, wanted)
                    if told is not None:
                        sent.add((event.index, place))
                        number = {"partial_image_index": place}
                        yield _event(f"{kind}.partial_image", {"b64_json": told, **number, **about})
                case Finished():
                    told = await anyio.to_thread.run_sync(base64_of, event.image, wanted)
                    usage = await anyio.to_thread.run_sync(usage_of, served.job.params, 1, sources)
                    more = {"b64_json": told, "usage": usage, "notes": wanted.notes}
                    yield _event(f"{kind}.completed", {**more, **about})
                case Failed():
                    yield _error(event.error)
                case Cancelled():
                    yield _error(Refused("The job was cancelled.", status=409, code="cancelled"))
            if isinstance(event, LAST):
                return
    why = ZimgError("The service is ending: ask again in a moment.", code="stopping")
    yield _error(why)


def _partial(step: Step, partial_images: int) -> int | None:
    """Return which partial image a step is, from 0: they are spread evenly over the steps."""
    for index in range(partial_images):
        if step.step == max(1, round(step.steps * (index + 1) / (partial_images + 1))):
            return index
    return None


def _event(kind: str, data: dict[str, Any]) -> str:
    return sse(kind, {"type": kind, **data})


def _error(error: Exception) -> str:
    return sse("error", openai_error(status_of(error), error))
