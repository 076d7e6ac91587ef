"""Hints at, or warnings of, two statements that seldom stand in one picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from zimg_kernel.prompts.linter.rule import Fault
from zimg_kernel.prompts.text import Text

from .anew_zh import told_anew
from .broad import broad_scene
from .broad_colours import broad_colours
from .broad_counts import broad_counts
from .clauses_zh import ChineseClauses
from .colourless import coloured_all_the_same
from .colours_known_zh import known_colours
from .doubts import shown_twice
from .evidence_found import evident
from .explained import explained
from .insisted import insisted
from .levels import apart, hint, is_long
from .loose_colours import loose_colours
from .loose_colours_zh import loose_colours as chinese_colours
from .loose_counts import loose_counts
from .loose_media import loose_media
from .loose_scene import loose_scene
from .loose_scene_zh import loose_scene as chinese_scene
from .named_numbers_zh import two_numbers
from .relocated import relocated
from .remade import remade
from .resettled import resettled
from .restated import restated
from .said_anew_zh import said_anew
from .same_thing import recoloured_things
from .same_thing_zh import recoloured
from .second_statements_zh import second_statements
from .stated_counts import stated_counts
from .statement import Statement, firmly


def loose_faults(text: Text, found: Sequence[Fault]) -> Iterator[Fault]:
    """Yield a fault for each kind (colour, number, medium, scene) that was not found yet."""
    clauses = ChineseClauses(text) if text.chinese else None
    colours = firmly(chinese_colours(clauses)) if clauses else loose_colours(text)
    told: list[Statement] = [Statement(fault.start, fault.end) for fault in found]
    sure = False
    few = not told and not text.chinese
    for kind, message, pairs in (
        ("colour", "both", colours),
        ("colour", "both", recoloured(clauses) if clauses and not found else ()),
        ("count", "counts", loose_counts(text)),
        ("count", "counts", two_numbers(clauses) if clauses and not found else ()),
        ("medium", "scene", loose_media(text)),
        ("scene", "scene", () if clauses and clauses.split else loose_scene(text)),
        ("scene", "scene", chinese_scene(clauses) if clauses and not found else ()),
    ):
        for a, b in pairs:
            if (a.firm and b.firm) or not any(s.overlaps(t) for s in (a, b) for t in told):
                fault = _fault(text, message, a, b)
                if not text.chinese and explained(text, fault):
                    continue
                told += (a, b)
                if a.weak or b.weak or _unsure(text, kind, a, b):
                    yield hint(fault)
                else:
                    sure = True
                    yield replace(fault, severity="warning" if a.firm and b.firm else None)
    if clauses and not sure:
        for message, a, b in (*told_anew(clauses), *said_anew(clauses)):
            if (a.firm and b.firm) or not told:
                yield _hinted(text, message, a, b)
                return
    if few and not told:
        for message, pairs in (
            ("both", broad_colours(text)),
            ("both", recoloured_things(text)),
            ("both", coloured_all_the_same(text)),
            ("counts", stated_counts(text)),
            ("counts", broad_counts(text)),
            ("scene", broad_scene(text)),
            ("scene", remade(text)),
            ("scene", relocated(text)),
            ("scene", resettled(text)),
            ("scene", restated(text)),
        ):
            for a, b in pairs:
                weak = a.weak or b.weak
                fault = _hinted(text, message, a, b) if weak else _fault(text, message, a, b)
                if explained(text, fault):
                    break
                yield fault
                return
    if few and not told:
        for message, a, b in insisted(text):
            if message == "counts" or not explained(text, _fault(text, message, a, b)):
                yield _hinted(text, message, a, b)
                return
    if not told or (clauses and not sure):
        for message, a, b in evident(text):
            if not clauses and explained(text, _fault(text, message, a, b)):
                continue
            again = any(s.overlaps(t) for s in (a, b) for t in told)
            if clauses and again and message == "scene" and not shown_twice(text):
                ((a, b),) = firmly([(a, b)])  # found in two ways
            if (a.firm and b.firm) or not told:
                yield _hinted(text, message, a, b)
                return
    if clauses and not told:
        for message, a, b in _seldom(clauses):
            yield hint(_fault(text, message, a, b))
            return


def _seldom(clauses: ChineseClauses) -> Iterator[tuple[str, Statement, Statement]]:
    yield from (("both", a, b) for a, b in known_colours(clauses))
    yield from second_statements(clauses)


def _fault(text: Text, message: str, a: Statement, b: Statement) -> Fault:
    values = {"a": text.prompt[a.start : a.end], "b": text.prompt[b.start : b.end]}
    return Fault(b.start, b.end, message, values)


def _hinted(text: Text, message: str, a: Statement, b: Statement) -> Fault:
    fault = _fault(text, message, a, b)
    return replace(fault, severity="warning") if a.firm and b.firm else hint(fault)


def _unsure(text: Text, kind: str, a: Statement, b: Statement) -> bool:
    """Return whether good prompts have the like of two statements, too."""
    if kind == "medium" or text.chinese:
        return (is_long(text) and not (a.firm and b.firm)) or apart(text, a, b)
    return apart(text, a, b)
