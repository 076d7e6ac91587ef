"""``zimg edit``: results, reports and exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

Run = Callable[..., Any]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A file with a red disc."""
    image = Image.new("RGB", (200, 160), (240, 240, 230))
    ImageDraw.Draw(image).ellipse((20, 40, 90, 110), fill=(220, 30, 30))
    image.save(tmp_path / "disc.png")
    return tmp_path / "disc.png"


def test_it_writes_the_result_and_says_what_was_done(
    zimg: Run, picture: Path, tmp_path: Path
) -> None:
    out = tmp_path / "wide.png"
    done = zimg("edit", picture, "--outpaint", "right=56,top=16", "--prompt", "a red circle",
                "--steps", 2, "--seed", 5, "-o", out, "--json")  # fmt: skip
    record = json.loads(done.stdout)[0]
    assert record["path"] == str(out)
    assert record["params"]["edit"]["right"] == 56
    with Image.open(out) as image, Image.open(picture) as before:
        assert image.size == (256, 176)
        assert image.crop((0, 16, 200, 176)).tobytes() == before.tobytes()
    assert "Strength" not in done.stderr  # nobody asked for one


def test_several_are_done_also_when_one_is_no_picture(
    zimg: Run, picture: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")
    done = zimg("edit", bad, picture, "--img2img", 0.5, "--prompt", "a red circle", "--steps", 2,
                "-o", tmp_path / "out", code=1)  # fmt: skip
    assert len(list((tmp_path / "out").glob("*.png"))) == 1
    assert "bad.png cannot be read" in done.stderr
    assert "1 of 2 pictures were not changed" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Say in one way"),
        (("--instruct", "make it blue", "--vary", "0.4"), "--instruct and --vary"),
        (("--outpaint", "up=3"), "name the sides"),
        (("--vary", "0.4", "--feather", "3"), "--feather has no part in --vary"),
        (("--control", "canny"), "--prompt WORDS"),
        (("--vary", "0.4", "-o", "x.txt"), "must end in .png"),
    ],
)
def test_wrong_options_are_one_sentence(
    arguments: tuple[str, ...], said: str, picture: Path
) -> None:
    from click.testing import CliRunner

    from zimg_kernel.cli.edit import edit_command
    from zimg_kernel.errors import BadInput

    result = CliRunner().invoke(edit_command, [str(picture), *arguments])
    assert isinstance(result.exception, BadInput)
    assert said in str(result.exception)
