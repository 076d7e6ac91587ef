"""Model catalogue: cards from the package and from the user's models.yaml."""

from __future__ import annotations

import os
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from zimg_kernel import settings
from zimg_kernel.errors import BadInput
from zimg_kernel.families.registry import get_family
from zimg_kernel.yaml_files import read_yaml

from .card import ModelCard as ModelCard
from .card import ModelSource as ModelSource

_PACKAGED = Path(__file__).with_name("catalog.yaml")


def load_catalog(own: Path | None = None) -> dict[str, ModelCard]:
    """Return all cards by id: the package's, then the user's, which add or override.

    Parameters
    ----------
    own : Path, optional
        The user's catalogue; :func:`zimg_kernel.settings.models_file` by default.

    Raises
    ------
    BadInput
        The user's file is not valid; the message names the file, the card and the field.
    """
    path = settings.models_file() if own is None else own
    try:
        found = path.stat()
    except OSError:
        return _read_cards(path, None)
    return _read_cards(path, (found.st_mtime_ns, found.st_size, found.st_ino))


@lru_cache(maxsize=4)  # every request asks for its card; parsing YAML takes 10 ms
def _read_cards(path: Path, state: tuple[int, ...] | None) -> dict[str, ModelCard]:
    raw: dict[str, Any] = yaml.safe_load(_PACKAGED.read_text(encoding="utf-8"))
    cards = {name: _card(name, fields, _PACKAGED) for name, fields in raw.items()}
    if state is None or not path.is_file():
        return cards
    for name, fields in _read_user_cards(path).items():
        base = _base(name, fields, raw, path)
        fields = {key: value for key, value in fields.items() if key != "like"}
        raw[name] = _with_absolute_folders({**base, **fields}, path)
        cards[name] = _card(name, raw[name], path)
    return cards


def get_card(model: str) -> ModelCard:
    """Return the card of a model id; an unknown one is refused with the nearest known."""
    cards = load_catalog()
    if model in cards:
        return cards[model]
    close = get_close_matches(model.lower(), cards, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(cards)}."
    raise BadInput(
        f"There is no model called {model!r}: {hint} "
        f"Your own models go into {settings.models_file()}.",
        code="unknown-model",
        field="model",
    )


def _read_user_cards(path: Path) -> dict[str, dict[str, Any]]:
    data = read_yaml(path, field="models.yaml") or {}
    if not isinstance(data, dict):
        raise BadInput(
            f"{path} must hold model ids, each with its fields indented below it.",
            code="invalid-card",
            field="models.yaml",
        )
    for name, fields in data.items():
        if not isinstance(fields, dict):
            shown = "nothing" if fields is None else repr(fields)
            raise BadInput(
                f"In {path}, the card {name} must hold fields, indented below it, not {shown}.",
                code="invalid-card",
                field=str(name),
            )
    return {str(name): fields for name, fields in data.items()}


def _base(name: str, fields: dict[str, Any], raw: dict[str, Any], path: Path) -> dict[str, Any]:
    like = fields.get("like", name)
    if "like" in fields and (not isinstance(like, str) or like not in raw):
        close = get_close_matches(str(like), raw, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        raise BadInput(
            f"In {path}, the card {name}: like cannot be {like!r}, which is no model of the "
            f"package nor a card above this one{hint}.",
            code="invalid-card",
            field=name,
        )
    base = dict(raw.get(like, {}))
    if "source" in fields:  # other files: like memory as before, but another download
        base.pop("download_gb", None)
    if "source" in fields and "family" in base:
        base["family"] = get_family(base["family"]).other_files or base["family"]
    if like != name:
        base["title"] = name
        base.pop("default_on", None)
    return base


def _with_absolute_folders(fields: dict[str, Any], path: Path) -> dict[str, Any]:
    for key in ("source", "controlnet"):
        source = fields.get(key)
        if isinstance(source, dict) and isinstance(source.get("folder"), str):
            # A Path's own resolve() raises where links go round in a circle.
            folder = source["folder"] and os.path.realpath(
                path.parent / settings.expanded(source["folder"])
            )
            fields = {**fields, key: {**source, "folder": folder}}
    return fields


def _card(name: str, fields: dict[str, Any], path: Path) -> ModelCard:
    try:
        if "id" in fields:
            raise ValueError("id is the key above the fields, not one of them")
        return ModelCard.model_validate({**fields, "id": name})
    except ValidationError as error:
        problem = "; ".join(_problem(item) for item in error.errors())
    except ValueError as error:
        problem = str(error)
    raise BadInput(
        f"In {path}, the card {name}: {problem}.", code="invalid-card", field=name
    ) from None


def _problem(item: Any) -> str:
    """Return one entry of pydantic's report as words that begin with the field."""
    field = ".".join(str(part) for part in item["loc"])
    if item["type"] == "value_error":
        reason = str(item["ctx"]["error"])
        return f"{field}: {reason}" if field else reason
    if item["type"] == "missing":
        return f"{field} is missing"
    if item["type"] == "extra_forbidden":
        known = (ModelSource if len(item["loc"]) > 1 else ModelCard).model_fields
        close = get_close_matches(str(item["loc"][-1]), known, n=1)
        return f"there is no field {field}" + (f" (did you mean {close[0]}?)" if close else "")
    if item["type"] == "model_type":
        return f"{field} must hold fields such as modelscope: OWNER/NAME"
    shown = repr(item["input"])
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return f"{field} cannot be {shown}: {item['msg'][:1].lower()}{item['msg'][1:]}"
