"""Functions for users: generate, get_pipeline, generate_image, batch_generate."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .edit.restore import restore_plan
from .engine.default import default_engine, local_engine, use_gallery
from .engine.job import Job
from .engine.job_messages import JobMessages
from .engine.local import LocalEngine
from .engine.plan import set_plan_restorer
from .engine.progress import follow, tell
from .engine.prompt_batch import BatchResult, BatchResults, batch_generate
from .engine.protocol import Engine
from .errors import BadInput
from .images.contact_sheet import GeneratedImages
from .images.metadata import is_picture_name
from .params import GenerationParams
from .params.given import as_params

if TYPE_CHECKING:
    from .sampling.sampler import PreviewKind

__all__ = [
    "BatchResult",
    "BatchResults",
    "LocalEngine",
    "as_params",
    "batch_generate",
    "default_engine",
    "generate",
    "generate_image",
    "get_pipeline",
    "submit",
    "use_gallery",
]

set_plan_restorer(restore_plan)


def get_pipeline(model: str | None = None) -> Any:
    """Return the warm diffusers pipeline of a model, to be called as in diffusers' tutorials.

    Parameters
    ----------
    model : str, optional
        A model's id; the default model otherwise.
    """
    return local_engine().pipeline(model)


def submit(
    prompt: str | GenerationParams | Mapping[str, Any] | None = None,
    /,
    *,
    preview: PreviewKind = "latent",
    **params: Any,
) -> Job:
    """Hand a request to the default engine and return its job at once.

    Parameters
    ----------
    prompt, **params
        As for :func:`generate`.
    preview : {"latent", "vae", "none"}
        What step events carry: a quick sketch, a sharp slow picture, or nothing.
    """
    job = default_engine().submit(as_params(prompt, params), preview=preview)
    tell(JobMessages(job))
    return job


def generate(
    prompt: str | GenerationParams | Mapping[str, Any] | None = None,
    /,
    *,
    engine: Engine | None = None,
    progress: bool | None = None,
    **params: Any,
) -> Any:
    """Draw and wait; in a notebook a bar and a preview show how far it is.

    Parameters
    ----------
    prompt : str, GenerationParams or mapping
        What to draw; or whole parameters, such as ``image.params`` or what ``zimg show``
        printed, in which ``params`` then change fields, the prompt too.
    engine : Engine, optional
        The default engine of this process otherwise.
    progress : bool, optional
        Show the progress; by default in notebooks and terminals.
    **params
        Fields of :class:`~zimg_kernel.params.GenerationParams`: model, negative_prompt,
        width, height, steps, guidance, seed, count ...

    Returns
    -------
    GeneratedImage
        The picture; for ``count`` above 1 a list of them (``GeneratedImages``).

    Raises
    ------
    BadInput
        The request cannot be done; one sentence.
    ZimgError
        It failed: no weights, no memory, cancelled.
    """
    wanted = as_params(prompt, params)
    job = (engine or default_engine()).submit(wanted)
    messages = JobMessages(job)
    tell(messages)
    follow(job, progress)
    images = GeneratedImages(job.results())
    tell(messages)
    return images[0] if job.params.count == 1 else images


def generate_image(
    prompt: str,
    output_path: str | Path,
    height: int | None = None,
    width: int | None = None,
    seed: int = -1,
    **params: Any,
) -> Path:
    """Draw one picture, write it to a path and return that path.

    The picture is in the gallery too; sizes left open are the model's own.
    """
    _check_ending(output_path)
    image = generate(prompt, height=height, width=width, seed=seed, **params)
    if isinstance(image, list):
        raise BadInput(
            "generate_image draws one picture: leave count out or use batch_generate.",
            code="count-not-one",
            field="count",
        )
    written: Path = image.save(output_path)
    return written


def _check_ending(path: str | Path) -> None:
    if not is_picture_name(path):
        raise BadInput(
            f"{path} must end in .png, .jpg, .jpeg or .webp: the ending decides the format.",
            code="wrong-ending",
            field="output_path",
        )
