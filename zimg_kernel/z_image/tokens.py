"""Token count of a prompt as the pipeline sees it, without torch."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from zimg_kernel.errors import WeightsMissing

# Qwen3's chat template for one user message with a generation prompt, which is what
# diffusers' ZImagePipeline applies (`add_generation_prompt=True, enable_thinking=True`).
_TEMPLATE = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"


def count_tokens(prompt: str, model_folder: Path) -> int:
    """Return the number of tokens that a prompt gives the text encoder, template included.

    Parameters
    ----------
    prompt : str
        The prompt as the user wrote it.
    model_folder : Path
        A diffusers folder with ``tokenizer/tokenizer.json``.

    Raises
    ------
    WeightsMissing
        The file cannot be read as a tokenizer.
    """
    path = model_folder / "tokenizer" / "tokenizer.json"
    return len(_tokenizer(path, path.stat().st_mtime_ns).encode(_TEMPLATE.format(prompt)).ids)


@lru_cache(maxsize=4)
def _tokenizer(path: Path, _changed: int) -> Any:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing more special
        raise WeightsMissing(
            f"The tokenizer {path} is damaged ({error}): copy or download it again.",
            code="weights-missing",
            field="model",
        ) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
