"""``zimg run``: values that fit the notebook's defaults, kernels, runs that are cut short."""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Run
from refusals import refused, warned
from zimg_kernel.cli.notebook_parameters import parameters_of, storable
from zimg_kernel.cli.run import run_notebook
from zimg_kernel.errors import ZimgError

PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def notebook(path: Path, parameters: str, *cells: str, metadata: Any = PYTHON) -> Path:
    """Write a notebook with a cell of parameters and others."""
    made = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {"tags": [] if number else ["parameters"]},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for number, source in enumerate((parameters, *cells))
    ]
    content = {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def output_of(path: Path) -> str:
    """Return what the cells of an executed notebook printed."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "".join("".join(output.get("text", "")) for output in outputs)


def states(path: Path) -> list[str]:
    """Return the state of each cell, without those that papermill adds."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell["metadata"]["papermill"]["status"] for cell in cells]


def read(parameters: str, name: str, text: str) -> Any:
    """Return what a text of the command line becomes."""
    cell = {"metadata": {"tags": ["parameters"]}, "source": parameters}
    return parameters_of({"cells": [cell]})[name].read(text)


@pytest.mark.parametrize("text", ["2026", "88", '{"subject": "cat"}', "null", "true", "NaN", "[1]"])
@pytest.mark.parametrize(
    "cell",
    [
        'prompt = "a cat"',
        'prompt = "a sign that says 1+1=2"',
        'prompt: str = "x"',
        'prompt: "str" = "x"',
        'prompt = f"a {1}"',
        'prompt = "a" + tail',
        'prompt = """a\nb""".strip()',
        'prompt = Path("out")',
        'seed, prompt = 1, "x"',
        'prompt = "x" if True else None',
        'prompt = given or "x"',
        'prompt = os.environ.get("PROMPT", "x")',
        'prompt = os.environ["PROMPT"]',
        '%matplotlib inline\nprompt = "a cat"',
    ],
)
def test_where_the_default_is_text_the_value_stays_text(cell: str, text: str) -> None:
    assert read(cell, "prompt", text) == text


@pytest.mark.parametrize(
    ("cell", "text", "value"),
    [
        ("n = 1", "7", 7),
        ("n = 1", "1e5", 1e5),
        ("n: int | None = None", "3", 3),
        ("n: int | None = None", "null", None),
        ("n: Optional[int] = None", "3", 3),
        ("n: Optional[str] = None", "3", "3"),
        ("n: str | None = 'a'", "none", None),
        ("n: list[str] = []", '["a", "b"]', ["a", "b"]),
        ("n: dict[str, int] = {}", '{"a": 1}', {"a": 1}),
        ('n: Literal["a", "b"] = "a"', "b", "b"),
        ('n: typing.Literal[1, "b"] = "b"', "1", 1),
        ("n: int | str = 1", "3", 3),
        ("n: bool", "true", True),
        ("n = None", "a cat", "a cat"),
        ("n = 512", "512x512", "512x512"),
        ("a = n = 1", "2", 2),
    ],
)
def test_elsewhere_it_is_what_it_says(cell: str, text: str, value: Any) -> None:
    assert read(cell, "n", text) == value
    assert type(read(cell, "n", text)) is type(value)


@pytest.mark.parametrize("cell", ["n = False", "n: bool = True", "n: bool | None = None"])
def test_words_for_a_flag_are_refused(cell: str) -> None:
    assert read(cell, "n", "False") is False
    assert read(cell, "n", "1") == 1
    with refused("unknown-choice", "n"):
        read(cell, "n", "no")


def test_what_a_literal_does_not_allow_is_refused() -> None:
    with refused("unknown-choice", "n"):
        read('n: Literal["a", "b"] = "a"', "n", "c")


def test_values_of_python_are_what_papermill_can_write() -> None:
    numpy = pytest.importorskip("numpy")
    given = {"size": (1, (2, "x")), "at": Path("a/b"), "n": numpy.int64(3), "v": numpy.arange(2)}
    assert storable(given, "x") == {"size": [1, [2, "x"]], "at": "a/b", "n": 3, "v": [0, 1]}
    assert math.isnan(storable(math.nan, "x"))
    for odd in ({1, 2}, {1: "a"}, b"x", object()):
        with refused("wrong-type", "x"):
            storable(odd, "x")
    with refused("not-unicode", "x"):
        storable("\ud83d broken", "x")


def test_values_reach_the_notebook(zimg: Run, tmp_path: Path) -> None:
    source = notebook(
        tmp_path / "{seed} a{b}.ipynb",
        'prompt = "1+1=2"\nseed: int | None = None\nname = ""\nsize = None',
        "print(repr((prompt, seed, name, size)))",
    )
    out = tmp_path / "out {x}.ipynb"
    given = ("-p", "prompt", "2026", "-p", "seed", "3", "-p", "size", "[1, 2]", "-r", "name", "7")
    assert zimg("run", source, *given, "-o", out).stdout.strip() == str(out)
    assert output_of(out).strip() == "('2026', 3, '7', [1, 2])"
    done = run_notebook(source, {"size": (4, Path("x"))}, tmp_path)
    assert done.parent == tmp_path
    assert output_of(done).strip() == "('1+1=2', None, '', [4, 'x'])"


@pytest.mark.parametrize("end", ["import os; os._exit(137)", "import os; os.kill(os.getpid(), 9)"])
def test_a_kernel_that_dies_is_one_sentence(zimg: Run, tmp_path: Path, end: str) -> None:
    source = notebook(tmp_path / "a.ipynb", "seed = 1", "print('before')", end, "print('after')")
    out = tmp_path / "out.ipynb"
    done = zimg("run", source, "-p", "seed", "2", "-o", out, code=1)
    sentence = done.stderr.splitlines()[-1]
    assert "cell 3 " in sentence
    assert str(out) in sentence
    assert "Traceback" not in done.stderr
    assert states(out) == ["completed", "completed", "completed", "failed", "pending"]
    assert output_of(out) == "before\n"
    shown = json.loads(out.read_text(encoding="utf-8"))
    assert shown["cells"][3]["outputs"][-1]["ename"] == "DeadKernelError"
    assert shown["metadata"]["papermill"]["exception"] is True
    before = logging.getLogger("papermill").level, list(logging.getLogger("asyncio").filters)
    with refused("kernel-ended", "notebook", ZimgError):
        run_notebook(source, {}, out)
    # What is kept from their logs during a run is told again after it.
    after = logging.getLogger("papermill").level, list(logging.getLogger("asyncio").filters)
    assert after == before


def test_the_number_of_a_failed_cell_is_that_of_the_notebook(zimg: Run, tmp_path: Path) -> None:
    source = notebook(tmp_path / "a.ipynb", "n = 1", "1 / n")
    out = tmp_path / "out.ipynb"
    assert "Cell 2 " in zimg("run", source, "-p", "n", "0", "-o", out, code=1).stderr


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"name": "conda-env-zimage-py", "display_name": "x", "language": "python"}},
        {"kernelspec": {"name": "nope"}, "language_info": {"name": "python"}},
    ],
)
def test_a_python_notebook_of_another_environment_runs_here(tmp_path: Path, metadata: Any) -> None:
    source = notebook(tmp_path / "a.ipynb", "n = 1", "print(n)", metadata=metadata)
    with warned("kernel-replaced", "notebook"):
        out = run_notebook(source, {"n": 2}, tmp_path / "out.ipynb")
    assert output_of(out) == "2\n"


