"""Batches of prompts drawn into a folder."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.images.contact_sheet import sheet_html
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.images.text import NO_FORMULAS
from zimg_kernel.params import GenerationParams
from zimg_kernel.params.given import as_params

from .batch import BatchRunner, Result, describe_error
from .default import default_engine
from .job_messages import JobMessages
from .progress import ProgressBar, tell

_AT_HAND = 16  # pictures of a batch whose pixels stay in memory


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

    @property
    def key(self) -> str:
        """Its place in the batch."""
        return str(self.index)


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
    asked = [_batch_prompt(index, prompt, params) for index, prompt in enumerate(prompts)]
    results = {one.key: one for one in asked if isinstance(one, BatchResult)}
    wanted = [one for one in asked if isinstance(one, _BatchPrompt)]
    digits = max(3, len(str(len(asked) - 1)))
    at_hand: deque[GeneratedImage] = deque()

    def on_result(alike: list[_BatchPrompt], result: Result) -> None:
        for one in alike:
            results[one.key] = _keep(one, result, folder, digits)
            bar.show(len(results))
        if not isinstance(result, Exception):
            at_hand.append(result)
            if len(at_hand) > _AT_HAND:
                at_hand.popleft().release()

    with ProgressBar(len(asked), "Drawing") as bar:
        BatchRunner(
            default_engine(),
            max(1, len(wanted)),  # all are accepted now, so that none is lost if this is killed
            wanted,
            on_result,
            on_job=lambda job: tell(JobMessages(job)),
            cancel_all=False,
        ).draw(wanted)
    return BatchResults(results[str(index)] for index in range(len(asked)))


@dataclass(frozen=True)
class _BatchPrompt:
    """A prompt of a batch; its key is its index, since each has a picture of its own."""

    key: str
    params: GenerationParams


def _batch_prompt(index: int, prompt: Any, params: Mapping[str, Any]) -> _BatchPrompt | BatchResult:
    try:
        wanted = as_params(prompt, params)
        if wanted.count != 1:
            raise BadInput(
                "A batch draws one picture a prompt: leave count out.",
                code="count-not-one",
                field="count",
            )
        return _BatchPrompt(str(index), wanted)
    except BadInput as error:
        text = prompt.get("prompt", "") if isinstance(prompt, Mapping) else prompt
        return BatchResult(index, str(text), error=str(error))


def _keep(one: _BatchPrompt, result: Result, folder: Path, digits: int) -> BatchResult:
    """Write a batch's picture into its folder; return what has become of it."""
    index, text = int(one.key), one.params.prompt
    if isinstance(result, Exception):
        return BatchResult(index, text, error=describe_error(result))
    name = f"{index:0{digits}d}_seed{result.seed}_{result.params.hash[:8]}.png"
    try:
        return BatchResult(index, text, result.save(folder / name), result)
    except (BadInput, ZimgError) as error:
        return BatchResult(index, text, image=result, error=str(error))
