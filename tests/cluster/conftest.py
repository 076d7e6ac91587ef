"""Fixtures of a shared engine in this test's own home; nothing of it stays behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import surroundings

from .running import RunningEngine


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    """A shared engine with two workers, for all tests of a file."""
    engine = RunningEngine(tmp_path_factory.mktemp("engine"), workers=2)
    with engine:
        yield engine


@pytest.fixture
def at_home(running: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> RunningEngine:
    """The shared engine as that of this process's home."""
    for name in surroundings.folders(running.home):
        monkeypatch.setenv(name, running.environment[name])
    return running
