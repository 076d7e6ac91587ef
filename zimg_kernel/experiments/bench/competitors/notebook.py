"""Papermill jobs: a notebook with parameters, in a new kernel each time or in a warm one."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from zimg_kernel.errors import ZimgError
from zimg_kernel.experiments.kernel_sockets import private_sockets
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.models.catalog import get_card

from .competitor import Answer, Competitor, Request

_PARAMETERS = 'params_json = "{}"\nfolder = ""'
_SOURCE = """
import json, zimg_kernel as zimg
zimg.use_gallery(folder)
image = zimg.generate(zimg.GenerationParams.from_dict(json.loads(params_json)))
print("zimg-bench " + str(image.path))
"""
_KERNEL = "python3"
_READY = 60  # seconds that a kernel may take to start


class NotebookCompetitor(Competitor):
    """One model, drawn by jobs of papermill.

    Parameters
    ----------
    model : str
        Its id.
    warm : bool
        Run all jobs in one kernel, whose engine stays warm; else each in a kernel of its own.
    """

    kind = "notebook"
    in_process = False

    def __init__(self, model: str, warm: bool) -> None:
        self.card, self._warm = get_card(model), warm
        self.name = f"{'warm' if warm else 'cold'} jobs:{self.card.id}"
        self._client: Any = None
        self._sockets = ExitStack()
        self._manager: Any = None

    def warms(self, params: Mapping[str, Any]) -> Hashable | None:
        """Return nothing for jobs in kernels of their own."""
        return super().warms(params) if self._warm else None

    def draw(self, request: Request) -> Answer:
        """Execute the notebook, and return when it was written."""
        params = {"prompt": "", **request.params, "model": self.card.id}
        given = {"params_json": json.dumps(params), "folder": str(request.folder / "jobs")}
        output = request.folder / f"{request.name}.ipynb"
        done = self._warm_job(given, output) if self._warm else _cold_job(given, output)
        path = _picture_of(done)
        picture = GeneratedImage.open(path)
        return Answer(
            images=[picture.image],
            times={"draw": picture.timings.get("total", 0.0)},
            params=picture.params.model_dump(mode="json"),
            path=path,
        )

    def facts(self) -> dict[str, Any]:
        """Return the model and which kind of kernel."""
        kernel = "one warm kernel" if self._warm else "a new kernel for each job"
        return {"model": self.card.id, "title": f"{self.card.title}, {kernel}"}

    def cancel(self) -> None:
        """Stop a warm kernel; a cold job ends by its own time limit."""
        self.close()

    def close(self) -> None:
        """Stop the warm kernel."""
        manager, self._manager, self._client = self._manager, None, None
        if manager is not None:
            manager.shutdown_kernel(now=True)
        self._sockets.close()

    def _warm_job(self, given: dict[str, Any], output: Path) -> Any:
        """Execute the notebook in the kernel that is there, as papermill does in a new one."""
        import nbformat
        from nbclient import NotebookClient
        from papermill.iorw import load_notebook_node
        from papermill.parameterize import parameterize_notebook

        if self._manager is None:
            options = self._sockets.enter_context(private_sockets())
            self._manager, self._client = _start_kernel(options)
        nbformat.write(_notebook(), output)
        notebook = parameterize_notebook(load_notebook_node(str(output)), given)
        client = NotebookClient(notebook, km=self._manager, kernel_name=_KERNEL)
        client.kc = self._client
        client.execute(reset_kc=False, cleanup_kc=False)
        nbformat.write(notebook, output)
        return notebook


def _start_kernel(options: dict[str, Any]) -> tuple[Any, Any]:
    """Return the manager of a new kernel and a client that is connected to it."""
    from jupyter_client.manager import KernelManager

    manager = KernelManager(kernel_name=_KERNEL, **options)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=_READY)
    except RuntimeError:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        raise
    return manager, client


def _notebook() -> Any:
    from nbformat.v4 import new_code_cell, new_notebook

    parameters = new_code_cell(_PARAMETERS, metadata={"tags": ["parameters"]})
    return new_notebook(
        cells=[parameters, new_code_cell(_SOURCE)],
        metadata={
            "kernelspec": {"name": _KERNEL, "display_name": _KERNEL, "language": "python"},
            "language_info": {"name": "python"},
        },
    )


def _cold_job(given: dict[str, Any], output: Path) -> Any:
    import nbformat
    import papermill

    source = output.with_name(f"{output.stem}-source.ipynb")
    nbformat.write(_notebook(), source)
    try:
        with private_sockets() as options:
            return papermill.execute_notebook(
                str(source), str(output), given, kernel_name=_KERNEL, progress_bar=False, **options
            )
    finally:
        source.unlink(missing_ok=True)


def _picture_of(notebook: Any) -> Path:
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            for line in str(output.get("text", "")).splitlines():
                if line.startswith("zimg-bench "):
                    return Path(line.partition(" ")[2])
    raise ZimgError("The job ended without a picture.", code="no-picture", field="notebook")
