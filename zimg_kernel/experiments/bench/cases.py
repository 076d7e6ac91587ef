"""Cases of the suites: prompts, sizes, steps and numbers of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from zimg_kernel.models.card import ModelCard
from zimg_kernel.yaml_files import read_yaml

from .result import Case

SIZES = ((512, 512), (768, 768), (1024, 1024), (1280, 768), (768, 1280), (1536, 864), (864, 1536),
         (1536, 1536), (2048, 1024), (2048, 2048))  # fmt: skip
"""The ladder: squares up to 4 megapixels, wide and tall ones between."""
MINIATURE_SIZES = ((128, 128), (192, 192), (256, 192), (192, 256), (256, 256), (320, 320),
                   (384, 256), (384, 384))  # fmt: skip
AGAIN = " again"


@lru_cache(maxsize=1)
def _prompts() -> dict[str, Any]:
    content: dict[str, Any] = read_yaml(Path(__file__).with_name("prompts.yaml"))
    return content


def is_miniature(cards: Sequence[ModelCard]) -> bool:
    """Return whether all models are embedded ones, which know a small world only."""
    return bool(cards) and all(card.source.embedded for card in cards)


def prompt_items() -> dict[str, Any]:
    """Return what a machine can decide of pictures, by their prompt."""
    return {text: items for part in _prompts().values() for text, items in part["items"].items()}


def prompts(cards: Sequence[ModelCard]) -> dict[str, Any]:
    """Return the set of prompts that these models know."""
    chosen: dict[str, Any] = _prompts()["miniature" if is_miniature(cards) else "full"]
    return chosen


def latency_cases(cards: Sequence[ModelCard]) -> list[Case]:
    """Return one picture at the model's own size and steps."""
    return [Case(name="default", params={"prompt": prompts(cards)["latency"]["zh"]})]


def complexity_cases(cards: Sequence[ModelCard]) -> list[Case]:
    """Return prompts of three complexities in Chinese and English."""
    return [
        Case(name=f"{level}-{language}", params={"prompt": text},
             facts={"complexity": level, "language": language})
        for level, texts in prompts(cards)["complexity"].items()
        for language, text in texts.items()
    ]  # fmt: skip


def size_cases(cards: Sequence[ModelCard]) -> list[Case]:
    """Return a ladder of sizes by their pixels, and the first one again at the end."""
    ladder = MINIATURE_SIZES if is_miniature(cards) else SIZES
    sizes = sorted(ladder, key=lambda size: size[0] * size[1])
    prompt = prompts(cards)["latency"]["zh"]
    cases = [
        Case(name=f"{w}x{h}", params={"prompt": prompt, "width": w, "height": h},
             facts={"width": w, "height": h, "megapixels": round(w * h / 1e6, 3)})
        for w, h in sizes
    ]  # fmt: skip
    first = cases[0]
    again = {**first.facts, "again": True}  # shows that the engine recovers from running out
    return [*cases, Case(name=first.name + AGAIN, params=first.params, facts=again)]


def step_cases(cards: Sequence[ModelCard]) -> list[Case]:
    """Return numbers of steps around the models' own."""
    own = {card.steps for card in cards} or {8}
    counts = sorted({1, 2, 4, 6, 8, 9, 12} if max(own) <= 12 else {8, 12, 20, 28, 40, 50} | own)
    prompt = prompts(cards)["latency"]["zh"]
    return [
        Case(name=f"{n} steps", params={"prompt": prompt, "steps": n}, facts={"steps": n})
        for n in counts
    ]


def batch_cases(cards: Sequence[ModelCard]) -> list[Case]:
    """Return requests for one, two, four and ten pictures."""
    prompt = prompts(cards)["latency"]["zh"]
    return [
        Case(name=f"{n} pictures", params={"prompt": prompt, "count": n}, facts={"pictures": n})
        for n in (1, 2, 4, 10)
    ]


def stability_cases(cards: Sequence[ModelCard]) -> list[Case]:
    """Return fifty different prompts, Chinese and English in turn."""
    texts: list[list[tuple[str, str]]] = []
    for language, lists in prompts(cards)["lists"].items():
        made = [lists["template"].format(first=first, second=second)
                for first in lists["first"] for second in lists["second"]]  # fmt: skip
        texts.append([(language, text) for text in made])
    mixed = [pair for pairs in zip(*texts, strict=True) for pair in pairs]
    return [
        Case(name=f"{number:02d}", params={"prompt": text},
             facts={"prompt": text, "language": language})
        for number, (language, text) in enumerate(mixed, 1)
    ]  # fmt: skip
