"""A transformer split over two processes agrees with stock, and outlives the second one."""

from __future__ import annotations

import copy
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch

from refusals import refused
from small_transformer import caption, latents, make_transformer
from zimg_kernel.speed.forward import FastForward

CPU = torch.device("cpu")
CASES = {
    "one": ([(16, 16)], [20]),
    "tokens that need padding": ([(10, 14)], [33]),
    "unequal prompts": ([(16, 16)] * 3, [7, 40, 9]),
    "unequal sizes": ([(16, 16), (8, 24)], [7, 40]),
}

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Any, FastForward]]:
    stock = make_transformer()
    fast = FastForward(copy.deepcopy(stock), CPU)
    fast.split_with(CPU)
    assert fast.split is not None
    yield stock, fast
    fast.remove()
    assert fast.split.partner.process.returncode == 0


def _predict(module: Any, case: str, dtype: torch.dtype = torch.float32) -> Any:
    sizes, tokens = CASES[case]
    x = [latents(*size, seed=i).to(dtype) for i, size in enumerate(sizes)]
    texts = [caption(count, seed=9 + i).to(dtype) for i, count in enumerate(tokens)]
    with torch.inference_mode():
        return module(x, torch.full((len(x),), 0.3), texts, return_dict=False)[0]


@pytest.mark.parametrize("case", CASES)
def test_same_prediction(pair: tuple[Any, FastForward], case: str) -> None:
    stock, fast = pair
    expected = _predict(stock, case)
    for _ in range(2):
        for a, b in zip(expected, _predict(fast.module, case), strict=True):
            assert (a - b).abs().max() <= 1e-4 * a.abs().max()
    assert fast.split is not None
    assert not fast.split.partner.lost
    assert fast.split._shapes


def test_fp8_is_near_the_whole() -> None:
    stock = make_transformer()
    fast = FastForward(copy.deepcopy(stock).to(torch.bfloat16), CPU, fp8=True)
    fast.split_with(CPU)
    expected = _predict(stock, "one")[0]
    found = _predict(fast.module, "one", torch.bfloat16)[0]
    assert fast.split is not None
    assert not fast.split.partner.lost
    fast.remove()
    assert (found - expected).norm() <= 0.15 * expected.norm()


def test_the_first_goes_on_without_the_second(caplog: pytest.LogCaptureFixture) -> None:
    stock = make_transformer()
    fast = FastForward(copy.deepcopy(stock), CPU)
    fast.split_with(CPU)
    assert fast.split is not None
    expected = _predict(stock, "one")[0]
    _predict(fast.module, "one")
    fast.split.partner.process.send_signal(signal.SIGKILL)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            found = _predict(fast.module, "one")[0]
            assert (found - expected).abs().max() <= 1e-4 * expected.abs().max()
    said = [one for one in caplog.records if "second card" in one.message]
    assert len(said) == 1
    assert fast.split.partner.lost


def test_steps_that_trust_are_known_to_be_wrong() -> None:
    fast = FastForward(make_transformer(), CPU)
    fast.split_with(CPU)
    assert fast.split is not None
    assert fast.split.held()
    fast.split.trusting = True
    _predict(fast.module, "one")
    assert fast.split.held()
    _predict(fast.module, "one")
    fast.split.partner.process.kill()
    fast.split.partner.process.wait(60)
    end = time.monotonic() + 120
    while not fast.split.partner.lost and time.monotonic() < end:
        time.sleep(0.05)
    assert not fast.split.held()
    assert fast.split.held()
    fast.remove()


_PROGRAM = """
import sys, time, torch
from refusals import refused
from small_transformer import make_transformer
from zimg_kernel.speed.forward import FastForward
fast = FastForward(make_transformer(), torch.device("cpu"))
fast.split_with(torch.device("cpu"))
print(fast.split.partner.process.pid, flush=True)
if "stay" in sys.argv:
    time.sleep(600)
"""


@pytest.mark.parametrize("killed", [True, False], ids=["killed", "at its end"])
def test_the_second_ends_with_the_first(killed: bool) -> None:
    paths = [str(Path(__file__).parents[1]), *(path for path in sys.path if path)]
    first = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, "stay" if killed else "end"],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
    assert first.stdout is not None
    second = psutil.Process(int(first.stdout.readline()))
    if killed:
        first.kill()
    assert first.wait(60) == (-signal.SIGKILL if killed else 0)
    end = time.monotonic() + 120
    while second.is_running() and second.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_odd_heads_are_refused() -> None:
    fast = FastForward(make_transformer(n_heads=1, n_kv_heads=1, dim=32), CPU)
    with refused("profile-not-possible", "split"):
        fast.split_with(CPU)
