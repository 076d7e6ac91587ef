"""Suites in YAML files; a mistake becomes one sentence with its line."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from zimg_kernel.errors import BadInput
from zimg_kernel.experiments.yaml_source import YamlSource

from .check_kinds import CHECKS
from .expected_objects import ExpectedObject
from .parametrize import ParametrizeError, parametrize
from .spec import Case, Fields, Suite, SuiteFields

_MOST = 5  # mistakes that are told at once
_READY = Path(__file__).with_name("ready")


def ready_suites() -> dict[str, Path]:
    """Return the suites that ship inside, by name."""
    return {path.stem: path for path in sorted(_READY.glob("*.yaml"))}


def load_suite(path: str | Path) -> Suite:
    """Read a suite; see :meth:`Suite.load`."""
    ready = ready_suites()
    file = ready.get(str(path)) or Path(path).expanduser()
    source = YamlSource.read(
        file,
        "name and cases, each on its line",
        f"There is no file {file}, nor a ready suite of that name ({', '.join(ready)}).",
    )
    try:
        fields = SuiteFields.model_validate(source.data)
    except ValidationError as error:
        items = error.errors()
        mistakes = list(dict.fromkeys(_sentence(item, source) for item in items))
        more = [f"{len(mistakes) - _MOST} more mistakes follow."] if len(mistakes) > _MOST else []
        raise BadInput(
            f"{file}, {' '.join([*mistakes[:_MOST], *more])}",
            code="invalid-suite",
            field=".".join(map(str, items[0]["loc"])) or None,
        ) from None
    for case in fields.cases:
        case._folder = file.absolute().parent
    return Suite.model_construct(
        **{name: getattr(fields, name) for name in SuiteFields.model_fields}
    )


def _sentence(item: Any, source: YamlSource) -> str:
    """Return place and problem of one entry: ``line 12, case red-left: text: ...``."""
    where = list(item["loc"])
    name = ""
    fault = item.get("ctx", {}).get("error")
    if isinstance(fault, ParametrizeError):
        return f"line {source.line(['cases', fault.index])}: {fault}"
    if len(where) > 1 and where[0] == "cases" and isinstance(where[1], int):
        where[1], case = parametrize(source.data["cases"])[where[1]]
        named = isinstance(case, dict) and "id" in case
        name = f", case {' '.join(str(case['id']).split()) if named else where[1] + 1}"
    if item["type"] == "unknown":
        where.append(item["ctx"]["key"])
    line = source.line(where)
    shown = [str(part) for part in where[2 if name else 0 :] if part != "checks"]
    if item["type"] in ("extra_forbidden", "missing", "unknown"):
        shown = shown[:-1]
    shown = [part for part in dict.fromkeys(shown) if not part.isdigit()]
    field = f"{'.'.join(shown)}: " if shown else ""
    sentence = f"line {line}{name}: {field}{_reason(item)}"
    return sentence if sentence.endswith((".", "?")) else sentence + "."


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
    """Return the fields that may stand where an unknown one stands."""
    if "checks" in where:
        kind = where[where.index("checks") + 2]
        deep = len(where) - where.index("checks") > 4
        fields = (ExpectedObject if deep else CHECKS[kind]).model_fields
        return [name for name in fields if name != "kind"]
    if where[0] == "cases":
        return [*Case.model_fields, "each", "choices"]
    return list((Fields if where[0] == "defaults" else SuiteFields).model_fields)
