"""The Studio alone as a web page: ``python -m zimg_widgets.app``, which is ``make app``."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nbformat

_TEMPLATES = Path(__file__).parent / "app_template"
_IDLE = 300  # seconds that a kernel without a page is kept
_CELL = "from zimg_widgets import Studio\n\nStudio()"


def write_notebook(folder: Path) -> Path:
    """Write the notebook that the page is made of; its name is the page's title."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(_CELL)])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    path = folder / "Studio.ipynb"
    nbformat.write(notebook, path)
    return path


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the Studio with Voilà until it is stopped; arguments are Voilà's own.

    Each page that is opened gets a kernel with a Studio of its own; the gallery is shared. The
    kernel ends with its page, and what it had not drawn yet is offered by the next page.

    The page asks for the token that is in the address that is printed. ``JUPYTER_TOKEN`` sets
    one unseen; ``--token=WORD`` does so for all accounts to read, and ``--token=`` sets none.
    """
    try:
        from traitlets.config import Config

        from zimg_kernel.experiments.kernel_sockets import kernel_config

        from .app_kernels import AppKernelManager, set_token
        from .app_server import AppServer
    except ImportError:
        raise SystemExit(
            "The web page needs Voilà, which is not installed: pip install 'zimg-workbench[lab]'"
        ) from None
    given = list(sys.argv[1:] if arguments is None else arguments)
    paths = [str(_TEMPLATES), os.environ.get("JUPYTER_PATH", "")]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(path for path in paths if path)
    with tempfile.TemporaryDirectory(prefix="zimg-app-") as folder:
        notebook = write_notebook(Path(folder))
        options = [
            "--template=zimg",
            # A developer's extension that fails in Voilà and says so in the browser's console.
            "--VoilaConfiguration.extension_denylist=nbdime-jupyterlab",
        ]
        config = Config()
        # Over TCP every account of the machine could read what the kernels say.
        sockets = f"{tempfile.gettempdir()}/voila_{'0' * 8}"  # Voilà's folder for them
        config.merge(kernel_config(sockets))
        config.VoilaConfiguration.multi_kernel_manager_class = AppKernelManager
        config.VoilaConfiguration.prelaunch_hook = set_token
        # For a browser that went away without a word.
        config.MappingKernelManager.cull_idle_timeout = _IDLE
        config.MappingKernelManager.cull_interval = 30
        # Without a token every user of the machine could see, draw and delete as its owner.
        config.Voila.auto_token = not any(_names_token(argument) for argument in given)
        AppServer.launch_instance([str(notebook), *options, *given], config=config)


def _names_token(argument: str) -> bool:
    return argument.partition("=")[0] in ("--token", "--Voila.token", "--Voila.auto_token")


if __name__ == "__main__":
    main()
