"""Prompt linter: run all rules over a prompt, and apply the safe fixes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from zimg_kernel.errors import BadInput
from zimg_kernel.prompts.text import Text

from .finding import Finding, Findings, TextEdit
from .rule import LANGUAGES, Fault, Rule, Target
from .rules import RULES
from .runs import Shortened
from .simplified import Simplified
from .text_edits import apply

_HALF = re.compile("[\ud800-\udfff]")  # of a surrogate pair; files of other programs hold some
_ROUNDS = 5  # a fix may uncover more; two rounds are the most seen


def lint(
    prompt: str, model: str | None = None, *, language: str | None = None, fix: bool = False
) -> Findings:
    """Find what in a prompt has no effect on a model, or draws worse than it could.

    Text in quotation marks is lettering and exempt from all rules but its own.

    Parameters
    ----------
    prompt : str
        In Chinese or English.
    model : str, optional
        Id of a model; by default what holds for the full-size models of the family.
    language : {"en", "zh"}, optional
        Of the sentences; by default as ``ZIMG_LANGUAGE`` or the locale says.
    fix : bool
        Apply the safe edits first; the findings are those of the prompt that results, which
        is their ``prompt``.

    Returns
    -------
    Findings
        A tuple in the prompt's order.

    Raises
    ------
    BadInput
        The prompt is no text, or there is no such model or language.
    """
    if not isinstance(prompt, str):
        raise BadInput(
            f"A prompt is text, not {type(prompt).__name__}.",
            code="wrong-type",
            field="prompt",
        )
    column = _column(language)
    target = _target(model)
    found = _check(prompt, target, column)
    for _ in range(_ROUNDS if fix else 0):
        fixed = apply(prompt, (edit for finding in found for edit in finding.edits))
        if fixed == prompt:
            break
        prompt = fixed
        found = _check(prompt, target, column)
    return Findings(prompt, found)


def _column(language: str | None) -> int:
    if language not in LANGUAGES:
        from zimg_kernel.settings import chosen_language  # with Pydantic, which is long to import

        language = chosen_language(language)
    return LANGUAGES.index(language)


def _target(model: str | None) -> Target:
    if model is None:
        return Target()
    from zimg_kernel.models.catalog import get_card

    return Target(get_card(model))


def fix(prompt: str, findings: Iterable[Finding]) -> str:
    """Apply the safe edits of findings to a prompt; quoted text is never touched.

    Parameters
    ----------
    prompt : str
        The prompt that was checked.
    findings : iterable of Finding
        All of ``lint(prompt)``, or those of them to fix.
    """
    return apply(prompt, (edit for finding in findings for edit in finding.edits))


def _check(prompt: str, target: Target, column: int) -> list[Finding]:
    prompt = _HALF.sub("\ufffd", prompt)  # no text that could be shown or searched as UTF-8
    plain, short = Simplified(prompt), Shortened(prompt)
    shorter = Simplified(short.text)
    typed = Text(plain.text)
    text = typed if short.text == prompt else Text(shorter.text)
    found = [
        _finding(
            rule,
            fault,
            column,
            plain if rule.as_typed else shorter,
            None if rule.as_typed else short,
        )
        for rule in RULES
        for fault in rule.find(typed if rule.as_typed else text, target)
    ]
    told = dict.fromkeys(_unwritten(found))
    return sorted(told, key=lambda finding: (finding.start, finding.end, finding.rule))


def _unwritten(found: list[Finding]) -> Iterator[Finding]:
    """Leave out findings in lettering: what a sign is to say is no wish of the writer.

    In what may be lettering they are hints.
    """
    written = [f for f in found if f.rule == "lettering"]
    for finding in found:
        if finding.rule == "lettering":
            yield finding
            continue
        around = [w for w in written if w.start <= finding.start and finding.end <= w.end]
        if not around:
            yield finding
        elif all(w.severity == "hint" for w in around):
            yield replace(finding, severity="hint")


def _finding(
    rule: Rule, fault: Fault, column: int, plain: Simplified, short: Shortened | None
) -> Finding:
    message = rule.messages[fault.message]
    start, end = _in_prompt(short, fault.start, fault.end)
    values = {
        name: plain.as_typed(value) if isinstance(value, str) else value
        for name, value in fault.values.items()
    }
    return Finding(
        rule.id,
        fault.severity or rule.severity,
        start,
        end,
        message.why[column].format(**values),
        message.suggestion[column].format(**values),
        tuple(
            TextEdit(*_in_prompt(short, e.start, e.end), plain.as_typed(e.text))
            for e in fault.edits
        ),
    )


def _in_prompt(short: Shortened | None, start: int, end: int) -> tuple[int, int]:
    """Return a range of the shortened text as one of the prompt."""
    if short is None:
        return start, end
    first = short.position(start)
    return first, first if start == end else short.position(end - 1) + 1
