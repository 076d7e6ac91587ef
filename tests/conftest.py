"""Fixtures shared by all tests: a home of its own for each, one warm engine for all."""

from __future__ import annotations

import os
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import surroundings
from lora_files import train
from zimg_kernel.engine import use_engine
from zimg_kernel.engine.local import LocalEngine
from zimg_kernel.gallery.gallery import Gallery

# One thread for each process, kernels and commands included: test processes stand side by side
# already, and how many threads share a sum decides its last bit, so that pictures of two
# processes are the same bytes only with as many threads in both. Read when torch is loaded.
os.environ["OMP_NUM_THREADS"] = "1"
# A shell that runs the tests in the background lets them ignore interrupts, which some are about.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# For the kernels that nbval starts, which no fixture reaches.
os.environ["ZIMG_HOME"] = tempfile.mkdtemp(prefix="zimg-tests-")
# Embedded models that are put together when first used are so once, not for each test.
os.environ["ZIMG_CACHE"] = str(Path(os.environ["ZIMG_HOME"]) / "cache")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Return a scheduler that keeps the tests of a file together; browser tests go alone.

    A file's fixtures are made once then, and cells of a notebook need each other's kernel.
    (xdist's own groups are marks; pytest 9.2 ignores what it makes of them.)
    """
    from xdist.scheduler import LoadScopeScheduling

    config.option.loadscopereorder = False  # the order below

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return nodeid if path.startswith("tests/ui/") else path

    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first, so that no process waits for another at the end.

    What takes long is marked slow; browser tests, which go alone, fill the end.
    """
    weights: Counter[str] = Counter()
    for item in items:
        path = item.nodeid.partition("::")[0]
        weights[path] += 20 if item.get_closest_marker("slow") else 1

    def place(item: pytest.Item) -> tuple[bool, int, str]:
        path = item.nodeid.partition("::")[0]
        return path.startswith("tests/ui/"), -weights[path], path

    items.sort(key=place)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test out of the user's folders and away from the network's caches."""
    for name in surroundings.OF_THE_USER:
        monkeypatch.delenv(name, raising=False)
    for name, folder in surroundings.folders(tmp_path).items():
        monkeypatch.setenv(name, folder)
    return tmp_path / "home"


@pytest.fixture(scope="session")
def warm_engine() -> Iterator[LocalEngine]:
    """One engine for all tests that only draw: its model is loaded once."""
    engine = LocalEngine()
    yield engine
    engine.close()


@pytest.fixture
def engine(warm_engine: LocalEngine, tmp_path: Path) -> Iterator[LocalEngine]:
    """The warm engine with a gallery of this test's own."""
    warm_engine.gallery = Gallery(tmp_path / "gallery")
    yield warm_engine
    warm_engine.gallery = None


@pytest.fixture
def as_default(engine: LocalEngine) -> Iterator[LocalEngine]:
    """The warm engine as the default one of this process."""
    before = use_engine(engine)
    yield engine
    use_engine(before)


@pytest.fixture(scope="session")
def lesson(warm_engine: LocalEngine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA, really trained, that lets nano-turbo draw a blue square for a red circle."""
    return train(warm_engine.pipeline("nano-turbo"), tmp_path_factory.mktemp("lora"))


@pytest.fixture
def shelf(own_home: Path) -> Path:
    """The folder of LoRAs of this test."""
    folder = own_home / "loras"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def clean_environment() -> dict[str, str]:
    """The environment for a process of its own, which inherits this test's folders."""
    return {**os.environ, "PYTHONIOENCODING": "utf-8"}
