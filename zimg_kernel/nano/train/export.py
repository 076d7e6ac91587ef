"""Export of the trained miniature as a plain diffusers folder with bf16 safetensors."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from zimg_kernel.models.weight_difference import write_difference
from zimg_kernel.nano import tokenizer as nano_tokenizer
from zimg_kernel.nano.models import make_scheduler

SHARD = "15MB"
_INDEX = """{
  "_class_name": "ZImagePipeline",
  "_diffusers_version": "0.42.1",
  "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
  "text_encoder": ["transformers", "Qwen3Model"],
  "tokenizer": ["transformers", "PreTrainedTokenizerFast"],
  "transformer": ["diffusers", "ZImageTransformer2DModel"],
  "vae": ["diffusers", "AutoencoderKL"]
}
"""


_BASE, _TURBO, _EDIT = "nano-base", "nano-turbo", "nano-edit"


def export(folder: Path, transformer: Any, encoder: Any, vae: Any, tokenizer: Tokenizer) -> int:
    """Write the folder that ``ZImagePipeline.from_pretrained`` opens.

    The class name ``PreTrainedTokenizerFast`` is written out, because transformers 5 would
    write a private name that older versions do not know.

    Returns
    -------
    int
        Size of all files in bytes.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, model in (("transformer", transformer), ("text_encoder", encoder), ("vae", vae)):
        with _quietly():
            half = copy.deepcopy(model).to("cpu").to(torch.bfloat16)
            half.save_pretrained(folder / name, max_shard_size=SHARD, safe_serialization=True)
    make_scheduler().save_pretrained(folder / "scheduler")
    nano_tokenizer.save(tokenizer, folder / "tokenizer")
    (folder / "model_index.json").write_text(_INDEX, encoding="utf-8")
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())


def export_family(
    out: Path,
    transformer: Any,
    encoder: Any,
    vae: Any,
    tokenizer: Tokenizer,
    turbo_transformer: Any,
    rank: int = 16,
) -> dict[str, Any]:
    """Write what :mod:`zimg_kernel.models.embedded` makes three models of.

    ``nano-base`` is a whole diffusers folder; ``nano-turbo`` holds only its transformer's
    difference to it, and ``nano-edit`` only names the pipeline.

    Parameters
    ----------
    out : Path
        The folder to hold the three; of what is there under their names only READMEs stay.
    transformer, encoder, vae, tokenizer
        The guided model, which also edits.
    turbo_transformer : ZImageTransformer2DModel
        The fast student of ``transformer``; the other parts are shared.
    rank : int
        Rank of the difference's factors.

    Returns
    -------
    dict
        What :func:`~zimg_kernel.models.weight_difference.write_difference` says, and the sizes of
        the members in bytes under their names.
    """
    out = Path(out)
    for name in (_BASE, _TURBO, _EDIT):
        _clear(out / name)
    export(out / _BASE, transformer, encoder, vae, tokenizer)
    index = json.loads(_INDEX)
    turbo = {**index, "_builds_on": _BASE, "_transformer_difference": "difference.safetensors"}
    edit = {**index, "_class_name": "NanoOmniPipeline", "_builds_on": _BASE}
    edit |= {"siglip": [None, None], "siglip_processor": [None, None]}
    for name, content in ((_TURBO, turbo), (_EDIT, edit)):
        text = json.dumps(content, indent=2, sort_keys=True)
        (out / name / "model_index.json").write_text(text + "\n", encoding="utf-8")
    make_scheduler().save_pretrained(out / _TURBO / "scheduler")
    states = transformer.state_dict(), turbo_transformer.state_dict()
    report = write_difference(*states, out / _TURBO / "difference.safetensors", rank)
    for name in (_BASE, _TURBO, _EDIT):
        files = (f for f in (out / name).rglob("*") if f.is_file())
        report[name] = sum(f.stat().st_size for f in files)
    return report


@contextmanager
def _quietly() -> Iterator[None]:
    """Without the remarks and progress bars of the two libraries, which help nobody here."""
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    level, bars = diffusers_logging.get_verbosity(), transformers_logging.is_progress_bar_enabled()
    diffusers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        diffusers_logging.set_verbosity(level)
        if bars:
            transformers_logging.enable_progress_bar()


def _clear(folder: Path) -> None:
    """Make an empty folder, but for a README: an old component would count as its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.suffix != ".md":
            path.unlink()
