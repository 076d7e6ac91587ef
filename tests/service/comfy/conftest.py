"""Fixtures: a client with a token of its own for each test."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from ..running import RunningService
from .comfy_client import Client


@pytest.fixture
def client(service: RunningService, tmp_path: Path) -> Client:
    """A caller whose queue, history and files are empty."""
    return Client(service, f"comfy-{uuid.uuid4().hex[:12]}", tmp_path)
