"""Load before a suite: that of other programs, and the process's own work."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.experiments.bench.competitors_for_tests import Clock, Painter, run
from zimg_kernel.experiments.bench.findings import find
from zimg_kernel.experiments.bench.own_load import OwnLoad

_WORK = "import time\nwhile time.process_time() < 0.5: pass"


@pytest.mark.parametrize(
    ("load", "own", "named"),
    [(1.6, 1.6, None), (1.6, 1.9, None), (1.6, 0.1, 1.5), (0.9, 0.0, None), (1.6, None, 1.6)],
)
def test_only_other_programs_make_a_machine_busy(
    load: float, own: float | None, named: float | None, tmp_path: Path
) -> None:
    clock = Clock()
    result = run(tmp_path, [Painter(clock)], rounds=1, clock=clock)
    result.environment |= {"load_before": load, "cores": 2}
    result.environment.pop("own_load_before", None)
    if own is not None:
        result.environment["own_load_before"] = own
    told = [one.values["load"] for one in find(result) if one.kind == "busy-machine"]
    assert told == ([] if named is None else [named])


def test_own_work_and_that_of_ended_children_is_known() -> None:
    def added(work: Callable[[], object]) -> float:
        load = OwnLoad()
        load.now()
        load._load = 0.0  # what was before decays at its own pace
        work()
        return load.now()

    def work() -> None:
        before = time.process_time()
        while time.process_time() < before + 0.5:
            pass

    # Half a second at work adds 0.5 / 60 to an average over a minute.
    assert 0.002 < added(work) < 0.05
    assert 0.002 < added(lambda: subprocess.run([sys.executable, "-c", _WORK], check=True)) < 0.05
    assert added(lambda: time.sleep(0.05)) < 0.002
