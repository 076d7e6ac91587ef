"""Imports of diffusers and transformers without what drawing does not need.

Half of a cold start went into torch's compiler, peft and scipy, which diffusers 0.42 and
transformers 5 import for a decorator, a class to test with ``isinstance``, or the losses of
object detection.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import importlib.util
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any

_DYNAMO = "torch._dynamo"
_PEFT = ("peft", "peft.helpers", "peft.tuners.tuners_utils")
#: The imports that are deferred, by the importing module or the start of its name.
_DEFERRED = {
    "diffusers.utils.torch_utils": (_DYNAMO,),
    "torch.compiler": (_DYNAMO,),  # decorators, as diffusers.hooks uses them
    "torch._compile": (_DYNAMO,),  # functions not to be compiled, as initial weights use them
    "diffusers.hooks.": _PEFT,
    "diffusers.loaders.": _PEFT,
    "diffusers.pipelines.pipeline_loading_utils": _PEFT,
    "diffusers.schedulers.": ("scipy.stats", "scipy.integrate"),
    "transformers.": (
        "scipy.optimize",  # losses of object detection
        "torch._dynamo._trace_wrapped_higher_order_op",
        "torch.distributed.checkpoint.hf_storage",
        "torch.distributed._composable.fsdp",  # models spread over several devices
        "torch.distributed.fsdp",
        "torch.distributed.tensor",
        "torch.distributed.tensor._utils",
        "torch.distributed.tensor.placement_types",
    ),
}
_lock = threading.RLock()


@contextmanager
def deferred_imports() -> Iterator[None]:
    """Defer the imports listed above within this block, and in this thread alone.

    Only import statements of those modules are changed: nothing is hidden from other code, and
    a module that is there already is used. What was deferred is imported by its first use.
    """
    with _lock:
        real, thread = builtins.__import__, threading.get_ident()

        def import_(
            name: str,
            globals: Any = None,
            locals: Any = None,
            fromlist: Any = (),
            level: int = 0,
        ) -> Any:
            if level or not globals or threading.get_ident() != thread:
                return real(name, globals, locals, fromlist, level)
            wanted = {name, *(f"{name}.{each}" for each in fromlist or ())}
            if not wanted & _deferred_in(str(globals.get("__name__"))) - set(sys.modules):
                return real(name, globals, locals, fromlist, level)
            if name == _DYNAMO:
                return _dynamo if fromlist else SimpleNamespace(_dynamo=_dynamo)
            if fromlist:
                return SimpleNamespace(**{each: DeferredName(name, each) for each in fromlist})
            return real(name.partition(".")[0])  # scipy imports its parts when they are used

        import torch

        if _DYNAMO not in sys.modules:  # transformers reads it as an attribute
            torch._dynamo = _dynamo  # type: ignore[assignment]
        builtins.__import__ = import_
        try:
            yield
        finally:
            builtins.__import__ = real
            if vars(torch).get("_dynamo") is _dynamo:
                del torch._dynamo


@functools.cache
def _deferred_in(importer: str) -> frozenset[str]:
    names = (names for start, names in _DEFERRED.items() if importer.startswith(start))
    return frozenset(name for some in names for name in some)


class DeferredName:
    """Stand-in for a function, class or module that is imported when it is first used.

    ``isinstance`` imports nothing: without the module there are no instances of its classes.
    """

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def _real(self) -> Any:
        return getattr(importlib.import_module(self._module), self._name)

    def __call__(self, *args: Any, **more: Any) -> Any:
        """Call the real function or class."""
        return self._real()(*args, **more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real(), name)

    def __instancecheck__(self, thing: object) -> bool:
        """Whether it is an instance of the class, which needs the module to be there."""
        return self._module in sys.modules and isinstance(thing, self._real())


class _Dynamo:
    """Stand-in for torch's compiler, whose decorators take effect when it is imported."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(_DYNAMO), name)

    def allow_in_graph(self, thing: Any) -> Any:
        """Allow a function or class in graphs once the compiler is imported."""
        return _registration.add("allow_in_graph", thing)

    def assume_constant_result(self, thing: Any) -> Any:
        """Let a function count as constant once the compiler is imported."""
        return _registration.add("assume_constant_result", thing)

    def disable(self, function: Any = None, *args: Any, **more: Any) -> Any:
        """Return the function, excluded from compilation where there can be any."""
        if function is None:
            return lambda function: self.disable(function, *args, **more)
        made: Any = None

        @functools.wraps(function)
        def excluded(*given: Any, **named: Any) -> Any:
            nonlocal made
            if made is None:
                real = getattr(sys.modules.get(_DYNAMO), "disable", None)
                if real is None:  # no compiler, no compilation
                    return function(*given, **named)
                made = real(function, *args, **more)
            return made(*given, **named)

        return excluded


class _Registration(MetaPathFinder, Loader):
    """Waits for the import of torch's compiler, and registers with it what was marked."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, Any]] = []
        self._loader: Any = None

    def add(self, decorator: str, thing: Any) -> Any:
        """Apply a decorator of the compiler, which marks its argument, once it is imported."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)
        self.waiting.append((decorator, thing))
        return thing

    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        """Return the compiler's own specification, with this as its loader."""
        if fullname != _DYNAMO:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None:
            self._loader, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave that to the loader proper."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module by the loader proper, then register what was waiting."""
        module.__loader__ = module.__spec__.loader = self._loader  # type: ignore[union-attr]
        self._loader.exec_module(module)
        for decorator, thing in self.waiting:
            getattr(module, decorator)(thing)
        self.waiting.clear()


_dynamo, _registration = _Dynamo(), _Registration()
