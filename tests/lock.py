"""Versions and hashes of all packages that the Makefile installs: ``make lock`` writes them anew.

``make lock`` keeps each version that still fits pyproject.toml, ``make lock UPGRADE=1`` none, and
``make lock UPGRADE=NAME`` all but that one.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "constraints.txt"
PROJECT = ROOT / "pyproject.toml"
_EXTRAS = ("lab", "ocr", "onnx", "gpu", "flash", "judge", "cluster", "comfy", "service")
# What is installed together, and the extras and groups of pyproject.toml it consists of.
SETS = {
    "build": ["--group", f"{PROJECT}:build"],
    "lab": [str(PROJECT), *(f"--extra={name}" for name in _EXTRAS)],
    "test": [str(PROJECT), "--extra", "test"],
    "audit": ["--group", f"{PROJECT}:audit"],
    "lock": ["--group", f"{PROJECT}:lock"],
}
# Parts of torch's CUDA build on Linux, which its CPU build does without; what reads a card; and
# FlashAttention 3 with what it names.
_CUDA = re.compile(r"cuda-|nvidia-|fa3-|einops$|ninja$|triton$")
_HEADER = """\
# Every package that the Makefile installs, at the version that was tested, with the hashes of its
# files on PyPI for all systems. Written by `make lock`; do not edit. The line above a package names
# the sets that it belongs to: the Makefile installs a set, and pip refuses a file of another hash.
# torch has hashes of its CPU builds, too, which are not on PyPI; its CUDA build needs the set cuda.
"""


def main(upgrade: str = "") -> None:
    """Write constraints.txt anew; upgrade nothing, all (``1``), or one package."""
    before = LOCK.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "constraints.txt")
        out.write_text(before, encoding="utf-8")  # uv keeps the versions that it finds there
        choice = [] if not upgrade else ["--upgrade"] if upgrade == "1" else ["-P", upgrade]
        everything = [part for parts in SETS.values() for part in parts]
        _compile(*_unique(everything), *choice, "--output-file", str(out))
        locked = packages(out.read_text(encoding="utf-8"))
        pins = Path(folder, "pins.txt")
        pins.write_text("\n".join(lines[0].rstrip(" \\") for lines in locked.values()))
        members = {
            name: packages(_compile(*parts, "--constraints", str(pins)))
            for name, parts in SETS.items()
        }
    locked["torch"] = _with_cpu_builds(locked["torch"], packages(before).get("torch", []))
    text = _HEADER
    for name, lines in sorted(locked.items()):
        sets = [label for label, found in members.items() if name in found]
        sets = ["cuda"] if _CUDA.match(name) else ["torch"] if name == "torch" else sets
        text += "\n".join([f"# {' '.join(sets)}", *lines]) + "\n"
    LOCK.write_text(text, encoding="utf-8")


def packages(text: str) -> dict[str, list[str]]:
    """Return the lines of each package, by its name: the requirement, then its hashes."""
    blocks = re.findall(r"^([\w.-]+)(==.*(?:\n    .*)*)", text, re.MULTILINE)
    return {name.lower(): (name + rest).splitlines() for name, rest in blocks}


def _with_cpu_builds(torch: list[str], before: list[str]) -> list[str]:
    """Return the lines of torch with the hashes of its CPU builds, from PyTorch's own index.

    Where that cannot be reached, those of the former file stay if the version does.
    """
    pin = torch[0].rstrip(" \\")
    try:
        found = packages(_compile("-", "--no-deps", "--torch-backend", "cpu", typed=pin))["torch"]
    except subprocess.CalledProcessError:
        kept = bool(before) and before[0].rstrip(" \\") == pin
        print(
            "The hashes of torch's CPU builds could not be asked for: "
            + ("those in constraints.txt stay." if kept else f"{pin} is listed without them.")
        )
        found = before if kept else []
    hashes = {line.rstrip(" \\") for line in torch[1:] + found[1:]}
    return [f"{pin} \\", *" \\\n".join(sorted(hashes)).split("\n")]


def _compile(*options: str, typed: str = "") -> str:
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal"]
    command += ["--python-version", "3.11", "--fork-strategy", "fewest", "--only-binary", ":all:"]
    command += ["--generate-hashes", "--no-header", "--no-annotate", *options]
    return subprocess.run(
        command, input=typed, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True
    ).stdout


def _unique(options: list[str]) -> list[str]:
    """Drop the second mention of pyproject.toml."""
    return [
        part for at, part in enumerate(options) if part != str(PROJECT) or part not in options[:at]
    ]


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except subprocess.CalledProcessError:
        sys.exit("constraints.txt stays as it is: uv found no versions, for the reason above.")
