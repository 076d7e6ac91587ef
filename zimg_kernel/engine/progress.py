"""Show a job's progress where somebody looks: a notebook, a terminal, or nowhere."""

from __future__ import annotations

import base64
import html
import io
import sys
import textwrap
import warnings
from typing import Any

from zimg_kernel.errors import ZimgWarning

from .job import Cancelled, Done, Event, Failed, Finished, Job, Queued, Started, Step

_PREVIEW_WIDTH = 256  # px on the page


def follow(job: Job, show: bool | None = None, label: str = "") -> None:
    """Wait for a job while showing how far it is; an interrupt cancels it.

    Parameters
    ----------
    job : Job
        The job.
    show : bool, optional
        By default it is shown in a notebook, and in a terminal, but not in a script's log.
    label : str
        What stands before the bar, such as ``"3 of 10"``.
    """
    in_notebook = _in_notebook()
    if show is False or (show is None and not in_notebook and not sys.stderr.isatty()):
        job.wait()
    elif in_notebook:
        _in_cell(job, label)
    else:
        _in_terminal(job, label)


def tell(job: Job, stacklevel: int = 3) -> None:
    """Say a job's new warnings: as a line in a notebook, else as Python warnings.

    Its notes are for people: they are printed in a notebook only.
    """
    for sentence in job.unsaid_notes() if _in_notebook() else ():
        print(textwrap.fill(sentence, 100))
    for sentence in job.unsaid_warnings():
        if _in_notebook():
            print(textwrap.fill(f"Note: {sentence}", 100))
        else:
            warnings.warn(sentence, ZimgWarning, stacklevel=stacklevel)


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


def _each(job: Job, seen: Any) -> None:
    """Call ``seen`` for every event; an interrupt cancels the job and is raised."""
    try:
        for event in job.events():
            seen(event)
    except KeyboardInterrupt:
        job.cancel()
        job.wait(timeout=30)
        raise


def _in_terminal(job: Job, label: str) -> None:
    from tqdm import tqdm

    with tqdm(desc=label or "Drawing", unit="step", leave=False) as bar:

        def seen(event: Event) -> None:
            if isinstance(event, Step):
                bar.total = event.steps * event.count  # an edit runs a part of its steps
                bar.update(event.index * event.steps + event.step - bar.n)

        _each(job, seen)


def _in_cell(job: Job, label: str) -> None:
    from IPython.display import HTML, display

    handle = display(HTML(progress_html(job, Queued(0), label)), display_id=True)
    if handle is None:
        job.wait()
        return
    try:
        _each(job, lambda event: handle.update(HTML(progress_html(job, event, label))))
    finally:
        if not job.finished or job.status == "done":
            handle.update(HTML(""))


def progress_html(job: Job, event: Event, label: str = "") -> str:
    """Return a bar with words, and the preview of a step, as HTML."""
    text = f"{label} · " if label else ""
    picture = ""
    match event:
        case Queued(ahead):
            text += f"waiting for {ahead} others" if ahead else "waiting"
        case Started():
            text += f"loading {job.params.model}"
        case Step(step, steps, index, count):
            text += f"step {step} of {steps}"
            text += f", picture {index + 1} of {count}" if count > 1 else ""
            picture = _img(event.preview) if event.preview is not None else ""
        case Finished(_, index, count):
            text += f"picture {index + 1} of {count} done"
        case Failed(error):
            text += str(error)
        case Cancelled():
            text += "cancelled"
        case Done():
            text += "done"
    bar = (
        f'<progress max="1" value="{job.progress:.3f}" style="width:{_PREVIEW_WIDTH}px"></progress>'
    )
    return f'<div role="status">{bar} {html.escape(text)}</div>{picture}'


def _img(preview: Any) -> str:
    buffer = io.BytesIO()
    preview.save(buffer, "JPEG", quality=80)
    data = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<img alt="preview" width="{_PREVIEW_WIDTH}" src="data:image/jpeg;base64,{data}" '
        'style="margin-top:4px">'
    )
