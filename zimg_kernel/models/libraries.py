"""Import of the libraries that pipelines are made of."""

from __future__ import annotations

import importlib.metadata
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property

_LOCK = threading.Lock()  # the engine imports in one thread while another one loads a model


def import_libraries() -> None:
    """Import diffusers and transformers, which takes seconds, where they are not imported yet."""
    with _LOCK, asked_for_when_needed():
        import diffusers  # noqa: F401
        import transformers  # noqa: F401


@contextmanager
def asked_for_when_needed() -> Iterator[None]:
    """Meanwhile, let the list of all installed packages be made when somebody looks into it.

    diffusers 0.42 makes it at its import, and reads for it the list of files of every package of
    the environment, whichever it is: 0.5 s of CPU time with 250 packages. It looks into it for
    three of them alone (optimum, flashinfer, modelopt), and only where they are installed.
    """
    true = importlib.metadata.packages_distributions
    importlib.metadata.packages_distributions = lambda: _Packages(true)
    try:
        yield
    finally:
        importlib.metadata.packages_distributions = true


class _Packages(Mapping[str, list[str]]):
    """Distributions by importable names, read at the first look."""

    def __init__(self, read: Callable[[], Mapping[str, list[str]]]) -> None:
        self._read = read

    @cached_property
    def _found(self) -> Mapping[str, list[str]]:
        return self._read()

    def __getitem__(self, name: str) -> list[str]:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)
