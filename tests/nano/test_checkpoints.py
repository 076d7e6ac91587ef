"""Checkpoints of training: values only, nothing in one is run."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from refusals import refused
from zimg_kernel.nano.train import lesson


class Program:
    """Writes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.marker,)


@pytest.mark.parametrize(
    "save", [torch.save, lambda state, path: path.write_bytes(pickle.dumps(state))]
)
def test_a_program_in_a_checkpoint_is_not_run(tmp_path: Path, save: Any) -> None:
    marker = tmp_path / "marker"
    save({"losses": [(1, 1.0, 1.0)], "x": Program(marker)}, tmp_path / "base.pt")
    with refused("checkpoint-unreadable", "folder"):
        lesson.losses(tmp_path, "base")
    assert not marker.exists()


@pytest.mark.parametrize("content", [b"", b"PK\3\4 no checkpoint", b"\x80\x02]."])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "base.pt").write_bytes(content)
    with refused("checkpoint-unreadable", "folder"):
        lesson.losses(tmp_path, "base")


def test_a_run_is_read_and_taken_up_again(tmp_path: Path) -> None:
    lesson.train(tmp_path, seconds=4, stages="base")
    first = lesson.losses(tmp_path, "base")
    assert first
    assert first == lesson.losses(lesson.train(tmp_path, seconds=4, stages="base"), "base")
