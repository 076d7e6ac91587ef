"""Damaged and odd headers of LoRA files: always a report or a refusal, soon."""

from __future__ import annotations

import json
import random
import struct
import time
from pathlib import Path
from typing import Any

import pytest

from refusals import refused
from zimg_kernel import BadInput, ZimgError
from zimg_kernel.lora import inspect_lora, list_loras

ODD: tuple[Any, ...] = (
    None, -1, 0, 2**70, 1.5, "", "x" * 300, [], {}, [[1]], [None], ["4", 288], True, "F8_E4M3",
    "\ud800", [10**12, 10**12], [-4, 288],
)  # fmt: skip
ENDS = ("lora_A.weight", "lora_B.weight", "alpha", "lokr_w1", "lokr_w2_a", "hada_w1_a", "diff", "")


def header(dice: random.Random) -> dict[str, Any]:
    """Return a right header of some layers, then changed in a few places."""
    found: dict[str, Any] = {
        "__metadata__": {"ss_network_alpha": "4", "lora_adapter_metadata": '{"transformer.r": 4}'}
    }
    for number in range(dice.randrange(1, 5)):
        for end in dice.sample(ENDS, 3):
            shape = [4, 288] if "A" in end else [288, 4]
            key = f"diffusion_model.layers.{number}.attention.to_q.{end}"
            found[key] = {"dtype": "F32", "shape": shape, "data_offsets": [0, 4608]}
    for _ in range(dice.randrange(1, 4)):
        key = dice.choice(list(found))
        entry = found[key]
        if isinstance(entry, dict) and entry and dice.random() < 0.7:
            entry[dice.choice(list(entry))] = dice.choice(ODD)
        else:
            found[key] = dice.choice(ODD)
    return found


def data(dice: random.Random) -> bytes:
    """Return the bytes of a file with such a header, at times cut or with bytes changed."""
    text = bytearray(json.dumps(header(dice)).encode())
    if dice.random() < 0.3:
        text[dice.randrange(len(text))] = dice.randrange(256)
    length = len(text) if dice.random() < 0.9 else dice.choice((0, 1, 2**40, 2**63, len(text) + 9))
    whole = struct.pack("<Q", length) + bytes(text) + bytes(4608)
    return whole[: dice.randrange(len(whole))] if dice.random() < 0.1 else whole


@pytest.mark.parametrize("seed", range(3))
def test_changed_headers_are_reported_or_refused(shelf: Path, seed: int, engine: object) -> None:
    dice = random.Random(seed)
    path = shelf / "odd.safetensors"
    codes: set[str] = set()
    for _ in range(150):
        path.write_bytes(data(dice))
        began = time.thread_time()
        for model in (None, "nano-turbo"):
            try:
                report = inspect_lora(path, model)
            except (BadInput, ZimgError) as error:
                codes.add(error.code)
            else:
                assert str(report)
                json.dumps(report.to_dict())
        assert len(str(list_loras()).splitlines()) == 2
        assert time.thread_time() - began < 3
    assert codes <= {"damaged-lora", "not-a-lora"}


@pytest.mark.parametrize("offsets", [[], [4], [0, 4, 4], None, "04"])
def test_a_place_that_is_no_pair_is_damage(shelf: Path, offsets: Any) -> None:
    name = "diffusion_model.layers.0.attention.to_q.lora_up.weight"
    entries = {
        name.replace("up", "down"): {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
        name: {"dtype": "F32", "shape": [1], "data_offsets": offsets},
    }
    text = json.dumps(entries).encode()
    (shelf / "odd.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + bytes(4))
    with refused("damaged-lora"):
        inspect_lora("odd")
