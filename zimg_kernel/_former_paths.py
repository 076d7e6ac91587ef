"""Former import paths of modules that users' notebooks name."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType

PATHS = {
    "zimg_kernel.controls": "zimg_kernel.edit.controls",
    "zimg_kernel.grid": "zimg_kernel.experiments.grid",
    "zimg_kernel.suite": "zimg_kernel.experiments.suite",
    "zimg_kernel.variety": "zimg_kernel.experiments.variety",
    "zimg_kernel.nano.captions": "zimg_kernel.nano.text.captions",
    "zimg_kernel.nano.lesson": "zimg_kernel.nano.train.lesson",
    "zimg_kernel.nano.render": "zimg_kernel.nano.draw.render",
    "zimg_kernel.nano.things": "zimg_kernel.nano.draw.things",
    "zimg_kernel.nano.vocabulary": "zimg_kernel.nano.text.vocabulary",
}
"""Former name and present name of each module."""


class _FormerPaths:  # no base class: importing importlib.abc costs more than all of this
    """Import of a module under its former name, as the very same module object."""

    def find_spec(
        self, fullname: str, path: object = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname in PATHS else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(PATHS[spec.name])
        # The import system is about to overwrite these; exec_module puts them back.
        spec.loader_state = (module.__spec__, module.__loader__)
        return module

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        module.__spec__, module.__loader__ = module.__spec__.loader_state


def install() -> None:
    """Let the former paths be imported, once in a process."""
    if not any(isinstance(finder, _FormerPaths) for finder in sys.meta_path):
        sys.meta_path.append(_FormerPaths())
