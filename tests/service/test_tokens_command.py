"""Tokens made, listed and removed by ``zimg serve token``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from refusals import refused
from zimg_kernel.cli.command import cli
from zimg_kernel.service.tokens import PREFIX


def _zimg(*words: str) -> str:
    return CliRunner().invoke(cli, ["serve", *words], catch_exceptions=False).output


@pytest.mark.usefixtures("own_home")
def test_tokens_are_made_listed_and_removed() -> None:
    assert _zimg("token", "add", "alice", "--rate", "5").startswith(PREFIX)
    listed = json.loads(_zimg("token", "list", "--json"))
    assert [(one["name"], one["pictures"]) for one in listed] == [("alice", 0)]
    _zimg("token", "add", "boss", "--pictures-per-day", "7", "--admin")
    lines = _zimg("token", "list").splitlines()
    assert lines[0].endswith("0.00 Wh today; 5 requests a minute")
    assert lines[1].startswith("boss\t0 of 7 pictures, ")
    assert lines[1].endswith("; sees what all have used")
    _zimg("token", "remove", "boss")
    _zimg("token", "remove", "alice")
    assert json.loads(_zimg("token", "list", "--json")) == []


def test_others_are_not_served_without_a_token(own_home: Path, as_default: object) -> None:
    with refused("no-token", "host"):
        CliRunner().invoke(
            cli, ["serve", "--host", "0.0.0.0", "--port", "0"], catch_exceptions=False
        )
