"""Prompts tested like code: ``run_suite("text")`` draws, checks, and reports. No torch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .check import Check, CheckResult
    from .report import PictureResult, SuiteReport
    from .runner import run_suite
    from .spec import Case, Suite
    from .suite_file import ready_suites

_MODULE_OF = {
    "Case": "spec",
    "Check": "check",
    "CheckResult": "check",
    "PictureResult": "report",
    "Suite": "spec",
    "SuiteReport": "report",
    "ready_suites": "suite_file",
    "run_suite": "runner",
}

__all__ = [
    "Case",
    "Check",
    "CheckResult",
    "PictureResult",
    "Suite",
    "SuiteReport",
    "ready_suites",
    "run_suite",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
