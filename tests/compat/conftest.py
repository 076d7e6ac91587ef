"""Fixtures for what earlier versions have left: a user's home, and the default engine in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import zimg_kernel as zimg
from compat.drawing import DATA, HOME

collect_ignore = ["data"]  # the user's notebook there is run by a test


@pytest.fixture
def home(own_home: Path) -> Path:
    """A copy of a user's folder, written by version 0.1.0, as the home of this test."""
    shutil.copytree(DATA / "home", own_home)
    for path in own_home.rglob("*.json"):
        text = path.read_text(encoding="utf-8")
        if HOME in text:
            path.write_text(text.replace(HOME, str(own_home)), encoding="utf-8")
    return own_home


@pytest.fixture
def gallery(home: Path) -> Iterator[zimg.Gallery]:
    """The user's gallery, into which the default engine draws."""
    engine = zimg.default_engine()
    before = engine.gallery
    yield zimg.use_gallery(home / "gallery")
    engine.gallery = before
