"""Drawing of one request: its pictures one by one, each delivered while the next is drawn."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.images.image import GeneratedImage

from .events import Cancelled, Done, Finished, Step
from .job import Job
from .request import Request
from .save_queue import SaveQueue
from .versions import software_versions

if TYPE_CHECKING:
    from zimg_kernel.models.loaded_model import LoadedModel
    from zimg_kernel.sampling.prompt_embeddings import PromptCache

_log = logging.getLogger(__name__)


def draw(
    job: Job,
    request: Request,
    model: LoadedModel,
    cache: PromptCache,
    saves: SaveQueue,
    gallery: Gallery | None,
) -> None:
    """Draw the pictures of a request.

    Parameters
    ----------
    job : Job
        Told of every step and picture.
    saves : SaveQueue
        Writes and reports the pictures in order.
    gallery : Gallery or None
        Where they go; None keeps them in memory.
    """
    from zimg_kernel.lora.apply import ActiveLoras, apply_loras
    from zimg_kernel.models.device import describe, peak_bytes, reset_peak
    from zimg_kernel.models.memory import check_room
    from zimg_kernel.sampling.sampler import Sampler

    plan = request.plan
    if plan is not None and not job.cancel_requested:
        plan = plan.prepare(request.params)
    texts = request.texts
    sampler = plan.sampler(model, cache, texts) if plan else Sampler(model, cache, texts)
    check_room(request.params, model)
    model.require_own_weights()
    device = describe(model.device, model.dtype) + (", offloaded" if model.offloaded else "")
    for index, params in enumerate(request.params.singles()):
        drawn, effect = None, ActiveLoras()
        if not job.cancel_requested:
            reset_peak(model.device)
            stop = lambda: job.cancel_requested  # noqa: E731
            with apply_loras(model, request.loras) as effect:
                drawn = sampler.draw(params, _step_reporter(job, index), stop, request.preview)
            for note in effect.notes:
                job.warn(note, "lora-note")
        if drawn is None:
            saves.put(partial(job.report, Cancelled()))
            return
        failures = model.speed.failures if model.speed is not None else {}
        for name, reason in failures.items():
            job.warn(
                f"The faster {name} does not work here, and diffusers' own was used ({reason}).",
                "slower-part",
            )
        image = GeneratedImage(
            image=drawn.image,
            params=params,
            timings=drawn.timings,
            memory_gb=round(peak_bytes(model.device) / 1e9, 3),
            device=device + _way(model, failures),
            versions={**software_versions(), **effect.files},
            source=plan.record() if plan else None,
            mask=plan.painted if plan else None,
            job={"id": job.id, "index": request.drawn + index},
            step_seconds=drawn.step_seconds,
        )
        # Written while the next picture is drawn, and shown when it is written.
        saves.put(partial(deliver, job, request, image, index, gallery))
    saves.put(lambda: job.report(Done(tuple(job.images))))


def _way(model: LoadedModel, failures: dict[str, str]) -> str:
    """Return how a model computed, for a picture's record."""
    if model.profile is None:
        return ""
    return ", stock" if "transformer" in failures else model.profile.description


def deliver(
    job: Job,
    request: Request,
    image: GeneratedImage,
    index: int,
    gallery: Gallery | None,
) -> None:
    """Save a picture, unless it is to stay in memory, and report it.

    Parameters
    ----------
    index : int
        Of the picture in the request, from 0.
    gallery : Gallery or None
        Where it goes; what cannot be saved stays in memory, and the job's warnings say so.
    """
    try:
        if request.save and gallery is not None:
            gallery.add(image, inputs=request.plan.inputs() if request.plan else ())
    except ZimgError as error:
        # The picture is good and stays in memory; what is lost is only its file.
        job.warn(str(error), "not-saved")
    except Exception as error:
        job.warn(f"The picture was not saved ({error}); it is still in memory.", "not-saved")
    job.report(Finished(image, index, job.params.count))


def _step_reporter(job: Job, index: int) -> Callable[..., None]:
    def report(step: int, steps: int, preview: Any) -> None:
        job.report(Step(step, steps, index, job.params.count, preview))

    return report


def explain(error: Exception, failed: str) -> Exception:
    """Return an error of the package as it is, and another one as a sentence after ``failed``."""
    if isinstance(error, BadInput | ZimgError):
        return error
    _log.debug("%s", failed, exc_info=error)
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    failure = ZimgError(f"{failed} ({reason}).", code="drawing-failed")
    failure.__cause__ = error
    return failure
