"""YAML files of users: limits, kinds of values, and that no other module reads them itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import zimg_kernel
from refusals import refused
from zimg_kernel.yaml_files import read_yaml

# The package's own files are no stranger's.
_OF_THE_PACKAGE = {"models/catalog.py", "nano/tables.py", "prompts/linter/words.py"}


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "a.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


LAUGHS = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
)


@pytest.mark.parametrize("words", [True, False])
@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("a: " + "[" * 3000 + "]" * 3000, "invalid-yaml"),
        (LAUGHS, "invalid-yaml"),
        ("a: &x [*x]", "invalid-yaml"),
        ("- *nothing", "invalid-yaml"),
        ("a: &x 1\nb: [" + "*x, " * 101 + "]", "invalid-yaml"),
        ("a: [1", "invalid-yaml"),
        ("a: 1\n---\nb: 2", "invalid-yaml"),
        ("a: \x07", "invalid-yaml"),
        ("a: 红".encode("gbk"), "file-unreadable"),
        ("- a\n" * 300_000, "file-too-large"),
        ("- 1\n" * 240_000, "invalid-yaml"),
    ],
)
def test_what_is_too_deep_too_large_or_no_yaml_is_refused(
    tmp_path: Path, content: str | bytes, code: str, words: bool
) -> None:
    path = written(tmp_path, content)
    with refused(code):  # took minutes, or memory without end, before
        read_yaml(path, words=words)


@pytest.mark.parametrize(
    "value",
    ["!!python/name:os.getcwd", "!!python/object/apply:os.getcwd []", "!!binary YQ==", "!x y"],
)
def test_other_kinds_of_values_are_refused(tmp_path: Path, value: str) -> None:
    with refused("invalid-yaml", "a.yaml"):
        read_yaml(written(tmp_path, f"a: {value}"))


def test_duplicate_keys_are_refused(tmp_path: Path) -> None:
    with refused("invalid-yaml", "field"):
        read_yaml(written(tmp_path, "a: 1\nb: 2\na: 3"), field="field")


def test_values_are_text_numbers_and_truth_values(tmp_path: Path) -> None:
    content = "no: yes\nn: 1_000\nf: .5\nratio: 16:9\ntime: 12:30.5\nday: 2024-01-01\nnull: ~"
    assert read_yaml(written(tmp_path, content)) == {
        "no": True,
        "n": 1000,
        "f": 0.5,
        "ratio": "16:9",
        "time": "12:30.5",
        "day": "2024-01-01",
        None: None,
    }


def test_words_stay_as_they_are_written(tmp_path: Path) -> None:
    content = "- no\n- 1.50\n- 2024-01-01\n- ~"
    assert read_yaml(written(tmp_path, content), words=True) == ["no", "1.50", "2024-01-01", "~"]


def test_merged_mappings_and_aliases_are_read(tmp_path: Path) -> None:
    content = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a"
    assert read_yaml(written(tmp_path, content))["b"] == {"x": 1, "y": 3}


def test_no_other_module_reads_the_yaml_of_users() -> None:
    package = Path(zimg_kernel.__file__).parent
    callers = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "yaml"
                and "load" in node.attr.lower()
            ):
                callers.add(path.relative_to(package).as_posix())
    assert callers - {"yaml_files.py"} == _OF_THE_PACKAGE
