"""Public names of version 0.1.0: still imported and run from the same places."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from inspect import isclass, isfunction
from operator import attrgetter
from typing import Any

import pytest
import yaml

from compat.drawing import DATA

PUBLIC: dict[str, Any] = yaml.safe_load((DATA / "public_names.yaml").read_text(encoding="utf-8"))
MOVED: dict[str, str] = yaml.safe_load((DATA / "moved.yaml").read_text(encoding="utf-8"))
NAMES = [(module, name) for module, names in PUBLIC["imports"].items() for name in names]


def imported(module: str, name: str) -> Any:
    """Return what ``from module import name`` gives."""
    space: dict[str, Any] = {}
    exec(f"from {module} import {name}", space)
    return space[name]


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_a_public_name_is_where_it_was(module: str, name: str) -> None:
    found = imported(module, name)
    assert found is not None
    assert getattr(import_module(module), name) == found
    if isclass(found) or isfunction(found):  # the one that its own module has, not another one
        assert attrgetter(found.__qualname__)(import_module(found.__module__)) is found


def test_what_a_package_lists_can_be_imported() -> None:
    for module in PUBLIC["imports"]:
        listed = getattr(import_module(module), "__all__", [])
        assert len(set(listed)) == len(listed)
        for name in listed:
            assert imported(module, name) is not None


def test_a_moved_name_is_the_same_object_in_both_places() -> None:
    for old, new in MOVED.items():
        for name in PUBLIC["imports"][old]:
            assert imported(new, name) == imported(old, name), f"{name} of {old} and {new}"


def test_the_command_of_an_earlier_installation_is_a_function() -> None:
    """The script ``zimg`` of an installation from before the move imports and calls it."""
    code = "import zimg_kernel.cli.command\nfrom zimg_kernel.cli import main\nassert callable(main)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("module", PUBLIC["run_as_modules"])
def test_what_is_run_as_a_module_is_there(module: str) -> None:
    assert find_spec(module) is not None


def test_the_command_has_all_its_parts() -> None:
    command = [sys.executable, "-m", "zimg_kernel", "--help"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    listed = done.stdout.partition("Commands:")[2].splitlines()
    offered = {line.split()[0] for line in listed if line.startswith("  ") and line[2] != " "}
    assert offered >= set(PUBLIC["commands"])
