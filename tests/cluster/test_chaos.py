"""A small chaos: every process is killed once, and once all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from .chaos import run_chaos
from .running import RunningEngine

pytestmark = pytest.mark.slow


def test_no_picture_is_lost_or_drawn_twice(tmp_path: Path) -> None:
    with RunningEngine(tmp_path) as engine:
        result = run_chaos(engine, requests=30, clients=3, kills=5, together=1)
    assert result.problems == []
    assert len(result.told) == 30
    assert any(one["edit"] for one in result.told)
