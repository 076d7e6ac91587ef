"""Tests of the libraries that a command's own process leaves out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from zimg_kernel import Gallery, GeneratedImage, GenerationParams, LocalEngine, edit
from zimg_kernel.cli.cold_start import unused_libraries

RED = GenerationParams(prompt="a red circle", model="nano-turbo")
RUN = """
import sys
from zimg_kernel.cli import main
sys.argv = ["zimg", "generate", "a red circle", "--model", "nano-turbo", *sys.argv[1:]]
main()
print({name for name in ("peft", "scipy") if sys.modules.get(name)})
"""


SCIPY = {"scipy", "sklearn", "librosa"}  # and what imports it


def left_out(**changes: object) -> set[str]:
    return set(unused_libraries(RED.replace(**changes)))


def test_a_plain_request_leaves_out_peft_and_scipy() -> None:
    assert left_out() == {"peft", *SCIPY}


def test_what_a_request_needs_stays() -> None:
    assert left_out(sigmas="beta") == {"peft"}
    assert left_out(loras=["style"]) == SCIPY
    assert left_out(model="z-image") == {"peft"}  # its files are not here


@pytest.mark.slow
def test_an_edited_picture_is_drawn_again_from_its_own_settings(tmp_path: Path) -> None:
    engine = LocalEngine(gallery=Gallery())
    source = engine.submit(RED.replace(seed=1, steps=2)).result(60)
    mask = Image.new("L", source.image.size)
    mask.paste(255, (64, 64, 192, 192))
    edited = edit.inpaint(source, mask, "a blue star", seed=3, engine=engine).result(60)
    engine.close()
    assert left_out(edit=edited.params.edit) == set()
    settings = tmp_path / "settings.json"
    settings.write_text(edited.params.to_json(), encoding="utf-8")
    out = tmp_path / "again.png"
    command = ["zimg_kernel", "generate", "--params", str(settings), "-o", str(out)]
    subprocess.run([sys.executable, "-m", *command], check=True)
    assert GeneratedImage.open(out).image.tobytes() == edited.image.tobytes()


@pytest.mark.slow
def test_a_process_of_its_own_imports_neither(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, "--seed", "1", "--steps", "1", "-o", str(tmp_path / "a.png")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (tmp_path / "a.png").exists()
    assert done.stdout.splitlines()[-1] == "set()"
