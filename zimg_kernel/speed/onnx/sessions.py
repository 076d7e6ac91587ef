"""Sessions of onnxruntime on the CPU, with torch's number of threads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from zimg_kernel.errors import ZimgError

from .manifest import MODEL

_SPIN_US = 2000  # a worker looks for work so long before it sleeps; torch's threads want the cores


class Session:
    """One exported part, ready to be called with arrays.

    Parameters
    ----------
    folder : Path
        Of the part, in an export.

    Raises
    ------
    ZimgError
        onnxruntime does not take the file.
    """

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        import torch

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.spin_duration_us", str(_SPIN_US))
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / MODEL), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its errors have no class in common
            raise ZimgError(
                f"onnxruntime cannot read {folder / MODEL} ({' '.join(str(error).split())[:200]}): "
                "remove the export's folder, and it is made anew.",
                code="export-damaged",
                field="runtime",
            ) from error

    def __call__(self, **arrays: np.ndarray) -> Any:
        """Return the first output as an array."""
        return self._session.run(None, arrays)[0]
