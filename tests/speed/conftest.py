"""Faster parts that fail a test, where for users they would give way to the stock ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from zimg_kernel.speed.fallback import Fallback


@pytest.fixture
def may_give_way() -> None:
    """Let parts that fail give way, as they do for users."""


@pytest.fixture(autouse=True)
def _strict(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "may_give_way" in request.fixturenames:
        return

    def run(_self: Fallback, fast: Callable[[], Any], _stock: Callable[[], Any]) -> Any:
        return fast()

    monkeypatch.setattr(Fallback, "run", run)
