"""Models behind depth and pose maps: sources and offline look-up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import BadInput, WeightsMissing
from zimg_kernel.models.card import ModelSource
from zimg_kernel.models.diffusers_folder import FaultyError, read_header, read_json, weight_files
from zimg_kernel.models.download import Download
from zimg_kernel.models.weights import Weights, cached_folders, modelscope_folders
from zimg_kernel.settings import settings

if TYPE_CHECKING:
    from zimg_kernel.models.download import Say


@dataclass(frozen=True)
class Estimator:
    """A model for transformers that looks at a picture.

    Attributes
    ----------
    key : str
        What it is called in ``zimg pull``.
    title : str
        What it is called in sentences.
    repository : str
        Its id at Hugging Face; a folder of the same id in ModelScope's cache is found too.
    variable : str
        The environment variable that may name a folder with another such model.
    gigabytes : float
        Of its download, in 10**9 bytes.
    """

    key: str
    title: str
    repository: str
    variable: str
    gigabytes: float

    @property
    def download(self) -> Download:
        """Repository that ``zimg pull`` downloads."""
        source = ModelSource(huggingface=self.repository)
        return Download(self.title, source, f"zimg pull {self.key}", self.gigabytes)


# All three under Apache-2.0. The detector is the one of the example on transformers' page of
# ViTPose, which also says that its boxes suit ViTPose.
DEPTH = Estimator(
    "depth",
    "Depth Anything V2 Small",
    "depth-anything/Depth-Anything-V2-Small-hf",
    "ZIMG_DEPTH",
    0.1,
)
POSE = Estimator("pose", "ViTPose base", "usyd-community/vitpose-base-simple", "ZIMG_POSE", 0.35)
PERSON = Estimator("person", "RT-DETR R50", "PekingU/rtdetr_r50vd_coco_o365", "ZIMG_PERSON", 0.18)
ESTIMATORS = {estimator.key: estimator for estimator in (DEPTH, POSE, PERSON)}


def find_estimator(estimator: Estimator) -> Path | None:
    """Return its complete folder on this machine, or None; never goes online."""
    named = getattr(settings(), estimator.key)
    if named:
        return _given(named, estimator.variable)
    return next((folder for folder in _cached(estimator) if not _problem(folder)), None)


def require_estimator(estimator: Estimator, given: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder of a model, the one that was named or the one that is found.

    Raises
    ------
    BadInput
        The folder that was named holds no such model.
    WeightsMissing
        It is not on this machine; says the command that gets it.
    """
    if given is not None:
        return _given(given, "model")
    found = find_estimator(estimator)
    if found is not None:
        return found
    raise WeightsMissing(
        f"{estimator.title} ({estimator.gigabytes:g} GB), which {estimator.key} maps are made "
        f"with, is not on this machine; run: zimg pull {estimator.key}, or name the folder of such "
        f"a model in {estimator.variable}.",
        code="weights-missing",
        field=estimator.variable,
    )


def pull_estimator(estimator: Estimator, say: Say) -> Path:
    """Download one of these models if it is not here; return its folder."""

    def find() -> Weights:
        found = find_estimator(estimator)
        return Weights(found, "" if found else "is incomplete")

    return estimator.download.ensure(find, say)


@lru_cache(maxsize=4)
def load_estimator(folder: Path, kind: str) -> tuple[Any, Any]:
    """Return model and image processor from a folder, on the CPU in float32.

    They stay off the GPU, whose memory is the drawing model's: a picture takes 1 to 3 s.

    Parameters
    ----------
    folder : Path
        With config.json, preprocessor_config.json and safetensors weights.
    kind : str
        A class of transformers, such as ``AutoModelForDepthEstimation``.
    """
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    try:
        model = getattr(transformers, kind).from_pretrained(
            folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
        )
        processor = transformers.AutoImageProcessor.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, ImportError, KeyError) as error:
        why = " ".join(str(error).split())[:200]
        raise BadInput(
            f"The model in {folder} cannot be loaded as {kind} ({why}): name a folder of one that "
            "transformers knows for this.",
            code="unknown-model-format",
            field="model",
        ) from None
    return model.eval(), processor


def _given(named: str | os.PathLike[str], name: str) -> Path:
    folder = Path(named).expanduser().absolute()
    problem = _problem(folder)
    if problem:
        raise BadInput(
            f"{name} names {folder}, which {problem}: give a model's folder.",
            code="not-a-model-folder",
            field=name,
        )
    return folder


def _cached(estimator: Estimator) -> Iterator[Path]:
    yield from cached_folders(estimator.download.source)
    yield from modelscope_folders(estimator.repository)


def _problem(folder: Path) -> str:
    """Return the fault of a transformers folder in a few words, or an empty text."""
    if not folder.is_dir():
        return "does not exist"
    try:
        read_json(folder / "config.json")
        read_json(folder / "preprocessor_config.json")
        for path in weight_files(folder):
            read_header(path)
    except FaultyError as fault:
        return f"is {fault}"
    return ""