def test_a_notebook_without_a_kernel_runs_here(tmp_path: Path) -> None:
    source = notebook(tmp_path / "a.ipynb", "n = 1", "print(n)", metadata={})
    assert output_of(run_notebook(source, {"n": 2}, tmp_path / "out.ipynb")) == "2\n"


def test_another_languages_kernel_is_asked_for(tmp_path: Path) -> None:
    metadata = {"kernelspec": {"name": "ir", "language": "R"}, "language_info": {"name": "R"}}
    source = notebook(tmp_path / "a.ipynb", "n = 1", metadata=metadata)
    with refused("kernel-missing", "notebook"):
        run_notebook(source, {}, tmp_path / "out.ipynb")


def test_the_notebook_itself_is_never_the_output(tmp_path: Path) -> None:
    source = notebook(tmp_path / "a.ipynb", "n = 1")
    with refused("output-is-input", "output"):
        run_notebook(source, {}, source)
    with refused("not-written", "output"):
        run_notebook(source, {}, source / "x" / "out.ipynb")


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"cells": 1}', "\udcff"])
def test_what_is_no_notebook_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with refused("not-a-notebook", "notebook"):
        run_notebook(path, {})


def test_the_grammar_of_addresses_is_left_out_for_a_while_only() -> None:
    code = """
import sys
import time
from zimg_kernel.cli.address_grammar import without_address_grammar
with without_address_grammar():
    import papermill
assert "lark" not in sys.modules
import rfc3987_syntax
"""
    pytest.importorskip("rfc3987_syntax")
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such sockets")
@pytest.mark.parametrize("name", ["run", "x" * 80])
def test_a_kernel_speaks_through_sockets_of_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    asked = (
        "import ipykernel, os, stat, json\n"
        "said = json.loads(ipykernel.get_connection_info())\n"
        "folder = os.path.dirname(said['ip'])\n"
        "print(said['transport'], os.stat(folder).st_mode & (stat.S_IRWXG | stat.S_IRWXO), n)"
    )
    source = notebook(tmp_path / "a.ipynb", "n = 1", asked)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / name))
    assert output_of(run_notebook(source, {"n": 2}, tmp_path / "out.ipynb")) == "ipc 0 2\n"


