"""A live bar of memory, of the computer and its GPUs: this process, others, free."""

from __future__ import annotations

import asyncio
import html
import threading
import time
from dataclasses import asdict
from typing import Any, ClassVar

import traitlets

from zimg_kernel import BadInput
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.engine.resources import Reading, read_memory
from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.control import Control
from zimg_widgets._shared.labels import Labels
from zimg_widgets._shared.page_feed import PATIENCE

from .labels import LABELS

_SHORTEST, _LONGEST = 0.2, 3600.0


class MemoryBar(Control):
    """A bar for RAM and for each GPU that this process uses through torch.

    It reads only while a page shows it, in one thread for all bars, and never imports torch
    or starts CUDA: a GPU appears once torch has put something of this process on it. "This
    process" is there what torch has reserved; CUDA's own share counts among the others. Of an
    engine elsewhere, it shows the memory there.

    Parameters
    ----------
    interval : float
        Seconds between two readings, 0.2 to 3600; can be set later.
    language : {"en", "zh"}, optional
        Of the words on it.
    engine : Engine, optional
        Whose memory is shown; that of this process otherwise.

    Raises
    ------
    BadInput
        The interval is no number or out of range.
    """

    _esm = bundle("memory/widget.js")
    _css = bundle("memory/widget.css")
    LABELS: ClassVar[Labels] = LABELS

    reading = traitlets.Dict().tag(sync=True)
    """The last reading: ``at`` (seconds since 1970), ``every`` (seconds), ``rows``."""

    def __init__(
        self,
        interval: float = 2.0,
        *,
        language: str | None = None,
        engine: Engine | None = None,
    ) -> None:
        self.engine = engine
        self._views: dict[str, float] = {}  # seconds that each page is still believed to look
        self._interval = _checked(interval)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asked = False
        super().__init__(language=language)
        self.on_msg(self._on_message)
        self.show(self._read())

    @property
    def interval(self) -> float:
        """Seconds between two readings."""
        return self._interval

    @interval.setter
    def interval(self, seconds: float) -> None:
        self._interval = _checked(seconds)
        if self.watched:
            _sampler.watch(self)

    @property
    def watched(self) -> bool:
        """True if a page shows this bar now."""
        return bool(self._views)

    def _read(self) -> list[Reading]:
        return list(self.engine.resources().memory) if self.engine else read_memory()

    def show(self, readings: list[Reading]) -> None:
        """Put these readings on the bar."""
        rows = [self._row(reading) for reading in readings]
        self.reading = {"at": time.time(), "every": self._interval, "rows": rows}

    def to_static_html(self) -> str:
        """Return the last values as text, a line for each memory."""
        lines = (" · ".join((row["label"], *row["parts"])) for row in self.reading["rows"])
        return f"<p>{'<br>'.join(map(html.escape, lines))}</p>"

    def close(self) -> None:
        """Stop reading and take the bar away."""
        self._views.clear()
        _sampler.forget(self)
        super().close()

    def _row(self, reading: Reading) -> dict[str, Any]:
        kind, _, number = reading.name.partition(" ")
        name = self.labels[kind] + (f" {number}:" if number else "")
        parts = {
            "own": reading.own,
            "others": reading.used - reading.own,
            "free": reading.total - reading.used,
        }
        used, total = _gb(reading.used), _gb(reading.total)
        return {
            **asdict(reading),
            "name": name.rstrip(":"),
            "label": self.labels["used"].format(name=name, used=used, total=total),
            "parts": [self.labels[key].format(size=_gb(size)) for key, size in parts.items()],
        }

    def _on_message(self, _: Any, content: dict[str, Any], __: Any) -> None:
        view = str(content.get("view"))
        if content.get("watching"):
            try:
                self._loop = asyncio.get_running_loop()
            except RuntimeError:  # the message did not come through a kernel
                self._loop = None
            newly = view not in self._views
            self._views[view] = PATIENCE
            if newly:
                _sampler.watch(self)
        elif self._views.pop(view, None) is not None and not self._views:
            _sampler.forget(self)

    def _tick(self, readings: list[Reading]) -> None:
        """Show a reading; called by the sampler's thread."""
        self.show(readings)
        # Pages age on the loop that hears them. While a cell keeps it busy they cannot be
        # heard, and do not age.
        if self._loop is not None and not self._asked:
            self._asked = True
            self._loop.call_soon_threadsafe(self._age)

    def _age(self) -> None:
        self._asked = False
        left = {view: seconds - self._interval for view, seconds in self._views.items()}
        self._views = {view: seconds for view, seconds in left.items() if seconds > 0}
        if not self._views:
            _sampler.forget(self)


class _Sampler:
    """One thread that reads memory for all bars, alive only while one of them is watched."""

    def __init__(self) -> None:
        self._due: dict[MemoryBar, float] = {}
        self._changed = threading.Condition()
        self._running = False

    def watch(self, bar: MemoryBar) -> None:
        with self._changed:
            self._due[bar] = 0.0
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="zimg-memory", daemon=True).start()
            self._changed.notify()

    def forget(self, bar: MemoryBar) -> None:
        with self._changed:
            self._due.pop(bar, None)
            self._changed.notify()

    def _run(self) -> None:
        while bars := self._wait():
            read: dict[int, list[Reading]] = {}  # once for all bars of an engine
            for bar in bars:
                try:
                    if id(bar.engine) not in read:
                        read[id(bar.engine)] = bar._read()
                    bar._tick(read[id(bar.engine)])
                except Exception:  # closed this moment, by its cell or with its loop
                    self.forget(bar)

    def _wait(self) -> list[MemoryBar]:
        """Wait for the next bars whose time has come; none are left when it returns none."""
        with self._changed:
            while self._due:
                now = time.monotonic()
                bars = [bar for bar, due in self._due.items() if due <= now]
                if bars:
                    self._due.update({bar: now + bar.interval for bar in bars})
                    return bars
                self._changed.wait(min(self._due.values()) - now)
            self._running = False
            return []


_sampler = _Sampler()


def _gb(size: int) -> str:
    """Return bytes as GB (10^9, as everywhere in the workbench), for people."""
    gigabytes = size / 1e9
    return f"{gigabytes:.1f}" if gigabytes < 9.95 else f"{gigabytes:.0f}"


def _checked(seconds: float) -> float:
    number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not number or not _SHORTEST <= seconds <= _LONGEST:
        raise BadInput(
            f"interval cannot be {seconds!r}: it is the seconds between two readings, "
            f"{_SHORTEST:g} to {_LONGEST:g}.",
            code="out-of-range",
            field="interval",
        )
    return float(seconds)
