"""Answers beside those of ComfyUI 0.3.64, recorded by ``tests/benchmarks/comfy_answers.py``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .asker import Asker
from .comfy_client import Client
from .exchanges import EXCHANGES
from .laid_beside import differences, normal, reason

RECORDED = json.loads(Path(__file__).with_name("recorded_0_3_64.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXCHANGES)
def test_the_answer_is_comfyuis_or_differs_for_a_reason(client: Client, name: str) -> None:
    answer = normal(EXCHANGES[name](Asker(client.url, client.token)))
    found = differences(RECORDED[name], answer)
    assert [line for line in found if not reason(name, line)] == []
