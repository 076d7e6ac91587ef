"""Joining scripts and style sheets: each once, in a scope of its own, with names checked."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from zimg_widgets._shared.bundle import HERE, BundleError, bundle

NODE = shutil.which("node")
ENTRY = 'import { a } from "./a.js";\nexport default a;\n'


@pytest.fixture
def write(tmp_path: Path):
    def write(**files: str) -> str:
        for name, text in files.items():
            (tmp_path / f"{name}.js").write_text(text, encoding="utf-8")
        return bundle("entry.js", tmp_path)

    return write


def run(module: str) -> str:
    """Print the default export of a module with node."""
    if NODE is None:
        pytest.skip("node is not installed")
    module = module.replace("export default ", "const it = ", 1) + "\nconsole.log(it);"
    command = [NODE, "--input-type=module"]
    done = subprocess.run(command, input=module, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_equal_names_in_two_files_do_not_meet(write) -> None:
    text = write(
        entry='import { a } from "./a.js";\nimport { b as other } from "./b.js";\n'
        "const secret = 1;\nexport default [secret, a(), other()];\n",
        a="const secret = 2;\nexport const a = () => secret;\n",
        b="const secret = 3;\nexport function b() {\n  return secret;\n}\n",
    )
    assert run(text) == "[ 1, 2, 3 ]"


def test_each_file_is_there_once_and_before_those_that_import_it(write) -> None:
    text = write(
        entry='import { a } from "./a.js";\nimport { b } from "./b.js";\nexport default [a, b];\n',
        a='import { base } from "./base.js";\nexport const a = base + 1;\n',
        b='import { base } from "./base.js";\nexport const b = base + 2;\n',
        base="export const base = 40;\n",
    )
    assert text.count("const base = 40") == 1
    assert run(text) == "[ 41, 42 ]"


def test_only_the_default_export_and_no_import_is_left(write) -> None:
    text = write(entry=ENTRY, a="export class a {\n}\n")
    assert text.count("export ") == 1
    assert "import " not in text
    assert "export default (() => {" in text


def test_a_changed_file_is_read_again(write, tmp_path: Path) -> None:
    write(entry=ENTRY, a="export const a = 1;\n")
    assert "const a = 22;" in write(a="export const a = 22;\n")


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"a": "const a = 1;\n"}, "does not export"),
        ({"a": 'import { b } from "./b.js";\nexport const a = b;\n'}, "b.js is missing"),
        ({"a": 'import { a as b } from "./a.js";\nexport const a = 1;\n'}, "js -> a.js -> a.js"),
        ({"a": "export const a = 1;\nexport default a;\n"}, "has a default export"),
        ({"a": "export let a = 1;\n"}, "cannot be joined: export let"),
        ({"a": 'import a from "a";\nexport const a = 1;\n'}, "cannot be joined: import a"),
        ({"entry": "const a = 1;\n"}, "lacks a default export"),
    ],
    ids=["no export", "no file", "circle", "two defaults", "let", "package", "no default"],
)
def test_what_cannot_be_joined_is_refused(write, files: dict[str, str], named: str) -> None:
    with pytest.raises(BundleError, match=named):
        write(**{"entry": ENTRY, **files})


def test_style_sheets_are_joined_in_the_order_of_their_imports(tmp_path: Path) -> None:
    (tmp_path / "tokens.css").write_text("a {}\n")
    (tmp_path / "part.css").write_text('@import "./tokens.css";\n\nb {}\n')
    (tmp_path / "widget.css").write_text('@import "./tokens.css";\n@import "./part.css";\n\nc {}\n')
    assert bundle("widget.css", tmp_path).split() == ["a", "{}", "b", "{}", "c", "{}"]


@pytest.mark.parametrize(
    "name",
    [str(path.relative_to(HERE)) for path in [*HERE.rglob("widget.js"), *HERE.rglob("*.css")]],
)
def test_every_control_s_files_can_be_joined(name: str) -> None:
    assert bundle(name)


@pytest.mark.parametrize(
    "path", sorted(HERE.rglob("widget.css")), ids=lambda path: path.parent.name
)
def test_a_control_has_the_variables_that_its_style_uses(path: Path) -> None:
    text = bundle(str(path.relative_to(HERE)))
    scripts = "".join(file.read_text(encoding="utf-8") for file in path.parent.glob("*.js"))
    known = re.findall(r"(--zimg-[\w-]+):", text) + re.findall(r'"(--zimg-[\w-]+)"', scripts)
    assert set(re.findall(r"var\((--zimg-[\w-]+)\)", text)) <= set(known)


def test_files_are_followed_during_development(
    write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("watchfiles")
    monkeypatch.setenv("ANYWIDGET_HMR", "1")
    contents = write(entry=ENTRY, a="export const a = 1;\n")
    assert "const a = 1;" in str(contents)
    assert hasattr(contents, "changed")
