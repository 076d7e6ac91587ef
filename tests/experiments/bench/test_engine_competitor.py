"""The miniature, really drawn and measured, also by the command."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from refusals import refused
from zimg_kernel import LocalEngine
from zimg_kernel.cli import main
from zimg_kernel.experiments.bench import run_bench
from zimg_kernel.experiments.bench.competitors.engine import profile_settings

SMALL = {"width": 128, "height": 128, "steps": 2}


def test_every_phase_of_a_picture_is_told(engine: LocalEngine, tmp_path: Path) -> None:
    models = ["nano-turbo", "stock:nano-turbo"]
    result = run_bench(
        "latency", models, rounds=1, params=SMALL, engine=engine, out=tmp_path, progress=False
    )
    ours, stock = (
        next(run for run in result.runs if run.competitor == name and not run.warmup)
        for name in models
    )
    assert (ours.status, stock.status) == ("ok", "ok")
    assert {"queue", "text_encoder", "transformer", "vae", "draw", "save"} <= set(ours.times)
    parts = [ours.times[name] for name in ("queue", "text_encoder", "transformer", "vae", "save")]
    assert sum(parts) <= ours.times["total"] + 0.01
    assert len(ours.steps) == 2
    assert sum(ours.steps) == pytest.approx(ours.times["transformer"], rel=0.2)
    assert ours.times["text_encoder"] > 0.001  # encoded anew, as the stock pipeline does
    assert ours.params["seed"] == stock.params["seed"] == 42
    assert ours.pixels == stock.pixels
    assert ours.resources["reference"] > 0
    facts = result.competitors[0].facts
    assert len(facts["fingerprint"]) == 12
    assert 0.01 < facts["weights_gb"] < 1
    assert result.environment["packages"]["torch"]


def test_a_size_that_a_model_cannot_draw_is_skipped(engine: LocalEngine, tmp_path: Path) -> None:
    result = run_bench(
        "latency", "nano-turbo", rounds=1, params={**SMALL, "width": 4096}, engine=engine,
        out=tmp_path, progress=False,
    )  # fmt: skip
    assert {run.status for run in result.runs} == {"skipped"}
    assert result.complete


def test_number_formats_compete(engine: LocalEngine, tmp_path: Path) -> None:
    models = ["nano-turbo@fp32", "nano-turbo@bf16"]
    result = run_bench(
        "latency", models, rounds=1, params=SMALL, engine=engine, out=tmp_path, progress=False
    )
    assert {run.status for run in result.runs} == {"ok"}
    formats = {one.name: one.facts["dtype"] for one in result.competitors}
    assert formats == {"nano-turbo@fp32": "float32", "nano-turbo@bf16": "bfloat16"}
    assert len({run.pixels for run in result.runs}) == 2
    assert "ZIMG_DTYPE" not in os.environ
    engine.unload("nano-turbo")


def test_a_load_profile_is_a_few_settings() -> None:
    assert profile_settings("") == {}
    assert profile_settings("fast+8GB") == {"ZIMG_SPEED": "fast", "ZIMG_MEMORY": "8GB"}
    assert profile_settings("12g+fp32") == {"ZIMG_MEMORY": "12g", "ZIMG_DTYPE": "fp32"}
    assert profile_settings("onnx") == {"ZIMG_RUNTIME": "onnx"}
    assert profile_settings("onnx-int8")["ZIMG_RUNTIME"] == "onnx-int8"
    for words in ("fp32+", "fp33", "onnx+torch", "exact+fast", "fp32+bf16"):
        with refused("unknown-competitor", "model"):
            profile_settings(words)


def test_without_a_shared_engine_nothing_is_measured_by_one(
    engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZIMG_HOME", str(tmp_path / "home"))
    with refused("no-engine", "model"):
        run_bench("latency", ["cluster:nano-turbo"], engine=engine, out=tmp_path / "out")


def test_a_device_without_a_gpu_is_told(tmp_path: Path) -> None:
    result = run_bench("gpu", rounds=1, cases=["product-fp32"], out=tmp_path, progress=False)
    [found] = [one for one in result.findings if one.kind == "no-gpu"]
    assert "no GPU" in found.text


def test_several_pictures_of_one_request_are_counted(engine: LocalEngine, tmp_path: Path) -> None:
    result = run_bench(
        "batch", "nano-turbo", rounds=1, params=SMALL, cases=["2 pictures"], engine=engine,
        out=tmp_path, progress=False,
    )  # fmt: skip
    run = result.runs[-1]
    assert run.pictures == 2
    assert run.times["picture"] == pytest.approx(run.times["total"] / 2, abs=1e-4)


def test_mistakes_are_refused_before_anything_is_drawn(engine: LocalEngine) -> None:
    with refused("unknown-case", "cases"):
        run_bench("latency", "nano-turbo", cases=["other"], engine=engine)
    with refused("out-of-range", "rounds"):
        run_bench("latency", "nano-turbo", rounds=0, engine=engine)
    with refused("out-of-range", "gpu_memory"):
        run_bench("latency", "nano-turbo", gpu_memory=10**6, engine=engine)
    with refused("unknown-parameter", "nosuch"):
        run_bench("latency", "nano-turbo", params={"nosuch": 3}, engine=engine)
    with refused("wrong-type", "width"):
        run_bench("latency", "nano-turbo", params={"width": "wide"}, engine=engine)
    with refused("unknown-suite", "suite"):
        run_bench("speed", "nano-turbo", engine=engine)


@pytest.mark.slow
def test_the_command_measures_compares_and_collects(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["bench", "latency", "--model", "nano-turbo", "--rounds", "1", "-p", "width", "128"]
    words += ["-p", "height", "128", "-p", "steps", "1"]
    for name in ("a", "b"):
        main([*words, "-o", str(tmp_path / name)])
    said = capsys.readouterr()
    assert "nano-turbo  default" in said.out
    assert "2 of 2" in said.err
    result = json.loads((tmp_path / "a" / "result.json").read_text())
    assert result["command"].startswith("zimg bench latency --model nano-turbo --rounds 1")
    main(["bench", "compare", str(tmp_path / "a"), str(tmp_path / "b")])
    assert "Nothing changed beyond noise." in capsys.readouterr().out
    main(["bench", "collect", str(tmp_path)])
    assert capsys.readouterr().out.count("nano-turbo") == 2
    with pytest.raises(SystemExit) as ended:
        main(["bench", "speed"])
    assert ended.value.code == 2
