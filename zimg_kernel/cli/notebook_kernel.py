"""Kernel that a notebook is run with: its own, or this environment's for a Python notebook."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import BadInput, ZimgWarning

if TYPE_CHECKING:
    from traitlets.config import Config

PYTHON_KERNEL = "python3"
_LONGEST_SOCKET = 107  # bytes of a path that names a Unix socket (sun_path of unix(7))
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


@contextlib.contextmanager
def private_sockets() -> Iterator[dict[str, Any]]:
    """Yield options for papermill: a kernel's sockets in a folder that its owner alone can enter.

    By default nbclient puts a kernel's files among the temporary ones, where the umask decides
    who may speak to it.
    """
    with tempfile.TemporaryDirectory(prefix="zimg-run-") as folder:
        config = kernel_config(folder)
        if config:
            config.KernelManager.connection_file = str(Path(folder) / "kernel.json")
        yield {"config": config}


def kernel_config(folder: str) -> Config:
    """Return settings for kernels whose sockets other accounts of the machine cannot read.

    Over TCP everything passes unencrypted, and ipykernel warns of it. Windows has no such
    sockets, and a folder with a long name has no room for theirs: there it is empty.

    Parameters
    ----------
    folder : str
        Where the sockets will be.
    """
    from traitlets.config import Config

    name = f"{folder}/kernel-{'0' * 36}-ipc-5"
    if os.name != "posix" or len(os.fsencode(name)) > _LONGEST_SOCKET:
        return Config()
    return Config({"KernelManager": {"transport": "ipc"}})
