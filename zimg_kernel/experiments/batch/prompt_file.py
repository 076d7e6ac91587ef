"""Files of prompts: text, CSV, JSON, JSON lines or YAML, one picture or several a line."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zimg_kernel.errors import BadInput
from zimg_kernel.params import GenerationParams
from zimg_kernel.yaml_files import read_utf8, read_yaml

_MOST_BYTES = 64 << 20
_TEXTS = ("prompt", "negative_prompt", "model")
_NAMES = {"negative": "negative_prompt", "n": "count", "lora": "loras"}  # as the options say
_KINDS = ".txt, .csv, .json, .jsonl, .yaml"


@dataclass(frozen=True)
class PromptLine:
    """What a file wants at one place.

    Attributes
    ----------
    number : int
        Line of the file, or place in a list, from 1.
    fields : mapping
        Parameters.
    error : str
        Why there are none; one sentence.
    """

    number: int
    fields: Mapping[str, Any]
    error: str = ""

    @property
    def prompt(self) -> str:
        """The prompt, or what stands in its place."""
        return str(self.fields.get("prompt", ""))


def read_prompts(path: Path) -> list[PromptLine]:
    """Return what a file wants, in its order; a line that cannot be read says why.

    A text file has a prompt on each line; empty ones, and those that begin with ``#``, are left
    out. A CSV file has a head of parameter names (``prompt``, ``seed``, ``width``...). JSON and
    YAML hold a list of prompts or of mappings, JSON lines one of them a line.

    Raises
    ------
    BadInput
        The file is not there, is no text or has another ending; or nothing is in it.
    """
    readers: dict[str, Callable[[str, Path], Iterator[PromptLine]]] = {
        ".txt": _text, ".csv": _csv, ".tsv": _csv, ".json": _json, ".jsonl": _json_lines,
        ".ndjson": _json_lines, ".yaml": _yaml, ".yml": _yaml,
    }  # fmt: skip
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise BadInput(
            f"{path.name} must end in one of {_KINDS}: the ending decides how it is read.",
            code="wrong-ending",
            field="file",
        )
    found = list(reader(read_utf8(path, _MOST_BYTES, "file").removeprefix("\ufeff"), path))
    if not found:
        raise BadInput(
            f"{path} holds no prompts: write one on each line.", code="empty-list", field="file"
        )
    return found


def _text(content: str, path: Path) -> Iterator[PromptLine]:
    for number, line in enumerate(content.split("\n"), 1):
        text = line.strip()
        if text and not text.startswith("#"):
            yield PromptLine(number, {"prompt": text})


def _csv(content: str, path: Path) -> Iterator[PromptLine]:
    separator = "\t" if path.suffix.lower() == ".tsv" else ","
    rows = csv.reader(io.StringIO(content, newline=""), delimiter=separator)
    names = [_NAMES.get(name.strip().lower(), name.strip().lower()) for name in next(rows, [])]
    unknown = sorted(set(names) - set(GenerationParams.model_fields) - {""})
    if names and ("prompt" not in names or unknown):
        wrong = f"knows no {', '.join(unknown)}" if unknown else "has no column prompt"
        raise BadInput(
            f"The first line of {path} {wrong}: it names the columns, such as "
            "prompt,seed,width,height.",
            code="unknown-parameter",
            field="file",
        )
    try:
        for row in rows:
            cells = zip(names, row, strict=False)
            fields = {name: _cell(name, text) for name, text in cells if name and text.strip()}
            if fields:
                yield PromptLine(rows.line_num, fields)
    except csv.Error as error:
        raise BadInput(
            f"{path} is no CSV at line {rows.line_num} ({error}).",
            code="file-unreadable",
            field="file",
        ) from None


def _cell(name: str, text: str) -> Any:
    """Return what a cell says; a spreadsheet's 512.0 is 512."""
    if name in _TEXTS:
        return text.strip()
    if name == "loras":
        pairs = [part.strip().rpartition(":") for part in text.split(";") if part.strip()]
        return [(file, _number(weight)) if file else (weight, 1.0) for file, _, weight in pairs]
    return _number(text)


def _number(text: str) -> Any:
    with contextlib.suppress(ValueError):
        value = json.loads(text)
        return int(value) if isinstance(value, float) and value.is_integer() else value
    return text.strip()


def _json(content: str, path: Path) -> Iterator[PromptLine]:
    try:
        yield from _listed(json.loads(content), path)
    except (ValueError, RecursionError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(
            f"{path} is no JSON ({error}).", code="file-unreadable", field="file"
        ) from None


def _json_lines(content: str, path: Path) -> Iterator[PromptLine]:
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield _item(number, json.loads(line))
        except (ValueError, RecursionError) as error:
            yield PromptLine(number, {}, f"It is no JSON ({error}).")


def _yaml(content: str, path: Path) -> Iterator[PromptLine]:
    yield from _listed(read_yaml(path, field="file"), path)


def _listed(data: Any, path: Path) -> Iterator[PromptLine]:
    if isinstance(data, Mapping) and isinstance(data.get("prompts"), list):
        data = data["prompts"]
    if not isinstance(data, list):
        raise BadInput(
            f'{path} holds no list: write ["a red circle", ...], or mappings of parameters.',
            code="wrong-type",
            field="file",
        )
    for number, item in enumerate(data, 1):
        yield _item(number, item)


def _item(number: int, item: Any) -> PromptLine:
    if isinstance(item, str):
        return PromptLine(number, {"prompt": item})
    if isinstance(item, Mapping):
        fields = {_NAMES.get(str(name), str(name)): value for name, value in item.items()}
        return PromptLine(number, fields)
    return PromptLine(
        number, {}, f"A prompt is text or a mapping of parameters, not {type(item).__name__}."
    )
