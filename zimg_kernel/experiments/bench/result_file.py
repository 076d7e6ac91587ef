"""Result files: written whole, read with one sentence for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from zimg_kernel.errors import BadInput
from zimg_kernel.experiments.batch.paths import output_path
from zimg_kernel.files import atomic_file

from .result import FORMAT, VERSION, BenchResult


def write_result(result: BenchResult, path: str | Path) -> Path:
    """Write a result as JSON, whole or not at all; return the absolute path."""
    target = output_path(path, ".json")
    text = result.model_dump_json(exclude_none=True, indent=1)
    with atomic_file(target) as file:
        file.write(text.encode() + b"\n")
    return target


def read_result(path: str | Path) -> BenchResult:
    """Read a result file.

    Raises
    ------
    BadInput
        There is none, it is no result of a benchmark, or one of a later version.
    """
    path = Path(path).expanduser().absolute()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadInput(f"There is no file {path}.", code="file-missing", field="path") from None
    except (OSError, ValueError) as error:
        raise _no_result(path, f"it cannot be read ({error})") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _no_result(path, f"its format is not {FORMAT}")
    if not isinstance(content.get("version"), int) or content["version"] > VERSION:
        raise BadInput(
            f"{path} was written by a later version of zimg (version {content.get('version')} of "
            f"the file, this one reads {VERSION}): install that one.",
            code="version-too-new",
            field="path",
        )
    try:
        return BenchResult.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _no_result(path, f"{place}: {first['msg']}") from None


def _no_result(path: Path, why: str) -> BadInput:
    return BadInput(
        f"{path} is no result of zimg bench: {why}.", code="no-bench-result", field="path"
    )
