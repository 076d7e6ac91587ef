"""Our own service in the place of a ComfyUI server, over the miniature."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from pathlib import Path

from tests.service.running import RunningService
from zimg_kernel.comfy_client import ComfyEngine
from zimg_kernel.gallery.gallery import Gallery


class ComfyService:
    """A service, started when it is first needed; each engine has a token of its own.

    What one engine had drawn, another one has drawn anew.
    """

    def __init__(self) -> None:
        self._running: RunningService | None = None
        self._home = ""
        self._numbers = itertools.count()

    @property
    def running(self) -> RunningService:
        """The service; it runs then."""
        if self._running is None:
            self._home = tempfile.mkdtemp(prefix="zimg-comfy-")
            self._running = RunningService(Path(self._home), tokens=("first",)).__enter__()
        return self._running

    def engine(self, folder: Path | None) -> ComfyEngine:
        """Return an engine that draws there, with a gallery in this folder."""
        token = self.running.context.tokens.add(f"engine-{next(self._numbers)}")
        gallery = Gallery(folder) if folder else None
        return ComfyEngine(self.running.url, token, gallery=gallery)

    def stop(self) -> None:
        """End the service, if it was started."""
        if self._running is not None:
            self._running.__exit__()
            shutil.rmtree(self._home, ignore_errors=True)
            self._running = None
