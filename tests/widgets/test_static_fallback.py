"""What a cell that shows a control leaves in its notebook: a view, and its static form below."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

FORM = """
from PIL import Image
from zimg_kernel import GenerationParams
from zimg_widgets import MaskPainter, ParamsForm
form = ParamsForm(GenerationParams(prompt="a red circle", model="nano-turbo"), language="en")
painter = MaskPainter(Image.new("RGB", (32, 32)), language="en")
display(form, painter)
"""
CHANGE = """
form.prompt.value = "a green star"
painter.fill()
"""


@pytest.mark.slow
def test_the_static_form_follows_what_is_done_later() -> None:
    cells = [nbformat.v4.new_code_cell(source) for source in (FORM, CHANGE)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    NotebookClient(notebook, timeout=120, store_widget_state=False).execute()
    outputs: list[Any] = notebook.cells[0].outputs
    assert [output.output_type for output in outputs] == ["display_data"] * 4
    views, static = outputs[::2], [output["data"]["text/html"] for output in outputs[1::2]]
    for view in views:
        assert "application/vnd.jupyter.widget-view+json" in view["data"]
        assert view["data"]["text/html"] == ""
    assert "a green star" in static[0]
    assert "a red circle" not in static[0]
    assert "The whole picture is painted." in static[1]
    assert all(text.count("<style>") == 1 for text in static)
