"""Kernel that a notebook is run with: its own, or this environment's for a Python notebook."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zimg_kernel.errors import BadInput, ZimgWarning

PYTHON_KERNEL = "python3"
_PYTHON = ("python", "ipython", "python3")


def is_python(notebook: Mapping[str, Any]) -> bool:
    """Return whether a notebook is one of Python; one that names no language is taken for it."""
    metadata = notebook.get("metadata") or {}
    languages = (
        (metadata.get("language_info") or {}).get("name"),
        (metadata.get("kernelspec") or {}).get("language"),
    )
    return str(next(filter(None, languages), "python")).lower() in _PYTHON


def choose_kernel(notebook: Mapping[str, Any], path: Path) -> str:
    """Return the name of the installed kernel to run a notebook with.

    A Python notebook that was saved in another environment, or by a tool that names no kernel,
    runs with this environment's Python, as in JupyterLab.

    Raises
    ------
    BadInput
        The notebook needs a kernel that is not installed.
    """
    from jupyter_client.kernelspec import KernelSpecManager

    wanted = str(((notebook.get("metadata") or {}).get("kernelspec") or {}).get("name") or "")
    installed = sorted(KernelSpecManager().find_kernel_specs())
    if wanted in installed:
        return wanted
    if is_python(notebook) and PYTHON_KERNEL in installed:
        if wanted:
            warnings.warn(
                ZimgWarning(
                    f"{path.name} was saved with the kernel {wanted}, which is not installed here: "
                    f"it runs with {PYTHON_KERNEL} ({sys.executable}).",
                    code="kernel-replaced",
                    field="notebook",
                ),
                stacklevel=3,
            )
        return PYTHON_KERNEL
    there = ", ".join(installed) or "none at all (pip install ipykernel)"
    raise BadInput(
        f"{path.name} needs the kernel {wanted or PYTHON_KERNEL}, which is not installed: there "
        f"is {there}. Install it, or choose another one in JupyterLab and save the notebook.",
        code="kernel-missing",
        field="notebook",
    )
