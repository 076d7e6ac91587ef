"""What an enhancer offers: rewritten prompts, each with how it was made and what was mended."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Made = Literal["encoder", "endpoint", "offline"]
_HOW = {
    "encoder": "written by the model's own text encoder",
    "endpoint": "written by the endpoint",
    "offline": "put together from ready clauses",
}
_CELL = 'style="text-align:left;vertical-align:top;white-space:normal"'


@dataclass(frozen=True)
class Candidate:
    """One rewritten prompt.

    Attributes
    ----------
    text : str
        The prompt, on one line.
    language : {"en", "zh"}
        Of its words; that of the prompt it was made from.
    made : {"encoder", "endpoint", "offline"}
        By the text encoder in memory, by an endpoint, or from ready clauses.
    seed : int
        What it was drawn with.
    kept : tuple of str
        What was named in the prompt and is in the text: quoted text, things, numbers, colours.
    repaired : tuple of str
        A sentence for each thing that was missing and has been put back.
    refused : tuple of str
        Why earlier attempts at this candidate were thrown away.
    notes : tuple of str
        What else the user should know.
    """

    text: str
    language: str
    made: Made
    seed: int
    kept: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text

    def as_dict(self) -> dict[str, Any]:
        """Return all fields as what JSON can hold."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    def remarks(self) -> list[str]:
        """Return what a reader should know of it, in whole sentences."""
        again = [f"An attempt was thrown away: {why}." for why in dict.fromkeys(self.refused)]
        return [*self.repaired, *again, *self.notes]


class Candidates(tuple[Candidate, ...]):
    """The candidates for one prompt.

    Attributes
    ----------
    prompt : str
        What they were made from.
    seed : int
        Makes the same ones again.
    notes : tuple of str
        What the user should know of all of them.
    """

    prompt: str
    seed: int
    notes: tuple[str, ...]

    def __new__(
        cls,
        prompt: str,
        seed: int,
        candidates: Iterable[Candidate] = (),
        notes: Iterable[str] = (),
    ) -> Candidates:
        """Make them of a prompt, a seed, candidates and notes."""
        self = super().__new__(cls, candidates)
        self.prompt, self.seed, self.notes = prompt, seed, tuple(notes)
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        """For pickle and copy."""
        return self.prompt, self.seed, tuple(self), self.notes

    @property
    def texts(self) -> list[str]:
        """The prompts alone."""
        return [candidate.text for candidate in self]

    def __repr__(self) -> str:
        lines = [f"{len(self)} candidates for {self.prompt!r} (seed {self.seed})"]
        for number, candidate in enumerate(self, 1):
            lines.append(f"{number}. {candidate.text}")
            lines += [f"   ({remark})" for remark in candidate.remarks()]
        lines += [f"Note: {note}" for note in self.notes]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(_row(number, candidate) for number, candidate in enumerate(self, 1))
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return (
            f"<table><caption {_CELL}>{html.escape(self.prompt)} · seed {self.seed}</caption>"
            f"<thead><tr><th>#</th><th {_CELL}>Prompt</th><th {_CELL}>Notes</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>{notes}"
        )


def _row(number: int, candidate: Candidate) -> str:
    remarks = [f"{_HOW[candidate.made].capitalize()}.", *candidate.remarks()]
    said = "<br>".join(html.escape(remark) for remark in remarks)
    language = "zh-Hans" if candidate.language == "zh" else "en"
    return (
        f'<tr><td>{number}</td><td {_CELL} lang="{language}">{html.escape(candidate.text)}</td>'
        f"<td {_CELL}><small>{said}</small></td></tr>"
    )
