"""The memory bar: what it reads, when, and that it costs nothing that matters."""

from __future__ import annotations

import asyncio
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from refusals import refused
from zimg_kernel.engine import resources
from zimg_widgets.memory import widget as memory_bar
from zimg_widgets.memory.widget import MemoryBar, Reading, read_memory


@pytest.fixture
def bar() -> Iterator[MemoryBar]:
    bar = MemoryBar(interval=0.2)
    yield bar
    bar.close()


def look(bar: MemoryBar, watching: bool = True, view: str = "one") -> None:
    bar._on_message(bar, {"view": view, "watching": watching}, [])


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def threads() -> int:
    return sum(thread.name == "zimg-memory" for thread in threading.enumerate())


def test_it_reads_this_process_and_the_computer() -> None:
    (ram,) = (reading for reading in read_memory() if reading.name == "RAM")
    assert 10e6 < ram.own <= ram.used <= ram.total
    kept = bytearray(200_000_000)
    kept[::4096] = b"x" * len(kept[::4096])
    assert read_memory()[-1].own - ram.own > 150e6


def test_a_reading_takes_less_than_two_milliseconds() -> None:
    seconds = []
    for _ in range(200):
        start = time.thread_time()  # other processes may have the processor meanwhile
        read_memory()
        seconds.append(time.thread_time() - start)
    print(f"a reading takes {1000 * statistics.median(seconds):.3f} ms")
    assert statistics.median(seconds) < 0.002


def test_gpus_are_shown_once_this_process_uses_them(monkeypatch: pytest.MonkeyPatch) -> None:
    reserved = [0, 0]
    asked: list[int] = []

    def mem_get_info(index: int) -> tuple[int, int]:
        asked.append(index)
        return 60_000_000_000, 80_000_000_000

    cuda = SimpleNamespace(
        is_initialized=lambda: True,
        device_count=lambda: 2,
        memory_reserved=lambda index: reserved[index],
        mem_get_info=mem_get_info,
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    monkeypatch.setattr(resources, "_gpus_met", set())
    assert [reading.name for reading in read_memory()] == ["RAM"]
    assert asked == []  # asking would start CUDA on a GPU that nobody uses
    reserved[1] = 5_000_000_000
    gpu, _ = read_memory()
    assert gpu == Reading("GPU", 5_000_000_000, 20_000_000_000, 80_000_000_000)
    reserved[:] = [1, 0]
    assert [reading.name for reading in read_memory()] == ["GPU 0", "GPU 1", "RAM"]
    assert asked == [1, 0, 1]


def test_torch_that_is_still_being_imported_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace())
    assert [reading.name for reading in read_memory()] == ["RAM"]


def test_its_words_say_the_numbers(bar: MemoryBar) -> None:
    bar.show([Reading("GPU 1", int(2e9), int(3.12e9), int(24e9))])
    (row,) = bar.reading["rows"]
    assert row["name"] == "GPU 1"
    assert row["label"] == "GPU 1: 3.1 of 24 GB"
    assert row["parts"] == ["this process 2.0 GB", "others 1.1 GB", "free 21 GB"]
    assert bar.to_static_html() == (
        "<p>GPU 1: 3.1 of 24 GB · this process 2.0 GB · others 1.1 GB · free 21 GB</p>"
    )
    assert "内存" in MemoryBar(language="zh").to_static_html()


def test_it_reads_only_while_a_page_looks(bar: MemoryBar) -> None:
    wait_for(lambda: threads() == 0)  # that of another test may be ending
    first = bar.reading["at"]
    assert not bar.watched
    look(bar, view="one")
    look(bar, view="two")
    wait_for(lambda: bar.reading["at"] > first)
    assert (threads(), bar.watched) == (1, True)
    look(bar, watching=False, view="one")
    assert bar.watched
    look(bar, watching=False, view="two")
    wait_for(lambda: threads() == 0)
    look(bar)
    assert threads() == 1
    bar.close()
    wait_for(lambda: threads() == 0)


def test_all_bars_share_one_thread(bar: MemoryBar) -> None:
    other = MemoryBar(interval=0.3)
    look(bar)
    look(other)
    times = (bar.reading["at"], other.reading["at"])
    wait_for(lambda: bar.reading["at"] > times[0] and other.reading["at"] > times[1])
    assert threads() == 1
    other.close()
    then = bar.reading["at"]
    wait_for(lambda: bar.reading["at"] > then)


def test_a_bar_that_fails_does_not_stop_the_others(
    bar: MemoryBar, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(readings: Any) -> None:
        raise RuntimeError("Event loop is closed")

    other = MemoryBar(interval=0.2)
    monkeypatch.setattr(other, "_tick", fail)
    look(other)
    look(bar)
    then = bar.reading["at"]
    wait_for(lambda: bar.reading["at"] > then + 0.3)


def test_a_page_that_died_is_forgotten_but_not_while_the_kernel_is_busy(
    bar: MemoryBar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_bar, "PATIENCE", 0.5)

    async def kernel() -> None:
        look(bar)
        then = bar.reading["at"]
        wait_for(lambda: bar.reading["at"] > then + 1)  # a cell runs: no page could be heard
        assert bar.watched
        while bar.watched:
            await asyncio.sleep(0.05)

    # In a thread of its own: in this one the browser tests may have left a loop.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, kernel()).result(120)
    wait_for(lambda: threads() == 0)


def test_the_interval_can_be_set(bar: MemoryBar) -> None:
    bar.interval = 600
    first = bar.reading["at"]
    look(bar)
    wait_for(lambda: bar.reading["at"] > first)
    then = bar.reading["at"]
    bar.interval = 0.2
    wait_for(lambda: bar.reading["at"] > then)
    assert bar.reading["every"] == 0.2


@pytest.mark.parametrize("interval", [0, -1, 1e9, "2", None, True, float("nan")])
def test_a_wrong_interval_is_one_sentence(interval: Any, bar: MemoryBar) -> None:
    with refused("out-of-range", "interval"):
        MemoryBar(interval=interval)
    with refused("out-of-range", "interval"):
        bar.interval = interval
    assert bar.interval == 0.2
