"""A small chaos: the service is killed while clients draw, then all processes at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from .chaos import run_chaos
from .running import RunningEngine

pytestmark = pytest.mark.slow


def test_no_picture_is_lost_or_drawn_twice(tmp_path: Path) -> None:
    with RunningEngine(tmp_path) as engine:
        result = run_chaos(engine, requests=14, clients=2, kills=2, together=1, seed=1)
    assert result.problems == []
    assert len(result.told) == 14
    assert any(one["edit"] for one in result.told)
