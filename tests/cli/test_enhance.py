"""``zimg enhance``: what it prints, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from zimg_kernel.cli.command import main
from zimg_kernel.cli.enhance import _Stream


def test_a_line_for_each_candidate_without_torch(clean_environment: dict[str, str]) -> None:
    code = (
        "import sys; from zimg_kernel.cli.command import main; "
        "main(['enhance', '一只猫', '-n', '2', '--model', 'nano-turbo', '--seed', '4']); "
        "assert 'torch' not in sys.modules"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, env=clean_environment, text=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(set(lines)) == 2
    assert all(line.startswith("一只猫，") for line in lines)
    assert done.stderr.startswith("zimg: The text encoder of nano-turbo cannot write")
    assert len(done.stderr.splitlines()) == 1


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    main(["enhance", "a red circle", "-n", "1", "--model", "nano-turbo", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert set(said) == {"prompt", "seed", "notes", "candidates"}
    (candidate,) = said["candidates"]
    assert candidate["text"].startswith("a red circle, ")
    assert (candidate["made"], candidate["language"]) == ("offline", "en")
    assert candidate["kept"] == ["red circle", "circle"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["a cat", "-n", "99"], 2, "between 1 and 20"),
        (["a cat", "--endpoint", "nowhere"], 2, "no address of an endpoint"),
        (["a cat", "--endpoint", "http://127.0.0.1:9"], 2, "set ZIMG_ENHANCER_MODEL"),
        (["a cat", "--model", "z-image"], 1, "The model z-image"),
    ],
)
def test_trouble_is_one_sentence(
    arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["enhance", *arguments])
    assert ended.value.code == code
    error = capsys.readouterr().err
    assert error.startswith("zimg: ")
    assert said in error
    assert len(error.splitlines()) == 1


def test_words_stream_to_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    stream = _Stream()
    for index, text in ((0, "a"), (0, "a cat"), (0, "b"), (1, "c"), (1, "cd")):
        stream(index, text)
    stream.end()
    assert capsys.readouterr().err == "[1] a cat\n[1] b\n[2] cd\n"
