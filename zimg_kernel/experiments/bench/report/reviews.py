"""Section that maps the tables of published reviews of the model to the sections of a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .table import Section, Table


@dataclass(frozen=True)
class _ReviewTable:
    """One table or list of figures of a review.

    Attributes
    ----------
    shows : str
        What stands in it.
    sections : tuple of str
        Keys of the sections with the same figures.
    suites : tuple of str
        Suites that make them; any suite where there is none.
    """

    review: str
    shows: str
    sections: tuple[str, ...]
    suites: tuple[str, ...] = ()


_GUIDE = "deployment guide, three models on a card of 24 GB"
_TEST = "performance test at 1024 px"
_EXPERIENCE = "experience report against SDXL"
_COMFY = "test through ComfyUI"

REVIEWS = (
    _ReviewTable(_GUIDE, "steps, seconds a picture, peak memory, CPU share, smallest card by model",
                 ("models",)),
    _ReviewTable(_GUIDE, "three rounds of ten pictures", ("batch",), ("batch",)),
    _ReviewTable(_GUIDE, "one Chinese prompt item by item: garment, roof, characters, legibility",
                 ("checklist",), ("checklist",)),
    _ReviewTable(_GUIDE, "deployment: weights, loading, interface, energy", ("deployment",)),
    _ReviewTable(_TEST, "five runs: seconds, memory, stars by eye", ("latency", "people"),
                 ("latency",)),
    _ReviewTable(_TEST, "square, wide and tall sizes up to out of memory", ("sizes",), ("sizes",)),
    _ReviewTable(_TEST, "fifty prompts: do time and memory stay flat?", ("stability",),
                 ("stability",)),
    _ReviewTable(_TEST, "four Chinese phrases, read right or not", ("checklist",), ("checklist",)),
    _ReviewTable(_TEST, "against another model: steps, seconds, memory, rows of stars",
                 ("models", "people")),
    _ReviewTable(_TEST, "slow first picture after loading", ("cold",), ("cold",)),
    _ReviewTable(_EXPERIENCE, "against SDXL: seconds, memory, PSNR", ("models", "latency"),
                 ("latency",)),
    _ReviewTable(_EXPERIENCE, "seconds to load", ("deployment", "cold"), ("cold",)),
    _ReviewTable(_EXPERIENCE, "ten pictures at once against one by one", ("batch",), ("batch",)),
    _ReviewTable(_EXPERIENCE, "lettering, ten cats at a table, ink painting", ("checklist",),
                 ("checklist",)),
    _ReviewTable(_COMFY, "seconds and memory by three complexities of prompts, five runs each",
                 ("complexity",), ("complexity",)),
    _ReviewTable(_COMFY, "scores of three raters by complexity", ("people", "complexity"),
                 ("complexity",)),
)  # fmt: skip
"""Tables of four reviews that people read, in their order."""


def reviews(there: Sequence[Section]) -> Section:
    """Return where each table of the reviews is found among these sections.

    Parameters
    ----------
    there : sequence of Section
        The other sections of the report.
    """
    titles = {section.key: section.title for section in there}
    rows = []
    for one in REVIEWS:
        found = [titles[key] for key in one.sections if key in titles]
        missing = [suite for suite in one.suites if suite not in titles]
        where = "; ".join([*found, *(f"not measured here: zimg bench {name}" for name in missing)])
        rows.append([one.review, one.shows, where or "no pictures were drawn here"])
    return Section(
        "reviews",
        "Tables of published reviews",
        "What reviews of the model have measured by hand, once, and where this report has it.",
        ("Where each table of four published reviews is found",),
        [Table("Reviews and sections", ["review", "its table", "here"], rows,
               links={title: key for key, title in titles.items()})],
    )  # fmt: skip
