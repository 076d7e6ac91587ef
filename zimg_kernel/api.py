"""Functions for users: generate, get_pipeline, generate_image, batch_generate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .edit.restore import restore_plan
from .engine.default import default_engine, use_gallery
from .engine.job import Job
from .engine.job_messages import JobMessages
from .engine.local import LocalEngine
from .engine.plan import set_plan_restorer
from .engine.progress import follow, tell
from .engine.protocol import Engine
from .errors import BadInput, ZimgError
from .images.contact_sheet import GeneratedImages, sheet_html
from .images.image import GeneratedImage
from .images.metadata import is_picture_name
from .images.text import NO_FORMULAS
from .params import GenerationParams

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
    return default_engine().pipeline(model)


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


@dataclass(frozen=True)
class BatchResult:
    """Result of one prompt: ``path`` and ``image``, or ``error`` in one sentence."""

    index: int
    prompt: str
    path: Path | None = None
    image: GeneratedImage | None = None
    error: str = ""

    @property
    def ok(self) -> bool:
        """True if there is a picture."""
        return not self.error


class BatchResults(list[BatchResult]):
    """A result for each prompt, in order."""

    @property
    def paths(self) -> list[Path]:
        """The pictures that were written."""
        return [result.path for result in self if result.path is not None]

    @property
    def failures(self) -> dict[int, str]:
        """Errors by the prompt's index from 0."""
        return {result.index: result.error for result in self if not result.ok}

    def _repr_html_(self) -> str:
        import html

        failed = "".join(f"<li>{i}: {html.escape(e)}</li>" for i, e in self.failures.items())
        sheet = sheet_html([result.image for result in self if result.image is not None])
        failed = failed and f'<div class="{NO_FORMULAS}"><p>Failed:</p><ul>{failed}</ul></div>'
        return sheet + failed


def batch_generate(
    prompts: Iterable[str | Mapping[str, Any]], output_dir: str | Path, **params: Any
) -> BatchResults:
    """Draw a picture for each prompt into a folder; one that fails does not stop the others.

    Parameters
    ----------
    prompts : iterable of str or mapping
        Prompts, or parameters for each (``{"prompt": ..., "seed": ...}``).
    output_dir : str or Path
        Where the pictures go, named by index, seed and hash; they are in the gallery too.
    **params
        Fields for all of them.

    Returns
    -------
    BatchResults
        A list with, for each prompt, its path or its error; ``.failures`` by index.
    """
    if isinstance(prompts, str | Mapping):
        raise BadInput(
            "batch_generate takes a list of prompts: put this one in [brackets].",
            code="wrong-type",
            field="prompts",
        )
    folder = Path(output_dir).expanduser().absolute()
    jobs = [_try_submit(prompt, params) for prompt in prompts]
    results = BatchResults()
    try:
        for index, (text, job) in enumerate(jobs):
            results.append(_finish(index, text, job, folder, len(jobs)))
    except BaseException:
        for _, job in jobs:
            if isinstance(job, Job):
                job.cancel()
        raise
    return results


def _try_submit(prompt: Any, params: Mapping[str, Any]) -> tuple[str, Job | Exception]:
    text = str(prompt.get("prompt", "")) if isinstance(prompt, Mapping) else str(prompt)
    try:
        wanted = as_params(prompt, params)
        if wanted.count != 1:
            raise BadInput(
                "A batch draws one picture a prompt: leave count out.",
                code="count-not-one",
                field="count",
            )
        job = default_engine().submit(wanted, preview="none")
    except (BadInput, ZimgError) as error:
        return text, error
    tell(JobMessages(job))
    return text, job


def _finish(index: int, text: str, job: Job | Exception, folder: Path, of: int) -> BatchResult:
    if isinstance(job, Exception):
        return BatchResult(index, text, error=str(job))
    try:
        follow(job, None, f"{index + 1} of {of}")
        image = job.result()
        digits = max(3, len(str(of - 1)))
        name = f"{index:0{digits}d}_seed{image.seed}_{image.params.hash[:8]}.png"
        return BatchResult(index, text, image.save(folder / name), image)
    except (BadInput, ZimgError) as error:
        return BatchResult(
            index, text, image=job.images[0] if job.images else None, error=str(error)
        )


def as_params(prompt: Any, changes: Mapping[str, Any]) -> GenerationParams:
    """Return parameters from a prompt, whole parameters, or a mapping, with some changed."""
    if isinstance(prompt, GenerationParams):
        return prompt.replace(**changes)
    if isinstance(prompt, Mapping):
        return GenerationParams.from_dict({**prompt, **changes})
    if prompt is None:
        return GenerationParams(**changes)
    if isinstance(prompt, str):
        return GenerationParams(prompt=prompt, **changes)
    raise BadInput(
        f"A prompt is text, not {type(prompt).__name__}.", code="wrong-type", field="prompt"
    )


def _check_ending(path: str | Path) -> None:
    if not is_picture_name(path):
        raise BadInput(
            f"{path} must end in .png, .jpg, .jpeg or .webp: the ending decides the format.",
            code="wrong-ending",
            field="output_path",
        )
