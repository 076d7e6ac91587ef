"""The Studio in a notebook that runs as a job: a line of text, the panel when it is used."""

from __future__ import annotations

from typing import Any

_TEXT = {
    "en": "The Studio is not made in a notebook that runs as a job: open the notebook in "
    "JupyterLab and run this cell.",
    "zh": "笔记本作为任务运行时不建立 Studio：请在 JupyterLab 中打开笔记本并运行此单元格。",
}


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
        from zimg_kernel.settings import chosen_language

        if self._real is not None:
            return dict(self._real._repr_mimebundle_())
        return {"text/plain": _TEXT[chosen_language(self._more.get("language"))]}
