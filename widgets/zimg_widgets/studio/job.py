"""The Studio in a notebook that runs as a job: a line of text, the panel when it is used."""

from __future__ import annotations

from typing import Any


class StudioInJob:
    """Stands for a :class:`Studio` where nobody can see or press it; takes the same arguments.

    The panel takes a second to build. Whatever asks for a part of it gets that of a real one.
    """

    def __init__(self, *given: Any, **more: Any) -> None:
        self._given, self._more = given, more
        self._real: Any = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if self._real is None:
            from .widget import Studio

            self._real = Studio(*self._given, **self._more)
        return getattr(self._real, name)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        if self._real is not None:
            return dict(self._real._repr_mimebundle_())
        from zimg_widgets._shared.labels import in_language

        from .labels import LABELS

        return {"text/plain": in_language(LABELS, self._more.get("language"))["in_job"]}
