"""What a terminal is shown: nothing of a stranger's that steers it."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import zimg_kernel
from zimg_kernel import Gallery, GeneratedImage, GenerationParams
from zimg_kernel.errors import plain

PROMPT = "a\x1b]0;title\x07 red\x9b31m \u202ecat\u2028"
STEERING = {"\x1b", "\x07", "\x9b", "\u202e", "\u2028"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc é 红 🐱", "a\tb\nc é 红 🐱"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b", "\\u009b"),
        ("\u202e", "\\u202e"),
        ("a\rb\x7f", "a\\x0db\\u007f"),
    ],
)
def test_what_steers_a_terminal_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert plain(text) == shown


def in_a_terminal(*arguments: str) -> str:
    """Run Python with a terminal for stdout and stderr; return what it would show."""
    import pty

    outer, inner = pty.openpty()
    done = subprocess.Popen([sys.executable, *arguments], stdout=inner, stderr=inner)
    os.close(inner)
    shown = b""
    try:
        while piece := os.read(outer, 65536):
            shown += piece
    except OSError:  # Linux, at the end
        pass
    os.close(outer)
    assert done.wait() in (0, 1, 2)
    return shown.decode()


@pytest.fixture
def gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gallery:
    monkeypatch.setenv("ZIMG_GALLERY", str(tmp_path / "gallery"))
    found = Gallery()
    params = GenerationParams(prompt=PROMPT, seed=1, model="nano-turbo")
    found.add(GeneratedImage(image=Image.new("RGB", (16, 16)), params=params))
    return found


@pytest.mark.skipif(os.name == "nt", reason="pty is of Unix")
@pytest.mark.parametrize("command", ["gallery", "gallery --json", "show", "lint"])
def test_a_terminal_is_not_steered(gallery: Gallery, command: str) -> None:
    more = {"show": [str(gallery.search()[0].path)], "lint": [PROMPT]}.get(command, [])
    shown = in_a_terminal("-m", "zimg_kernel", *command.split(), *more)
    assert "title" in shown
    assert not STEERING & set(shown)


@pytest.mark.skipif(os.name == "nt", reason="pty is of Unix")
@pytest.mark.parametrize(
    "script",
    [
        "import warnings; warnings.warn(PROMPT, zimg_kernel.ZimgWarning)",
        "zimg_kernel.GenerationParams(prompt='a', model=PROMPT, steps=PROMPT)",
        "raise zimg_kernel.ZimgError(PROMPT)",
    ],
)
def test_a_script_s_warnings_and_errors_do_not_steer_it(tmp_path: Path, script: str) -> None:
    path = tmp_path / "script.py"
    path.write_text(f"import zimg_kernel\nPROMPT = {PROMPT!a}\n{script}")
    shown = in_a_terminal("-W", "always", str(path))
    assert "title" in shown
    assert not STEERING & set(shown)


def test_a_pipe_gets_the_text_as_it_is(gallery: Gallery) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zimg_kernel", "gallery", "--json"], capture_output=True, check=True
    )
    assert json.loads(done.stdout)[0]["params"]["prompt"] == PROMPT


def test_the_commands_print_in_one_place() -> None:
    folder = Path(zimg_kernel.__file__).parent / "cli"
    found = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Name) and called.id == "print":
                found.add(path.name)
            if isinstance(called, ast.Attribute) and called.attr in ("echo", "secho"):
                found.add(path.name)
    assert found == {"console.py"}
