"""Progress display in a notebook or a terminal; silent in a script's log."""

from __future__ import annotations

import html
import sys
import textwrap
import warnings
from collections.abc import Iterable
from types import TracebackType
from typing import Any

from zimg_kernel.errors import ZimgWarning

from .events import Cancelled, Done, Event, Failed, Finished, Queued, Started, Step, Warned
from .job import Job
from .job_messages import JobMessages

_PREVIEW_WIDTH = 256  # px on the page


class ProgressBar:
    """Progress bar that is set by hand: a widget in a notebook, text in a terminal.

    Parameters
    ----------
    total : int or None
        Units of the whole work, where they are known.
    label : str
        Text in front of the bar.
    show : bool, optional
        By default in a notebook or a terminal, not in a script's log.
    unit : str
        What is counted.
    """

    def __init__(
        self, total: int | None, label: str, show: bool | None = None, unit: str = "picture"
    ) -> None:
        self._bar: Any = None
        if is_shown(show):
            from tqdm.auto import tqdm  # late: in a notebook it imports ipywidgets

            self._bar = tqdm(total=total, desc=label, unit=unit, leave=False)

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def show(self, done: int, total: int | None = None) -> None:
        """Set how many units are done, and of how many where that has changed."""
        if self._bar is not None:
            self._bar.total = total or self._bar.total
            self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()


def follow(job: Job, show: bool | None = None, label: str = "") -> None:
    """Wait for a job and show its progress; an interrupt cancels it.

    Parameters
    ----------
    job : Job
        The job.
    show : bool, optional
        By default it is shown in a notebook, and in a terminal, but not in a script's log.
    label : str
        Text in front of the bar, such as ``"3 of 10"``.
    """
    if not is_shown(show):
        job.wait()
    elif in_notebook():
        _in_cell(job, label)
    else:
        _in_terminal(job, label)


def tell(messages: JobMessages, stacklevel: int = 3) -> None:
    """Show a job's new warnings, and in a notebook its notes."""
    for sentence in messages.new_notes() if in_notebook() else ():
        print(textwrap.fill(sentence, 100))
    show_warnings(messages.new_warnings(), stacklevel + 1)


def show_warnings(sentences: Iterable[str], stacklevel: int = 3) -> None:
    """Print warnings in a notebook; elsewhere issue them as :class:`ZimgWarning`."""
    for sentence in sentences:
        if in_notebook():
            print(textwrap.fill(f"Note: {sentence}", 100))
        else:
            warnings.warn(ZimgWarning(sentence, code="job-warning"), stacklevel=stacklevel)


def in_notebook() -> bool:
    """Return whether this process is a notebook's kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


def is_shown(show: bool | None) -> bool:
    """Return whether to display progress: as asked, else in a notebook or a terminal."""
    return (in_notebook() or sys.stderr.isatty()) if show is None else show


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
    with ProgressBar(None, label or "Drawing", show=True, unit="step") as bar:

        def seen(event: Event) -> None:
            if isinstance(event, Step):  # the total is known late: an edit runs some of its steps
                done, total = event.index * event.steps + event.step, event.steps * event.count
                bar.show(done, total)

        _each(job, seen)


def _in_cell(job: Job, label: str) -> None:
    from IPython.display import HTML, display

    handle = display(HTML(progress_html(job, Queued(0), label)), display_id=True)
    if handle is None:
        job.wait()
        return

    def seen(event: Event) -> None:
        if not isinstance(event, Warned):  # printed below the bar, where it stays
            handle.update(HTML(progress_html(job, event, label)))

    try:
        _each(job, seen)
    finally:
        if not job.finished or job.status == "done":
            handle.update(HTML(""))


def progress_html(job: Job, event: Event, label: str = "") -> str:
    """Return a bar with its label, and the preview of a step, as HTML."""
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
    from zimg_kernel.images.encode import data_url

    return (
        f'<img alt="preview" width="{_PREVIEW_WIDTH}" src="{data_url(preview, quality=80)}" '
        'style="margin-top:4px">'
    )
