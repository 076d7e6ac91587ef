"""Findings as HTML that needs no kernel: the prompt with its words marked, the remarks below."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from zimg_kernel.settings import chosen_language

if TYPE_CHECKING:
    from .finding import Finding

_COLOURS = {
    "error": "var(--jp-error-color1, #c62828)",
    "warning": "var(--jp-warn-color1, #e65100)",
    "hint": "var(--jp-info-color1, #0277bd)",
}
_RANKS = tuple(_COLOURS)
_WORDS = {
    "en": {"error": "error", "warning": "warning", "hint": "hint", "none": "Nothing to remark."},
    "zh": {"error": "错误", "warning": "警告", "hint": "提示", "none": "没有可说的。"},
}


def findings_html(prompt: str, findings: Sequence[Finding]) -> str:
    """Return a prompt with its findings, as HTML.

    Parameters
    ----------
    prompt : str
        What was checked.
    findings : sequence of Finding
        On that prompt.
    """
    words = _WORDS[chosen_language()]
    lines = "".join(
        f'<li style="margin:4px 0;padding-left:8px;border-left:3px solid {_COLOURS[f.severity]}">'
        f"<b>{words[f.severity]}</b> {html.escape(f.why)} "
        f'<span style="opacity:.8">{html.escape(f.suggestion)}</span></li>'
        for f in findings
    )
    says = f'<ul style="list-style:none;margin:0;padding:0">{lines}</ul>' if lines else ""
    return (
        '<div style="max-width:760px;line-height:1.5">'
        f'<p style="margin:0 0 6px;font-size:115%;white-space:pre-wrap">{_marked(prompt, findings)}'
        f"</p>{says or words['none']}</div>"
    )


def _marked(prompt: str, findings: Iterable[Finding]) -> str:
    """The prompt, each stretch underlined as the gravest finding on it asks."""
    spans = [(f.start, f.end, _RANKS.index(f.severity)) for f in findings]
    cuts = sorted({0, len(prompt), *(c for start, end, _ in spans for c in (start, end))})
    parts = []
    for a, b in pairwise(cuts):
        text = html.escape(prompt[a:b])
        ranks = [rank for start, end, rank in spans if start <= a and b <= end]
        if ranks:
            line = "dotted" if min(ranks) == 2 else "wavy"
            colour = _COLOURS[_RANKS[min(ranks)]]
            style = f"background:none;color:inherit;text-decoration:underline {line} {colour}"
            text = f'<mark style="{style};text-underline-offset:3px">{text}</mark>'
        parts.append(text)
    return "".join(parts)
