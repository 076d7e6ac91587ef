"""Registry of model families: name to class, imported when first asked for."""

from __future__ import annotations

import re
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import BadInput

if TYPE_CHECKING:
    from zimg_kernel.models.card import ModelCard

    from .family import ModelFamily

_PLACE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", re.ASCII)
_DEFAULT = "z-image"
_EMBEDDED = "nano"
_classes: dict[str, str | type[ModelFamily]] = {
    "z-image": "zimg_kernel.z_image.family:ZImage",
    "nano": "zimg_kernel.nano.family:Nano",
}
_made: dict[str, ModelFamily] = {}


def register_family(name: str, family: str | type[ModelFamily]) -> None:
    """Make a family known under a name, which cards give as ``family``.

    Parameters
    ----------
    name : str
        A later family takes the place of an earlier one of the same name.
    family : str or type
        A class that implements :class:`~zimg_kernel.families.ModelFamily` and is called without
        arguments, or where it is, as ``"package.file:Class"``.
    """
    _classes[name] = family
    _made.pop(name, None)


def families() -> list[str]:
    """Return the names of all known families."""
    return list(_classes)


def get_family(name: str) -> ModelFamily:
    """Return a family by its name.

    Parameters
    ----------
    name : str
        A registered one; or where its class is, as ``"package.file:Class"``, so that commands
        and kernels which have imported nothing know it by its card alone.

    Raises
    ------
    BadInput
        There is none of this name, or its class cannot be used.
    """
    if name not in _made:
        found = _classes.get(name, name if _PLACE.fullmatch(name) else None)
        if found is None:
            close = get_close_matches(name, _classes, n=1)
            hint = f" (did you mean {close[0]}?)" if close else f": known are {', '.join(_classes)}"
            raise BadInput(
                f"There is no model family {name!r}{hint}; one of your own is named by its class, "
                "as package.file:Class.",
                code="unknown-family",
                field="family",
            )
        _made[name] = _make(name, found)
    return _made[name]


def _make(name: str, found: str | type[ModelFamily]) -> ModelFamily:
    try:
        kind: Any = found
        if isinstance(found, str):
            module, _, name_there = found.partition(":")
            kind = getattr(import_module(module), name_there)
        made: ModelFamily = kind()
    except Exception as error:  # code of the user's own: whatever it raises, other cards go on
        raise BadInput(
            f"The model family {name!r} cannot be used ({type(error).__name__}: {error}): its "
            "class has to be where Python finds it, with all that ModelFamily asks for.",
            code="unknown-family",
            field="family",
        ) from error
    return made


def family_of(card: ModelCard) -> ModelFamily:
    """Return the family of a model."""
    return get_family(card.family)


def family_named_by(fields: dict[str, Any]) -> str:
    """Return the family that a card's fields name.

    Without one it is Z-Image. Weights inside the package are the miniature's: cards that were
    written before that was a family of its own say Z-Image of them.
    """
    name = fields.get("family", _DEFAULT)
    source = fields.get("source")
    embedded = source.get("embedded") if isinstance(source, dict) else None
    return _EMBEDDED if embedded and name == _DEFAULT else name
