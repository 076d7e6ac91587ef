"""Character accuracy and edit distance of lettering, by language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from zimg_kernel.experiments.suite.ocr import edit_distance, plain, read_text

if TYPE_CHECKING:
    from PIL import Image

_ROUNDS = 1000
_SEED = 0

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class Reading:
    """A text that a picture should show, and what was read in it.

    Attributes
    ----------
    wanted, found : str
        The text asked for, and all that was read.
    language : {"zh", "en"}
        zh for a text with Chinese characters.
    characters : int
        Length of the text, without spaces.
    edits : int
        Edit distance to the part of what was read that is nearest to it.
    """

    wanted: str
    found: str
    language: Language
    characters: int
    edits: int

    @classmethod
    def of(cls, wanted: str, found: str) -> Reading:
        """Compare a text with what was read; width, case and spaces do not count."""
        need = plain(wanted)
        edits = min(len(need), edit_distance(need, plain(found), whole=False))
        return cls(wanted, found, script_of(wanted), len(need), edits)

    @property
    def accuracy(self) -> float:
        """Share of the characters that are right, 0 to 1; 1 for an empty text."""
        return 1 - self.edits / self.characters if self.characters else 1.0


def script_of(text: str) -> Language:
    """Return zh for a text with Chinese characters, else en."""
    return "zh" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en"


def read_sign(image: Image.Image, wanted: str) -> Reading:
    """Read a picture and compare it with the text that it should show.

    Raises
    ------
    ZimgError
        rapidocr or onnxruntime is not installed.
    """
    return Reading.of(wanted, read_text(image))


@dataclass(frozen=True)
class LetteringScore:
    """Character accuracy over several pictures.

    Attributes
    ----------
    accuracy : float
        Characters that are right, of all: (characters - edits) / characters, as in S. V. Rice,
        F. R. Jenkins, T. A. Nartker, "The Fourth Annual Test of OCR Accuracy" (ISRI, 1995).
    low, high : float
        95 % interval over pictures drawn again with replacement (percentile bootstrap: B. Efron,
        R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13).
    edits, characters : int
        Sums.
    texts, whole : int
        Number of texts, and of those without an error.
    """

    accuracy: float
    low: float
    high: float
    edits: int
    characters: int
    texts: int
    whole: int

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "accuracy": round(self.accuracy, 4),
            "interval": [round(self.low, 4), round(self.high, 4)],
            "edits": self.edits,
            "characters": self.characters,
            "texts": self.texts,
            "whole_texts": self.whole,
        }


def lettering_scores(readings: Iterable[Reading]) -> dict[str, LetteringScore]:
    """Return the scores of ``all``, ``zh`` and ``en``; a language without texts is absent."""
    groups: dict[str, list[Reading]] = {"all": [], "zh": [], "en": []}
    for reading in readings:
        if reading.characters:
            groups["all"].append(reading)
            groups[reading.language].append(reading)
    return {name: _score(group) for name, group in groups.items() if group}


def _score(readings: list[Reading]) -> LetteringScore:
    edits = np.array([reading.edits for reading in readings])
    characters = np.array([reading.characters for reading in readings])
    drawn = np.random.default_rng(_SEED).integers(len(readings), size=(_ROUNDS, len(readings)))
    rates = 1 - edits[drawn].sum(1) / characters[drawn].sum(1)
    low, high = np.quantile(rates, [0.025, 0.975])
    return LetteringScore(
        float(1 - edits.sum() / characters.sum()),
        float(low),
        float(high),
        int(edits.sum()),
        int(characters.sum()),
        len(readings),
        int((edits == 0).sum()),
    )
