"""Cold starts: a new Python process that imports, loads, and draws two pictures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from zimg_kernel.errors import ZimgError
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.models.catalog import get_card

from .competitor import Answer, Competitor, Request

_PROGRAM = """
import json, sys, time
marks = {"began": time.time()}
clock = time.perf_counter
start = clock()
from zimg_kernel import Gallery, GenerationParams, LocalEngine
import diffusers, torch, transformers
marks["imports"] = clock() - start
given = json.loads(sys.argv[1])
params = GenerationParams.from_dict(given["params"])
engine = LocalEngine(Gallery(given["folder"]))
start = clock()
engine.pipeline(params.model)
marks["model_load"] = clock() - start
for name in ("first", "second"):
    start = clock()
    image = engine.submit(params, preview="none").result()
    marks[name] = clock() - start
marks["path"] = str(image.path)
marks["params"] = image.params.model_dump(mode="json")
print("\\n" + json.dumps(marks))
"""


class ColdCompetitor(Competitor):
    """One model, each time in a process of its own.

    The files of weights and libraries are in the system's cache from the second time on: nothing
    but a restart of the machine would take them out.

    Parameters
    ----------
    model : str
        Its id.
    """

    kind = "process"
    in_process = False

    def __init__(self, model: str) -> None:
        self.card = get_card(model)
        self.name = f"cold:{self.card.id}"
        self._process: subprocess.Popen[str] | None = None

    def draw(self, request: Request) -> Answer:
        """Start a process, and return when it has drawn two pictures and ended."""
        params = {"prompt": "", **request.params, "model": self.card.id}
        given = json.dumps({"params": params, "folder": str(request.folder / "cold")})
        began = time.time()
        self._process = subprocess.Popen(  # noqa: S603  # this Python, our own program
            [sys.executable, "-c", _PROGRAM, given],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        peak = _MemoryWatch(self._process.pid)
        out, err = self._process.communicate()
        ended = time.time()
        if self._process.returncode:
            reason = (err.strip().splitlines() or ["no reason given"])[-1]
            raise ZimgError(
                f"The process of {self.card.title} ended with {self._process.returncode}: {reason}",
                code="process-failed",
                field="model",
            )
        marks: dict[str, Any] = json.loads(out.strip().splitlines()[-1])
        times = {name: marks[name] for name in ("imports", "model_load", "first", "second")}
        times["start"] = max(0.0, marks["began"] - began)
        times["total"] = ended - began
        picture = GeneratedImage.open(marks["path"])
        return Answer(
            images=[picture.image], times=times, resources=peak.figures(),
            params=marks["params"], path=Path(marks["path"]),
        )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        """Return the model."""
        return {"model": self.card.id, "title": f"{self.card.title}, cold"}

    def cancel(self) -> None:
        """End the process."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()


class _MemoryWatch:
    """Thread that notes the most RAM of another process."""

    def __init__(self, pid: int) -> None:
        import psutil

        self._process, self._gone = psutil.Process(pid), psutil.Error
        self._most = 0
        threading.Thread(target=self._work, name="zimg-watch", daemon=True).start()

    def _work(self) -> None:
        try:
            while self._process.is_running():
                self._most = max(self._most, self._process.memory_info().rss)
                time.sleep(0.1)
        except self._gone:
            return

    def figures(self) -> dict[str, float]:
        """Return the figures that stand for those of the measuring process."""
        return {"ram_peak": round(self._most / 1e9, 4)} if self._most else {}
