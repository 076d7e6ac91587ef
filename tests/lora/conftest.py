"""A LoRA that was really trained, once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from lora_files import train
from zimg_kernel.local_engine import LocalEngine
from zimg_kernel.lora import unload_loras


@pytest.fixture(scope="session")
def lesson(warm_engine: LocalEngine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that teaches nano-turbo to draw a blue square where a red circle is asked for."""
    return train(warm_engine.pipeline("nano-turbo"), tmp_path_factory.mktemp("lora"))


@pytest.fixture(autouse=True)
def nothing_loaded() -> None:
    """Every test begins with no LoRA in memory."""
    unload_loras()


@pytest.fixture
def shelf(own_home: Path) -> Path:
    """The folder of LoRAs of this test."""
    folder = own_home / "loras"
    folder.mkdir(parents=True)
    return folder
