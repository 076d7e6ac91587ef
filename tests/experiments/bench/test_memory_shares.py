"""Memory of competitors that stay loaded together: each is told its own."""

from __future__ import annotations

import pytest

from zimg_kernel.experiments.bench.memory_shares import MemoryShares


def test_a_run_is_told_its_own_memory() -> None:
    held = {"ram": 1.0, "torch": 0.0}
    shares = MemoryShares(lambda: dict(held))

    def run(name: str, weights: float, peak: float) -> dict[str, float]:
        before = shares.now()
        if name not in loaded:
            loaded.add(name)
            held["torch"] += weights
            shares.loaded(name, before)
        seen = {"torch_peak": held["torch"] + peak, "ram_peak": held["ram"], "power_mean": 5.0}
        return shares.without_others(name, seen)

    loaded: set[str] = set()
    assert run("small", 4.0, 1.0)["torch_peak"] == pytest.approx(5.0)
    assert run("large", 20.0, 3.0)["torch_peak"] == pytest.approx(23.0)
    assert run("small", 4.0, 1.0) == pytest.approx(
        {"torch_peak": 5.0, "ram_peak": 1.0, "power_mean": 5.0}
    )
    shares.forget("large")
    held["torch"] -= 20.0
    assert run("small", 4.0, 1.0)["torch_peak"] == pytest.approx(5.0)
