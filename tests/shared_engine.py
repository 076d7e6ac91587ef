"""Shared engine of the tests: real processes with a scheduler behind TLS, started once."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from zimg_kernel.cluster.client import ClusterEngine
from zimg_kernel.cluster.control import start_engine, stop_engine
from zimg_kernel.cluster.options import Options
from zimg_kernel.cluster.place import Place
from zimg_kernel.gallery.gallery import Gallery


class SharedEngine:
    """An engine in a home of its own, started when it is first needed.

    Parameters
    ----------
    options : Options
    """

    def __init__(self, options: Options | None = None) -> None:
        self._options = options or Options(workers=1)
        self._place: Place | None = None
        self._home = ""

    @property
    def place(self) -> Place:
        """Where it is; it runs then."""
        if self._place is None:
            self._home = tempfile.mkdtemp(prefix="zimg-shared-")
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("ZIMG_HOME", self._home)
                self._place = start_engine(self._options)
        return self._place

    def client(self, folder: Path | None, user: str = "") -> ClusterEngine:
        """Return a client with a gallery in this folder."""
        return ClusterEngine(self.place, Gallery(folder) if folder else None, user)

    def stop(self) -> None:
        """End its processes, if it was started, and remove its home."""
        if self._place is not None:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("ZIMG_HOME", self._home)
                stop_engine()
            shutil.rmtree(self._home, ignore_errors=True)
            self._place = None
