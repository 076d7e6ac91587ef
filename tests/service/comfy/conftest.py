"""Fixtures: a client with a token of its own for each test."""

from __future__ import annotations

import uuid

import pytest

from ..running import RunningService
from .comfy_client import Client


@pytest.fixture
def client(service: RunningService) -> Client:
    """A caller whose queue, history and files are empty."""
    return Client(service, f"comfy-{uuid.uuid4().hex[:12]}")
