"""A running service of a test: a real server in a thread, over an engine with the miniature."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import requests

from zimg_kernel.engine.local import LocalEngine
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.gallery import Gallery
from zimg_kernel.service.context import ServiceContext
from zimg_kernel.service.options import ServiceOptions
from zimg_kernel.service.server import Server, address_of, bind


class RunningService:
    """A service on a free port of this machine, up within a ``with`` block.

    Parameters
    ----------
    folder : Path
        Of its gallery, unless an engine is given, and of its tokens and logs.
    engine : Engine, optional
    tokens : iterable of str
        Names of tokens to make; :attr:`token` is the first one's.
    **options
        Of :class:`ServiceOptions`.
    """

    def __init__(
        self, folder: Path, engine: Engine | None = None, tokens: tuple[str, ...] = (),
        **options: Any,
    ) -> None:  # fmt: skip
        self._own = LocalEngine(Gallery(folder / "gallery")) if engine is None else None
        self.engine: Engine = engine or self._own  # type: ignore[assignment]
        # The first picture imports torch, which a busy machine takes long for.
        self.options = ServiceOptions(
            **{"port": 0, "folder": folder / "service", "time_limit": 120.0, **options}
        )
        self.context = ServiceContext(self.engine, self.options)
        self.secrets = {name: self.context.tokens.add(name) for name in tokens}
        self.token = next(iter(self.secrets.values()), "")

    def __enter__(self) -> RunningService:
        listening = bind(self.options, bool(self.secrets))
        self.url = address_of(listening)
        self.port = listening.getsockname()[1]
        self.server = Server(self.context)
        self._thread = threading.Thread(
            target=self.server.run, kwargs={"sockets": [listening]}, daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + 120
        while not self.server.started:
            assert time.monotonic() < deadline
            assert self._thread.is_alive()
            time.sleep(0.01)
        return self

    def __exit__(self, *error: object) -> None:
        self.server.should_exit = True
        self._thread.join(60)
        assert not self._thread.is_alive()
        if self._own is not None:
            self._own.close()

    @property
    def headers(self) -> dict[str, str]:
        """What lets a client in."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def get(self, path: str, **more: Any) -> requests.Response:
        return requests.get(self.url + path, headers=self.headers, timeout=120, **more)

    def post(self, path: str, **more: Any) -> requests.Response:
        return requests.post(self.url + path, headers=self.headers, timeout=120, **more)
