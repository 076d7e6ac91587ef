"""Versions of the software that decides a picture's pixels."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

_SOFTWARE = ("zimg-workbench", "torch", "diffusers", "transformers")


@lru_cache(maxsize=1)
def software_versions() -> dict[str, str]:
    """Return the versions of what decides a picture's pixels."""
    found = {}
    for name in _SOFTWARE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
