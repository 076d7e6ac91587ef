"""Cache of the parameters that methods chose, so that a killed comparison goes on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.experiments.batch.paths import content_hash
from zimg_kernel.files import atomic_file
from zimg_kernel.params import GenerationParams

NAME = "choices.json"


@dataclass(frozen=True)
class ChosenParams:
    """Parameters that a method chose, and the seconds that choosing took."""

    params: list[GenerationParams]
    seconds: float


class ChoiceCache:
    """Chosen parameters by what they were made for; a damaged file counts as empty.

    First looks at many seeds take time, and the wordings of an enhancer differ at each call.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        try:
            self._known: dict[str, Any] = dict(json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            self._known = {}

    def get(
        self, request: tuple[Any, ...], make: Callable[[], list[GenerationParams]]
    ) -> ChosenParams:
        """Return the choice made before for the same request, or make it and keep it."""
        key = content_hash([_plain(part) for part in request], 16)
        known = self._read(key)
        if known is not None:
            return known
        started = time.perf_counter()
        made = ChosenParams(make(), time.perf_counter() - started)
        self._known[key] = {
            "params": [one.model_dump(exclude_defaults=True) for one in made.params],
            "seconds": round(made.seconds, 3),
        }
        try:
            with atomic_file(self._path) as file:
                file.write(json.dumps(self._known, ensure_ascii=False, indent=1).encode())
        except ZimgError:
            pass  # the pictures are in the gallery; only the choice would be made again
        return made

    def _read(self, key: str) -> ChosenParams | None:
        known = self._known.get(key)
        if known is None:
            return None
        try:
            params = [GenerationParams.from_dict(one) for one in known["params"]]
            return ChosenParams(params, float(known["seconds"]))
        except (BadInput, LookupError, TypeError, ValueError):
            return None


def _plain(part: Any) -> Any:
    if isinstance(part, GenerationParams):
        return part.hash
    if callable(part):
        return f"{getattr(part, '__module__', '')}.{getattr(part, '__qualname__', type(part))}"
    if isinstance(part, Iterable) and not isinstance(part, str | dict):
        return list(part)
    return part
