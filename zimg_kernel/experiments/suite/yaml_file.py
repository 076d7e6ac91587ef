"""Reads a suite's YAML file; a mistake in it becomes one sentence with its line."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from zimg_kernel.errors import BadInput
from zimg_kernel.models.catalog import _StrictLoader

from .parametrize import SpreadError, spread
from .spec import Case, Fields, Suite, SuiteFields

_MOST = 5  # mistakes that are told at once
_READY = Path(__file__).with_name("ready")


def ready_suites() -> dict[str, Path]:
    """Return the suites that ship inside, by name."""
    return {path.stem: path for path in sorted(_READY.glob("*.yaml"))}


def load(path: str | Path) -> Suite:
    """Read a suite; see :meth:`Suite.load`."""
    ready = ready_suites()
    source = ready.get(str(path)) or Path(path).expanduser()
    try:
        text = source.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        names = ", ".join(ready)
        raise BadInput(f"There is no file {source}, nor a ready suite of that name ({names})."
                       ) from None  # fmt: skip
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise BadInput(f"{source} cannot be read ({reason}).") from None
    node, raw = _parsed(text, source)
    if not isinstance(raw, dict):
        raise BadInput(f"{source} must hold name and cases, each on its line.")
    try:
        fields = SuiteFields.model_validate(raw)
    except ValidationError as error:
        items = error.errors()
        said = list(dict.fromkeys(_sentence(item, raw, node) for item in items))
        more = [f"{len(said) - _MOST} more mistakes follow."] if len(said) > _MOST else []
        raise BadInput(f"{source}, {' '.join([*said[:_MOST], *more])}") from None
    for case in fields.cases:
        case._folder = source.absolute().parent
    return Suite.model_construct(
        **{name: getattr(fields, name) for name in SuiteFields.model_fields}
    )


def _parsed(text: str, source: Path) -> tuple[yaml.Node | None, Any]:
    loader = _StrictLoader(text)
    try:
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise BadInput(f"{source} is not valid YAML: {line}{error.problem}.") from None
    except (ValueError, yaml.YAMLError) as error:
        raise BadInput(f"{source} is not valid YAML ({' '.join(str(error).split())}).") from None
    finally:
        loader.dispose()


def _sentence(item: Any, raw: dict[str, Any], node: yaml.Node | None) -> str:
    """Say where and what: ``line 12, case red-left: text: ...``."""
    where = list(item["loc"])
    name = ""
    fault = item.get("ctx", {}).get("error")
    if isinstance(fault, SpreadError):
        return f"line {_line(node, ['cases', fault.place])}: {fault}"
    if len(where) > 1 and where[0] == "cases" and isinstance(where[1], int):
        place, case = spread(raw["cases"])[where[1]]
        where[1] = place
        name = f", case {case['id']}" if isinstance(case, dict) and "id" in case else ""
        if not name:
            name = f", case {where[1] + 1}"
    if item["type"] == "unknown":
        where.append(item["ctx"]["key"])
    line = _line(node, where)
    shown = [str(part) for part in where[2 if name else 0 :] if part != "checks"]
    if item["type"] in ("extra_forbidden", "missing", "unknown"):
        shown = shown[:-1]
    shown = [part for part in dict.fromkeys(shown) if not part.isdigit()]
    field = f"{'.'.join(shown)}: " if shown else ""
    said = f"line {line}{name}: {field}{_reason(item)}"
    return said if said.endswith((".", "?")) else said + "."


def _reason(item: Any) -> str:
    last = item["loc"][-1] if item["loc"] else ""
    if item["type"] == "value_error":
        return str(item["ctx"]["error"])
    if item["type"] == "unknown":
        return str(item["msg"])
    if item["type"] == "missing":
        return f"{last} is missing"
    if item["type"] == "extra_forbidden":
        known = _known(list(item["loc"]))
        close = get_close_matches(str(last), known, n=1)
        hint = f" (did you mean {close[0]}?)" if close else f" (known are {', '.join(known)})"
        return f"there is no field {last}{hint}"
    shown = repr(item["input"])
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return f"cannot be {shown}: {item['msg'][:1].lower()}{item['msg'][1:]}"


def _known(where: list[Any]) -> list[str]:
    from .nano_checks import Item
    from .spec import CHECKS

    if "checks" in where:
        kind = where[where.index("checks") + 2]
        deep = len(where) - where.index("checks") > 4
        fields = Item.model_fields if deep else CHECKS[kind].model_fields
        return [name for name in fields if name != "kind"]
    if where[0] == "cases":
        return [*Case.model_fields, "each", "choices"]
    return list((Fields if where[0] == "defaults" else SuiteFields).model_fields)


def _line(node: yaml.Node | None, where: list[Any]) -> int:
    """Return the line of the deepest part of a path that the file has, from 1."""
    line = 1 if node is None else node.start_mark.line + 1
    for part in where:
        for child, mark in _children(node, part):
            node, line = child, mark.line + 1
            break
    return line


def _children(node: yaml.Node | None, part: Any) -> Iterator[tuple[yaml.Node, Any]]:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        yield node.value[part], node.value[part].start_mark
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == str(part):
                yield value, key.start_mark
