"""A model of full size (random weights) for the tests on a GPU."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from full_size_model import write


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of full size: the one that ZIMG_FULL_SIZE names, or one written here."""
    there = os.environ.get("ZIMG_FULL_SIZE")
    return Path(there) if there else write(tmp_path_factory.mktemp("models") / "turbo")
