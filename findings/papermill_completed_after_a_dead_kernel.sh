#!/usr/bin/env bash
# papermill marks every cell of its copy as completed when the kernel dies, also those never begun.
#
# papermill 2.7.0, nbclient 0.11.0, ipykernel 7.4.0, Python 3.11.
# One expects the cell that was running to be "failed" and later ones to stay "pending": that is how
# a failing cell is written. DeadKernelError is no CellExecutionError, so cell_complete() says
# "completed" for the running cell, and notebook_complete() for all that are pending. Whoever reads
# the states of a copy, rather than the exception, takes the run for a good one.
#
# Output seen:
#   raised: DeadKernelError
#   states: ['completed', 'completed', 'completed']
#   exception: None
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    papermill==2.7.0 nbclient==0.11.0 ipykernel==7.4.0
"$folder/venv/bin/python" - "$folder" 2>/dev/null <<'PY'
import sys

import nbformat
import papermill

source, copy = f"{sys.argv[1]}/in.ipynb", f"{sys.argv[1]}/out.ipynb"
cells = ["1", "import os; os._exit(137)", "'never begun'"]
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "x", "language": "python"}
notebook.metadata["language_info"] = {"name": "python"}
nbformat.write(notebook, source)
try:
    papermill.execute_notebook(source, copy, progress_bar=False)
except Exception as error:
    print("raised:", type(error).__name__)
done = nbformat.read(copy, 4)
print("states:", [cell.metadata.papermill.status for cell in done.cells])
print("exception:", done.metadata.papermill.exception)
assert done.cells[2].metadata.papermill.status == "completed"
PY
