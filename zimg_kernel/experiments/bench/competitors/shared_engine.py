"""Models of the catalogue, drawn by the engine that a user's processes share (``zimg up``)."""

from __future__ import annotations

import importlib
from typing import Any

from zimg_kernel.errors import BadInput
from zimg_kernel.gallery.gallery import Gallery

from .competitor import Answer, Request
from .engine import EngineCompetitor, environment_of

# By name: that room stands beside this one, and is absent from what it imports.
_ATTACH = "zimg_kernel.cluster.attach"


class SharedEngineCompetitor(EngineCompetitor):
    """One model on the shared engine: the way through its queue and its processes is measured.

    Parameters
    ----------
    model : str
        Its id.

    Raises
    ------
    BadInput
        No shared engine runs, or one with other settings.
    """

    def __init__(self, model: str) -> None:
        try:
            with environment_of({"ZIMG_ENGINE": "cluster"}):
                self._client: Any = importlib.import_module(_ATTACH).attach(None)
        except BadInput:
            raise BadInput(
                f"cluster:{model} is drawn by the shared engine of zimg up, and none that suits "
                "this process runs: see zimg status, or leave it out.",
                code="no-engine",
                field="model",
            ) from None
        super().__init__(model, self._client)
        self.name = f"cluster:{self.card.id}"

    def draw(self, request: Request) -> Answer:
        """Draw, into a gallery beside the result."""
        if self._client.gallery is None:
            self._client.gallery = Gallery(request.folder.parent / "gallery")
        with environment_of({"ZIMG_REUSE": "0"}):  # jobs take pictures that are there already
            return super().draw(request)

    def close(self) -> None:
        """End the connection."""
        self._client.close()
