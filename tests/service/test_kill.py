"""The end of the service's process: what was accepted is drawn, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from .killing import ask_kill_and_ask_again


@pytest.mark.slow
def test_killed_it_draws_what_it_owes_once_and_ended_it_answers_who_waits(tmp_path: Path) -> None:
    found = ask_kill_and_ask_again(tmp_path, clients=6, before=2)
    assert found["answered_first"] < 6
    assert (found["answered"], found["pictures"]) == (6, 6)
    assert (found["wrong"], found["drawn_twice"]) == ([], [])
    assert found["answered_at_the_end"] == 200
