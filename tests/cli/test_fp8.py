"""``zimg pull --fp8``, and what the other commands tell of its file."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from zimg_kernel import get_card
from zimg_kernel.models.fp8_file import fp8_path


def test_pull_makes_it_and_models_and_doctor_name_it(zimg: Callable[..., Any]) -> None:
    zimg("pull", "nano-turbo", "--fp8")
    path = fp8_path(get_card("nano-turbo"))
    assert path.is_file()
    rows = json.loads(zimg("models", "--json").stdout)
    assert {row["id"]: row["fp8"] for row in rows if row["fp8"]} == {"nano-turbo": "ready"}
    assert "(with fp8 file)" in zimg("models").stdout
    told = json.loads(zimg("doctor", "--json").stdout)
    assert told["models"]["nano-turbo"] == "ready, with fp8 file"
    path.write_bytes(path.read_bytes()[:-1])
    told = json.loads(zimg("doctor", "--json").stdout)
    assert told["models"]["nano-turbo"] == "ready, fp8 file of other weights"
    assert any("zimg pull nano-turbo --fp8" in line for line in told["fix"])
