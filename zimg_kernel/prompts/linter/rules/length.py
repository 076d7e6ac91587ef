"""Rule ``length``: prompts that are empty, or longer than the model reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from zimg_kernel.errors import ZimgError
from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.rule import Fault, Rule, Target
from zimg_kernel.prompts.text import HAN, Text

if TYPE_CHECKING:
    from zimg_kernel.models.card import ModelCard

_LIMIT = 512  # of the full-size family (ZImagePipeline's max_sequence_length)
_TEMPLATE = 16  # tokens of the chat template around a prompt, at most
_FULL_SIZE = "z-image-turbo"  # whose tokenizer counts where no model is named
_LOOK_AGAIN = 30  # seconds until a tokenizer that has come or gone is noticed

# Qwen's byte-level BPE: a common English word is one token, a rare one two or three; a token
# holds 1.5 to 1.8 Chinese characters of running text (Qwen's documentation, "Key concepts").
_PIECE = Pattern(rf"[A-Za-z]+|\d|[{HAN}]|[^\w\s]")
# ``re`` counts many short pieces faster, and these characters as Pattern does.
_PLAIN = re.compile(rf"[\x00-\x7f{HAN}\u2010-\u2027\u3000-\u3020\uff01-\uff3e\uff40-\uff65]*")
_LOW = {"word": 1.0, "han": 0.55, "other": 0.8}
_HIGH = {"word": 1.6, "han": 0.9, "other": 1.0}


def _find(text: Text, target: Target) -> Iterator[Fault]:
    prompt = text.prompt
    if not prompt.strip():
        yield Fault(0, len(prompt), "empty")
        return
    limit = target.card.max_tokens if target.card else _LIMIT
    # A token is at least one byte, so that most prompts need not be counted.
    if len(prompt.encode("utf-8", "replace")) + _TEMPLATE <= limit:
        return
    folder = _tokenizer(target.card, int(monotonic() / _LOOK_AGAIN))
    if folder is not None:
        from zimg_kernel.families.registry import family_of
        from zimg_kernel.models.catalog import load_catalog

        card = target.card or load_catalog()[_FULL_SIZE]
        count = family_of(card).count_tokens(folder, prompt)
        if count > limit:
            start = int(len(prompt) * limit / count)
            values = {"count": count, "limit": limit, "over": count - limit, "model": target.title}
            yield Fault(start, len(prompt), "long", values)
        return
    low, high = estimate(prompt)
    if high > limit:
        start = int(len(prompt) * limit / high)
        values = {"low": low, "high": high, "limit": limit, "model": target.title}
        severity = "error" if low > limit else "warning"
        yield Fault(start, len(prompt), "perhaps", values, (), severity)  # type: ignore[arg-type]


def estimate(prompt: str) -> tuple[int, int]:
    """Return the least and the most tokens of a prompt, where no tokenizer is at hand."""
    counts = {"word": 0, "han": 0, "other": 0}
    pattern = _PIECE.plain if _PLAIN.fullmatch(prompt) else _PIECE
    for piece in pattern.findall(prompt):
        kind = "word" if piece.isascii() and piece.isalpha() else "han"
        counts[kind if piece.isalpha() else "other"] += 1
    low, high = (sum(rate[k] * n for k, n in counts.items()) for rate in (_LOW, _HIGH))
    return int(low) + 9, int(high) + _TEMPLATE


@lru_cache(maxsize=8)
def _tokenizer(card: ModelCard | None, _when: int) -> Path | None:
    """Return the folder of a card's tokenizer, None if it is not on this machine."""
    from zimg_kernel.models.catalog import load_catalog
    from zimg_kernel.models.weights import tokenizer_folder

    try:
        card = card or load_catalog()[_FULL_SIZE]
        folder = tokenizer_folder(card)
    except (ZimgError, OSError):
        return None
    return folder if (folder / "tokenizer" / "tokenizer.json").is_file() else None


RULE = Rule("length", "error", _find, as_typed=True)
