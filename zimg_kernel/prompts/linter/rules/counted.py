"""Number of things that a prompt speaks of."""

from __future__ import annotations

from dataclasses import dataclass

from .statement import Statement


@dataclass(frozen=True)
class Count(Statement):
    """Number of things that a prompt speaks of.

    Attributes
    ----------
    number : int
        How many.
    kind : str
        Of what, a kind of things; empty for a pronoun.
    noun : str
        Their name in the prompt.
    again : bool
        Whether words say that these are those spoken of before.
    total : bool
        Whether words say that these are all.
    sole : bool
        Whether a single one is said to be alone, or the number is that of a name: twins.
    vague : bool
        Whether it is no number, as in "a flock".
    part : bool
        Whether words say that these are some of others.
    pointed : bool
        Whether words point at these, as "these three cars".
    measure : str
        Chinese measure word.
    ordinal : bool
        Whether it is one of that place in a row, as "the fourth friend".
    every : bool
        Whether words beside it say that all are meant: all three, 都.
    """

    number: int
    kind: str
    noun: str
    again: bool = False
    total: bool = False
    sole: bool = False
    vague: bool = False
    part: bool = False
    pointed: bool = False
    measure: str = ""
    ordinal: bool = False
    every: bool = False
