"""``zimg lora``, ``zimg generate --lora``, and a LoRA's weight along an axis of a grid."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lora_files import ASKED, SIDE, sdxl, write
from refusals import refused
from zimg_kernel import GenerationParams, LocalEngine
from zimg_kernel.cli.command import cli
from zimg_kernel.cli.lora import as_lora
from zimg_kernel.experiments.grid import Grid
from zimg_kernel.experiments.grid.axes import apply, as_axis


def zimg(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert done.exit_code == code, done.output
    return done.stdout


def test_list_and_show(lesson: Path, shelf: Path) -> None:
    write(shelf / "xl.safetensors", sdxl())
    (shelf / "lesson.safetensors").write_bytes(lesson.read_bytes())
    assert [line.split()[0] for line in zimg("lora", "list").splitlines()] == [
        "NAME",
        "lesson",
        "xl",
    ]
    assert [item["base"] for item in json.loads(zimg("lora", "list", "--json"))][1] == "SDXL"
    assert "all 28 layers" in zimg("lora", "show", "lesson", "--model", "nano-turbo")
    shown = json.loads(zimg("lora", "show", "xl", "--model", "nano-turbo", "--json", code=1))
    assert shown["fits"] == "no"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ink:0.8", ("ink", 0.8)),
        ("ink", ("ink", 1.0)),
        ("styles/ink:-1", ("styles/ink", -1.0)),
        (r"C:\ink.safetensors", (r"C:\ink.safetensors", 1.0)),
        (r"C:\ink.safetensors:.5", (r"C:\ink.safetensors", 0.5)),
    ],
)
def test_a_name_and_a_weight(text: str, meant: tuple[str, float]) -> None:
    assert as_lora(text) == meant


def test_ways_to_write_loras() -> None:
    for given in ({"ink": 1}, "ink", ["ink"], [["ink", 1]], (("ink", 1.0),)):
        assert GenerationParams(prompt="x", loras=given).loras == (("ink", 1.0),)
    for wrong, code in (
        ([("ink",)], "wrong-type"),
        (3, "wrong-type"),
        ([{"ink": 1}], "wrong-type"),
        ([("ink", "much")], "wrong-type"),
        (["ink", "ink"], "named-twice"),
        ({"ink": 5}, "out-of-range"),
    ):
        with refused(code) as caught:
            GenerationParams(prompt="x", loras=wrong)
        assert str(caught.value.field).startswith("loras")


def test_no_name_is_refused() -> None:
    with refused("invalid-value", "lora"):
        as_lora(":")


def test_generate_with_a_lora(lesson: Path, engine: LocalEngine, monkeypatch) -> None:
    monkeypatch.setattr("zimg_kernel.api.default_engine", lambda: engine)
    size = ("--width", SIDE, "--height", SIDE, "--steps", 1, "--model", "nano-turbo", "--json")
    (shown,) = json.loads(zimg("generate", ASKED, "--lora", f"{lesson}:0.5", *size))
    assert shown["params"]["loras"] == [[str(lesson), 0.5]]
    assert f"lora {lesson}" in shown["versions"]


def test_a_weight_along_an_axis() -> None:
    params = GenerationParams(prompt="x", loras=(("a", 1.0), ("b", 0.3)))
    axis = as_axis("x", {"lora:a": [0, 0.5], "lora:c": [1, 2]})
    assert (axis.label, axis.headings) == ("lora:a, lora:c", ("0 · 1", "0.5 · 2"))
    assert apply(params, [(axis, 1)]).loras == (("a", 0.5), ("b", 0.3), ("c", 2.0))
    whole = as_axis("y", {"loras": [[("b", 1.0)]]})
    assert apply(params, [(axis, 0), (whole, 0)]).loras == (("b", 1.0), ("a", 0.0), ("c", 1.0))


def test_a_grid_over_a_weight(lesson: Path, engine: LocalEngine, tmp_path: Path) -> None:
    params = GenerationParams(
        prompt=ASKED, model="nano-turbo", width=SIDE, height=SIDE, steps=1, seed=1
    )
    weights = {f"lora:{lesson}": [0, 1]}
    grid = Grid(params, x=weights, engine=engine, folder=tmp_path / "grid")
    grid.run()
    assert not grid.failures
    without, whole = (image.image.tobytes() for image in grid.images)
    assert without != whole
    plain = engine.submit(params, preview="none").result().image
    assert plain.tobytes() == without


def test_an_equals_sign_is_told_to_be_a_colon() -> None:
    with refused("invalid-value", "lora") as caught:
        as_lora("styles/ink=0.8")
    assert "styles/ink:0.8" in str(caught.value)
    assert as_lora("ink=v2") == ("ink=v2", 1.0)
    assert as_lora("ink=2:0.5") == ("ink=2", 0.5)
