"""Drawing of a sampler node: its inputs as parameters and edits, its job's events as progress."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from zimg_kernel.edit.masks import load_mask
from zimg_kernel.edit.request import EditRequest, prepare_edit
from zimg_kernel.engine.events import Cancelled, Failed, Step
from zimg_kernel.engine.job import Job
from zimg_kernel.errors import ZimgError
from zimg_kernel.families.registry import family_of
from zimg_kernel.images.encode import jpeg_bytes
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.images.pixels import digest
from zimg_kernel.models.catalog import ModelCard, get_card
from zimg_kernel.params import MAX_SEED, MAX_STEPS, Edit, GenerationParams, nearest_side

from ..graph.node import Call, Interrupted
from .samplers import sampler_of, spacing_of
from .values import Conditioning, Latent, Mask, Model, Picture

_PREVIEW_QUALITY = 80
_FULL_QUEUE = 1.0  # seconds until a full queue is tried again


@dataclass(frozen=True)
class Sampling:
    """Settings of a sampler node, under ComfyUI's names.

    Attributes
    ----------
    seed : int
    steps : int
        Forwards to run.
    cfg : float
        1 is no guidance.
    sampler, scheduler : str
    denoise : float
        Share of the noise levels that these steps span, 0 to 1.
    """

    seed: int
    steps: int
    cfg: float
    sampler: str
    scheduler: str
    denoise: float = 1.0


def draw(
    call: Call,
    model: Model,
    positive: Conditioning,
    negative: Conditioning,
    latent: Latent,
    sampling: Sampling,
) -> Latent:
    """Draw what a sampler node describes; return its latent, which holds the pictures.

    Raises
    ------
    BadInput, ZimgError
        It cannot be drawn; one sentence.
    Interrupted
    """
    if sampling.denoise <= 0:
        return latent
    card = get_card(model.card)
    fields = _fields(call, model, card, positive, negative, sampling)
    whole = sampling.denoise >= 1 and latent.mask is None
    if not latent.pictures or whole:
        if sampling.denoise < 1:
            call.note("An empty latent has nothing to keep: denoise counts as 1.")
        width, height = _size(call, model, card, latent)
        params = GenerationParams(
            **fields, width=width, height=height, seed=sampling.seed, count=latent.count
        )
        drawn = _run(call, params, None, (), (0, 1), "")
    else:
        drawn = []
        for index, picture in enumerate(latent.pictures):
            place = index, len(latent.pictures)
            drawn += _edit(call, fields, picture, latent.mask, sampling, place)
    pictures = tuple(Picture(made=image) for image in drawn)
    width, height = pictures[0].image.size
    return Latent(width, height, len(pictures), pictures, _resized(latent.mask, (width, height)))


def _fields(
    call: Call,
    model: Model,
    card: ModelCard,
    positive: Conditioning,
    negative: Conditioning,
    sampling: Sampling,
) -> dict[str, Any]:
    sampler, note = sampler_of(sampling.sampler, family_of(card).samplers)
    sigmas, other = spacing_of(sampling.scheduler, sampler)
    for told in (note, other):
        if told:
            call.note(told)
    if sampling.cfg < 1:
        call.note(f"A cfg of {sampling.cfg:g} is below 1, where guidance begins: 1 is taken.")
    guidance = round(max(0.0, sampling.cfg - 1), 9)  # 1 + g of diffusers
    shift = {} if model.shift is None else {"shift": model.shift}
    return {
        "model": model.card,
        "prompt": positive.text,
        "negative_prompt": negative.text if guidance else "",
        "steps": sampling.steps,
        "guidance": guidance,
        "sampler": sampler,
        "sigmas": sigmas,
        "loras": model.loras,
        **shift,
    }


def _size(call: Call, model: Model, card: ModelCard, latent: Latent) -> tuple[int, int]:
    """Return a size that the model draws, for the one that was asked for."""
    multiple = family_of(card).side_multiple
    width, height = latent.width, latent.height
    if model.stands_in:
        area = card.default_size[0] * card.default_size[1]
        scale = min(1.0, (area / (width * height)) ** 0.5)
        width, height = (
            min(max(round(side * scale), card.min_side), card.max_side) for side in (width, height)
        )
    found = nearest_side(width, multiple=multiple), nearest_side(height, multiple=multiple)
    if found != (latent.width, latent.height):
        call.note(
            f"{card.title} draws {found[0]}x{found[1]} px in place of "
            f"{latent.width}x{latent.height}."
        )
    return found


def _edit(
    call: Call,
    fields: dict[str, Any],
    picture: Picture,
    mask: Mask | None,
    sampling: Sampling,
    place: tuple[int, int],
) -> list[GeneratedImage]:
    """Draw one picture anew from its own noise, whole or where a mask is white."""
    source = picture.source
    # ComfyUI spreads n steps over the share that is drawn; here n counts the whole way.
    strength = min(1.0, sampling.denoise)
    steps = min(MAX_STEPS, max(1, int(sampling.steps / strength)))
    painted, notes = None, tuple[str, ...]()
    if mask is not None:
        painted, notes = load_mask(mask.image, source.image.size)
    edit = Edit(
        kind="inpaint" if painted else "img2img",
        source=source.digest,
        mask=digest(painted) if painted else None,
        strength=strength,
    )
    own = {name: value for name, value in fields.items() if name != "prompt"}
    own |= {"steps": steps, "seed": (sampling.seed + place[0]) % (MAX_SEED + 1)}
    own["sampler"] = "euler" if own["sampler"] == "unipc" else own["sampler"]
    request = EditRequest(edit, source, fields["prompt"], painted, "whole", params=own, notes=notes)
    ready = prepare_edit(request, call.services.engine)
    return _run(call, ready.params, ready.plan, ready.notes, place, f":{place[0]}")


def _run(
    call: Call,
    params: GenerationParams,
    plan: Any,
    notes: tuple[str, ...],
    place: tuple[int, int],
    suffix: str,
) -> list[GeneratedImage]:
    """Submit a job, and report it until it has ended."""
    key = f"comfy:{call.prompt_id}:{call.node_id}{suffix}"
    job = _submit(call, params, plan, notes, key)
    if job.status == "cancelled":  # with an earlier process of the service: it is asked for anew
        job = _submit(call, params, plan, notes, f"{key}:again")
    for note in (*notes, *job.warnings):
        call.note(note)
    call.when_interrupted(job.cancel)
    before, pictures = place
    for event in job.events():
        match event:
            case Step():
                every = event.steps * event.count
                done = before * every + event.index * event.steps + event.step
                call.progress(done, every * pictures, partial(_jpeg, event))
            case Failed():
                raise event.error
            case Cancelled():
                if call.interrupted:
                    raise Interrupted
                raise ZimgError(
                    f"The job {job.id} was cancelled elsewhere: send the prompt again.",
                    code="cancelled",
                )
    images = list(job.images)
    _release(images)
    return images


def _jpeg(step: Step) -> bytes | None:
    """Return the preview of a step."""
    preview = step.preview
    return None if preview is None else jpeg_bytes(preview, quality=_PREVIEW_QUALITY)


def _submit(
    call: Call, params: GenerationParams, plan: Any, notes: tuple[str, ...], key: str
) -> Job:
    """Submit a job; where the engine's queue is full, wait for room: the prompt was accepted."""
    while True:
        if call.interrupted:
            raise Interrupted
        try:
            return call.services.submit(params, key=key, plan=plan, notes=notes)
        except ZimgError as error:
            if error.code != "queue-full":
                raise
            time.sleep(_FULL_QUEUE)


def _release(images: Iterable[GeneratedImage]) -> None:
    for image in images:
        image.release()


def _resized(mask: Mask | None, size: tuple[int, int]) -> Mask | None:
    if mask is None or mask.image.size == size:
        return mask
    return Mask(mask.image.resize(size))