def test_an_interrupted_run_tells_which_cells_ran(
    tmp_path: Path, clean_environment: dict[str, str]
) -> None:
    wait = "import time; print('begun', flush=True); time.sleep(600)"
    source = notebook(tmp_path / "a.ipynb", "n = 1", wait, "print('after')")
    out = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "zimg_kernel", "run", str(source), "-o", str(out)]
    with subprocess.Popen(command, env=clean_environment, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, ValueError):  # not there yet, or half written
                if states(out) == ["completed", "running", "pending"]:
                    break
            time.sleep(0.1)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130, said
    assert said.splitlines()[-1] == "zimg: interrupted."
    assert states(out) == ["completed", "failed", "pending"]


@pytest.mark.parametrize(
    "broken",
    [
        {"cells": ["a"]},
        {"cells": [{"cell_type": "code", "metadata": [], "outputs": [], "source": "1"}]},
        {"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": 1}]},
        {"cells": [{"cell_type": "code", "metadata": {}, "source": "1"}]},
        {"cells": [{"cell_type": "x", "metadata": {}, "outputs": [], "source": "1"}]},
        {"cells": [{"cell_type": "raw", "metadata": {"tags": 1}, "source": "1"}]},
        {"cells": [{"cell_type": "raw", "metadata": {}, "source": "\ud800"}]},
        {"metadata": {"kernelspec": [1]}},
        {"metadata": None},
        {"nbformat": "\ud800"},
        {"nbformat": -1},
    ],
)
def test_a_notebook_of_another_structure_is_refused(tmp_path: Path, broken: dict[str, Any]) -> None:
    whole = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": []}
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(whole | broken), encoding="utf-8")
    with refused("not-a-notebook", "notebook"):
        run_notebook(path, {}, tmp_path / "out.ipynb")
    assert not (tmp_path / "out.ipynb").exists()


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", "n = 1", "print(n + 1)")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert output_of(run_notebook(path, {"n": "4"}, tmp_path / "out.ipynb")) == "5\n"
