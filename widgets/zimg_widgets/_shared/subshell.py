"""Handling of widget messages while a cell is running."""

from __future__ import annotations

from typing import Any

from ipywidgets import Widget


def handle_messages_in_subshell(*widgets: Widget) -> None:
    """Handle the messages of widgets beside the cell that runs, not after it.

    JupyterLab (4.4 and later) sends what controls say to a subshell of the kernel, a thread
    beside the one that runs cells (Jupyter Enhancement Proposal 91). ipykernel 7.4 hands it to
    whichever shell sent the last message for that control: for one made in a cell that is the
    main shell, so that a click would wait until the cell is done. Here the front end's choice
    is kept. Where there are no subshells (papermill, older kernels) this does nothing.

    Parameters
    ----------
    *widgets : ipywidgets.Widget
        Each with all that it contains.
    """
    seen: set[int] = set()
    waiting: list[Any] = list(widgets)
    while waiting:
        widget = waiting.pop()
        if not isinstance(widget, Widget) or id(widget) in seen:
            continue
        seen.add(id(widget))
        waiting += getattr(widget, "children", ())
        comm = widget.comm
        if hasattr(comm, "_reply_subshell_for"):
            comm._reply_subshell_for = _as_sent


heard_while_busy = handle_messages_in_subshell


def _as_sent(_data: Any, sent_to: str | None) -> str | None:
    return sent_to
