"""Options --speed and --memory: they hold for one command, and for the kernels it starts."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PIL import Image

from cli.conftest import Run
from cli.test_run import notebook, output_of

SIZE = ("--width", "128", "--height", "128")
QUICK = ("--model", "nano-turbo", "--steps", "2", "--seed", "1", *SIZE)


@pytest.fixture(autouse=True)
def profile_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMG_SPEED", "stock")
    monkeypatch.setenv("ZIMG_MEMORY", "auto")


def devices(said: str) -> list[str]:
    return [one["device"] for one in json.loads(said)]


def test_a_picture_says_how_it_was_drawn(zimg: Run) -> None:
    usual = zimg("generate", "a red circle", *QUICK, "--json").stdout
    assert devices(usual) == ["cpu, float32"]
    quick = zimg("generate", "a red circle", *QUICK, "--speed", "exact", "--json").stdout
    assert devices(quick) == ["cpu, float32, exact"]
    assert os.environ["ZIMG_SPEED"] == "stock"
    again = zimg("generate", "a red circle", *QUICK, "--json").stdout
    assert devices(again) == ["cpu, float32"]


def test_an_edit_has_them_too(zimg: Run, tmp_path: Path) -> None:
    Image.new("RGB", (128, 128), "navy").save(tmp_path / "a.png")
    options = ("--img2img", "0.5", "--prompt", "a red circle", "--model", "nano-turbo")
    said = zimg("edit", tmp_path / "a.png", *options, "--speed", "exact", "--json").stdout
    assert devices(said) == ["cpu, float32, exact"]


@pytest.mark.parametrize("command", ["generate", "edit", "grid", "run", "test", "variety"])
@pytest.mark.parametrize(
    ("option", "value", "setting"),
    [("--speed", "faster", "ZIMG_SPEED"), ("--memory", "1GB", "ZIMG_MEMORY")],
)
def test_wrong_values_are_refused_as_the_settings_are(
    zimg: Run, command: str, option: str, value: str, setting: str
) -> None:
    done = zimg(command, "x", option, value, *(["-o", "y"] if command == "grid" else []), code=2)
    assert done.stderr.startswith(f"zimg: {setting}=")
    assert (os.environ["ZIMG_SPEED"], os.environ["ZIMG_MEMORY"]) == ("stock", "auto")


def test_what_the_device_cannot_do_is_one_sentence(zimg: Run) -> None:
    done = zimg("generate", "a red circle", *QUICK, "--speed", "fast", code=2)
    assert "8 bits" in done.stderr


def test_kernels_of_a_run_have_them(zimg: Run, tmp_path: Path) -> None:
    asked = "import os; print(os.environ['ZIMG_SPEED'], os.environ['ZIMG_MEMORY'])"
    source = notebook(tmp_path / "a.ipynb", "n = 1", asked)
    out = tmp_path / "out.ipynb"
    zimg("run", source, "--speed", "exact", "--memory", "8GB", "-o", out)
    assert output_of(out) == "exact 8GB\n"
    assert os.environ["ZIMG_SPEED"] == "stock"
