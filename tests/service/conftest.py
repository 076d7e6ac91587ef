"""Fixtures of a running service, one for all tests that only ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from zimg_kernel.engine.local import LocalEngine
from zimg_kernel.gallery import Gallery

from .running import RunningService


@pytest.fixture(scope="session")
def service_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngine]:
    """An engine with a gallery of its own, for the services of all tests."""
    engine = LocalEngine(Gallery(tmp_path_factory.mktemp("service") / "gallery"))
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def service(
    service_engine: LocalEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningService]:
    """A service with a token, over the miniature."""
    folder = tmp_path_factory.mktemp("service-state")
    with RunningService(folder, service_engine, tokens=("alice", "bob")) as running:
        yield running
