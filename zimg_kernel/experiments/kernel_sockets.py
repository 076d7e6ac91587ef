"""Sockets of kernels that run notebooks: nobody but their owner can reach them."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from traitlets.config import Config

_LONGEST_SOCKET = 107  # bytes of a path that names a Unix socket (sun_path of unix(7))


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
