"""Messages of exceptions and warnings: each has a code, all wordings are kept in one file."""

from __future__ import annotations

import re

import yaml

from messages import SNAPSHOT, messages, snapshot


def test_every_refusal_names_its_problem_by_a_code() -> None:
    for message in messages():
        if message.kind in ("BadInput", "ZimgError", "ZimgWarning"):
            assert message.code is not None, f"{message.place}: {message.kind} without a code"
        if message.code:  # a computed one is that of the error behind it
            assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", message.code), message.place


def test_wordings_are_those_of_the_snapshot() -> None:
    """After a change on purpose: ``python tests/messages.py``, and look at the difference."""
    assert snapshot() == yaml.safe_load(SNAPSHOT.read_text(encoding="utf-8"))
