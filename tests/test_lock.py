"""constraints.txt: a hash for every package, an entry for every dependency, floors for all."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import lock

LOCKED = lock.packages(lock.LOCK.read_text(encoding="utf-8"))
PROJECT = tomllib.loads(lock.PROJECT.read_text(encoding="utf-8"))


def test_every_package_is_pinned_with_hashes_of_its_files() -> None:
    assert len(LOCKED) > 100
    for name, (pin, *hashes) in LOCKED.items():
        assert re.fullmatch(r"[\w.-]+==[\w.]+( ; .+)? \\", pin), name
        assert hashes, name
        for line in hashes:
            assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line), name
        ends = [line.endswith(" \\") for line in hashes]
        assert ends == [True] * (len(hashes) - 1) + [False], name


def test_the_makefile_finds_the_packages_of_each_set() -> None:
    """Each set is what make hands to pip, and the CUDA parts of torch are in none but their own."""
    found = {name: _as_make_reads(name) for name in (*lock.SETS, "torch", "cuda")}
    assert set().union(*found.values()) == set(LOCKED)
    assert {"diffusers", "jupyterlab"} <= found["lab"]
    assert found["torch"] == {"torch"}
    assert {"pytest", "ruff", "mypy"} <= found["test"]
    assert {"pip", "hatchling", "editables"} <= found["build"]
    assert not any(name.startswith("nvidia") for name in LOCKED if name not in found["cuda"])
    assert not found["cuda"] & (found["lab"] | found["test"])


def test_every_dependency_has_a_floor_that_its_entry_meets() -> None:
    for wanted in _dependencies():
        floors = [spec for spec in wanted.specifier if spec.operator in {">=", "~=", "=="}]
        assert floors, f"{wanted.name} has no floor in pyproject.toml"
        pin = LOCKED[canonicalize_name(wanted.name)][0].partition("==")[2].split()[0]
        assert wanted.specifier.contains(pin), f"make lock: {wanted} is locked at {pin}"


def _dependencies() -> Iterator[Requirement]:
    extras = PROJECT["project"]["optional-dependencies"].values()
    groups = PROJECT["dependency-groups"].values()
    build = PROJECT["build-system"]["requires"]
    for several in (PROJECT["project"]["dependencies"], build, *extras, *groups):
        yield from map(Requirement, several)


def _as_make_reads(name: str) -> set[str]:
    makefile = (lock.ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"awk '(.+)' constraints", makefile)
    assert found
    program = found[1].replace("\\#", "#").replace("$$", "$").replace("$(1)", name)
    awk = subprocess.run(["awk", program, lock.LOCK], capture_output=True, text=True, check=True)
    return set(lock.packages(awk.stdout))
