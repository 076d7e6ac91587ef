"""A server as it was recorded, and an engine that draws at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.comfy_client.recorded_server import Faults, RecordedServer
from zimg_kernel import Gallery
from zimg_kernel.comfy_client import ComfyEngine


@pytest.fixture(scope="session")
def one_server() -> Iterator[RecordedServer]:
    made = RecordedServer()
    yield made
    made.close()


@pytest.fixture
def server(one_server: RecordedServer) -> RecordedServer:
    """The server, with nothing in its memory and without faults."""
    one_server.faults = Faults()
    one_server.stop()
    one_server.start()
    for kept in (one_server.posted, one_server.asked, one_server.interrupts, one_server.uploads):
        kept.clear()
    one_server.freed = 0
    return one_server


@pytest.fixture
def comfy(server: RecordedServer, tmp_path: Path) -> Iterator[ComfyEngine]:
    """An engine at this server, which may be away for a minute."""
    made = ComfyEngine(server.url, timeout=60, gallery=Gallery(tmp_path / "gallery"))
    yield made
    made.close()
