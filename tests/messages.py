"""Messages of the package's exceptions and warnings as they stand in the source.

``python tests/messages.py`` writes ``tests/messages.yaml`` anew after a sentence was changed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
SNAPSHOT = Path(__file__).with_suffix(".yaml")
_FOLDERS = ("zimg_kernel", "widgets/zimg_widgets")
_NAMED = {
    "BadInput",
    "ZimgError",
    "GalleryError",
    "WeightsMissing",
    "OutOfMemory",
    "JobCancelled",
    "CandidateRefused",
    "ComfyUnreachable",
    "FileGone",
    "Refused",
    "ZimgWarning",
}


@dataclass(frozen=True)
class Message:
    """One place where an exception or a warning is made."""

    place: str  # file and line, for people
    kind: str
    code: str | None  # None: left to the class; "": computed
    field: str
    text: str


def messages() -> Iterator[Message]:
    """Yield each place in the source where one of the exceptions or a warning is made."""
    for folder in _FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from _of_file(path)


def _of_file(path: Path) -> Iterator[Message]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        kind = (
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        )
        if kind in _NAMED:
            given = {word.arg: word.value for word in node.keywords}
            yield Message(
                place=f"{path.relative_to(ROOT)}:{node.lineno}",
                kind=kind,
                code=_constant(given["code"]) if "code" in given else None,
                field=_template(given["field"]) if "field" in given else "",
                text=_template(node.args[0]),
            )


def _constant(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _template(node: ast.expr) -> str:
    """Return a text with its values in braces, whatever way it is put together."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_template(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return f"{{{ast.unparse(node.value)}}}"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _template(node.left) + _template(node.right)
    return f"{{{ast.unparse(node)}}}"


def snapshot() -> dict[str, list[str]]:
    """Return the wordings by code, sorted."""
    found: dict[str, set[str]] = {}
    for message in messages():
        code = message.code or f"({message.kind})"
        field = f" [{message.field}]" if message.field else ""
        found.setdefault(code, set()).add(f"{message.kind}{field}: {message.text}")
    return {code: sorted(texts) for code, texts in sorted(found.items())}


if __name__ == "__main__":
    SNAPSHOT.write_text(
        yaml.safe_dump(snapshot(), allow_unicode=True, sort_keys=False, width=100), encoding="utf-8"
    )
