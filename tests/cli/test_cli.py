"""The command: what it prints, where, and its exit codes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from zimg_kernel import GeneratedImage

PROMPT = "左边一个红色的圆，右边一个蓝色的方块"
Run = Callable[..., Any]


def test_help_names_every_command(zimg_process: Run) -> None:
    said = zimg_process("--help").stdout
    for name in ("doctor", "edit", "generate", "grid", "lint", "models", "pull", "run", "test"):
        assert f"\n  {name} " in said


def test_a_reader_that_goes_away_is_no_traceback(clean_environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "zimg_kernel", "prompt", "a {1-9999}", "--all"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
    assert process.returncode in (0, 1)


def test_a_picture_from_a_prompt_and_back(zimg: Run, zimg_process: Run, tmp_path: Path) -> None:
    done = zimg_process("generate", PROMPT, "--seed", 3)
    path = Path(done.stdout.strip())
    assert path.is_file()
    assert "built-in miniature" in done.stderr

    shown = zimg("show", path).stdout
    assert json.loads(shown)["prompt"] == PROMPT
    again = zimg("generate", "--params", "-", "-o", tmp_path / "b.png", stdin=shown)
    assert again.stdout.strip() == str(tmp_path / "b.png")
    first, second = (GeneratedImage.open(p) for p in (path, tmp_path / "b.png"))
    assert first.image.tobytes() == second.image.tobytes()
    assert first.params == second.params

    listed = json.loads(zimg("gallery", "--search", "红色", "--json").stdout)
    assert [row["params"]["seed"] for row in listed] == [3, 3]
    assert listed[1]["path"] == str(path)
    assert json.loads(zimg("show", "--all", path).stdout)["timings"]["total"] > 0


def test_options_reach_the_picture(zimg: Run, tmp_path: Path) -> None:
    given = "--width 192 --height 128 --steps 2 --guidance 1.5 --negative blue --seed 9 -n 2 --json"
    out = ("-o", tmp_path / "a.jpg")
    done = zimg("generate", "a red circle", "--model", "nano-turbo", *given.split(), *out)
    rows = json.loads(done.stdout)
    assert [Path(row["path"]).name for row in rows] == ["a-1.jpg", "a-2.jpg"]
    params = rows[1]["params"]
    assert params["seed"] == 10
    assert (params["steps"], params["guidance"], params["negative_prompt"]) == (2, 1.5, "blue")
    with Image.open(rows[0]["path"]) as image:
        assert image.size == (192, 128)
    assert "without guidance" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["generate"], "Say what to draw"),
        (["generate", ""], "prompt is empty"),
        (["generate", "x", "--width", "250"], "nearest valid one is 256 px"),
        (["generate", "x", "--width", "1600"], "the nearest valid size is 384x256"),
        (["generate", "x", "--steps", "0"], "between 1 and 200"),
        (["generate", "x", "--steps", "many"], "not a valid integer"),
        (["generate", "x", "--seed", "-2"], "-1 to have one drawn"),
        (["generate", "x", "--guidance", "nan"], "between 0 and 30"),
        (["generate", "x", "-n", "0"], "between 1 and 1000"),
        (["generate", "x", "--model", "nano"], "no model called 'nano'"),
        (["generate", "红" * 700], "shorten it by"),
        (["generate", "x", "-o", "a.bmp"], "must end in .png"),
        (["generate", "--params", "-"], "not valid JSON"),
        (["generate", "x", "--what"], "No such option"),
        (["show", "nothing.png"], "There is no file"),
        (["gallery", "--day", "today"], "as in 2026-11-21"),
        (["run", "nothing.ipynb"], "There is no notebook"),
        (["pull", "nothing"], "no model called 'nothing'"),
        (["draw"], "No such command"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    zimg: Run, arguments: list[str], said: str
) -> None:
    done = zimg(*arguments, code=2)
    assert said in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith("zimg:")]) == 1
    assert len(done.stderr.splitlines()) <= 2  # the miniature's notice may come before
    assert done.stdout == ""


def test_absent_weights_are_a_failure_with_the_command(zimg: Run) -> None:
    done = zimg("generate", "x", "--model", "z-image", code=1)
    assert done.stderr.strip().endswith("(20.5 GB); run: zimg pull z-image.")


def test_models_says_what_is_ready(zimg: Run) -> None:
    rows = {row["id"]: row for row in json.loads(zimg("models", "--json").stdout)}
    assert {"nano-turbo", "z-image-turbo", "z-image"} <= set(rows)
    nano = rows["nano-turbo"]
    assert nano["ready"] is True
    assert Path(nano["folder"], "model_index.json").is_file()
    assert (nano["family"], nano["steps"], nano["guidance"]) == ("nano", 8, 0)
    assert [256, 256] in nano["sizes"]
    assert rows["z-image-turbo"]["ready"] is False
    assert "zimg pull z-image-turbo" in rows["z-image-turbo"]["problem"]
    table = [line.split() for line in zimg("models").stdout.splitlines()]
    assert ["nano-turbo", "nano", "yes", "256x256"] in [row[:4] for row in table]


def test_a_gallery_that_cannot_be_written_is_a_failure(zimg_process: Run, own_home: Path) -> None:
    own_home.write_text("in the way")
    done = zimg_process("generate", "a red circle", "--model", "nano-turbo", "--steps", 1, code=1)
    assert "still in memory" not in done.stderr
    kept = Path(done.stdout.strip())
    assert kept.is_file()
    assert str(kept) in done.stderr
    shutil.rmtree(kept.parent)
    (place := own_home.with_name("wall")).write_text("in the way")
    done = zimg_process(
        "generate", "a red circle", "--model", "nano-turbo", "--steps", 1, "-o", place / "a.png",
        code=1,
    )  # fmt: skip
    assert str(place) in done.stderr
    shutil.rmtree(Path(done.stdout.strip()).parent)


def test_doctor_examines_the_machine(zimg: Run, own_home: Path, tmp_path: Path) -> None:
    found = json.loads(zimg("doctor", "--json").stdout)
    assert found["device"]["name"]
    assert found["memory"]["ram_gb"] > 0
    assert found["folders"]["gallery"]["path"] == str(own_home / "gallery")
    assert found["models"]["nano-turbo"] == "ready"
    assert found["versions"]["torch"]
    assert found["fix"] == []
    own_home.mkdir(exist_ok=True)
    (own_home / "models.yaml").write_text("mine: {like: nothing}")
    assert "To fix    In " in zimg("doctor").stdout


def test_run_executes_a_notebook_with_parameters(zimg: Run, tmp_path: Path) -> None:
    source = Path(__file__).parents[1] / "notebooks" / "small.ipynb"
    notebook = shutil.copy(source, tmp_path / "small.ipynb")
    out = tmp_path / "deep" / "out.ipynb"
    done = zimg("run", notebook, "-p", "number", "7", "-p", "text", "红色", "-o", out)
    assert done.stdout.strip() == str(out)
    assert "number=7 text='红色' flag=False" in out.read_text(encoding="utf-8")


def test_run_refuses_a_parameter_that_the_notebook_does_not_have(zimg: Run) -> None:
    source = Path(__file__).parents[1] / "notebooks" / "small.ipynb"
    done = zimg("run", source, "-p", "nmber", "7", code=2)
    assert "has no parameter 'nmber': it has number, text, flag" in done.stderr


def test_run_names_the_cell_that_failed(zimg: Run, tmp_path: Path) -> None:
    source = Path(__file__).parents[1] / "notebooks" / "small.ipynb"
    done = zimg("run", source, "-p", "number", "0", "-o", tmp_path / "out.ipynb", code=1)
    assert "ZeroDivisionError" in done.stderr
    assert str(tmp_path / "out.ipynb") in done.stderr.splitlines()[-1]
