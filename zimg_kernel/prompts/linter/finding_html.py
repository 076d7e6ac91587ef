"""Static HTML of findings: the prompt with marked words, the messages below."""

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
_SEVERITIES = tuple(_COLOURS)
_LABELS = {
    "en": {"error": "error", "warning": "warning", "hint": "hint", "none": "Nothing to remark."},
    "zh": {"error": "错误", "warning": "警告", "hint": "提示", "none": "没有可说的。"},
}


def findings_html(prompt: str, findings: Sequence[Finding]) -> str:
    """Return a prompt with its findings, as HTML.

    Parameters
    ----------
    prompt : str
        The checked prompt.
    findings : sequence of Finding
        Findings in that prompt.
    """
    labels = _LABELS[chosen_language()]
    lines = "".join(
        f'<li style="margin:4px 0;padding-left:8px;border-left:3px solid {_COLOURS[f.severity]}">'
        f"<b>{labels[f.severity]}</b> {html.escape(f.why)} "
        f'<span style="opacity:.8">{html.escape(f.suggestion)}</span></li>'
        for f in findings
    )
    listed = f'<ul style="list-style:none;margin:0;padding:0">{lines}</ul>' if lines else ""
    return (
        '<div class="mathjax_ignore tex2jax_ignore" style="max-width:760px;line-height:1.5">'
        f'<p style="margin:0 0 6px;font-size:115%;white-space:pre-wrap">{_marked(prompt, findings)}'
        f"</p>{listed or labels['none']}</div>"
    )


def _marked(prompt: str, findings: Iterable[Finding]) -> str:
    """Return the prompt, each range underlined by its gravest finding."""
    spans = [(f.start, f.end, _SEVERITIES.index(f.severity)) for f in findings]
    cuts = sorted({0, len(prompt), *(c for start, end, _ in spans for c in (start, end))})
    parts = []
    for a, b in pairwise(cuts):
        text = html.escape(prompt[a:b])
        ranks = [rank for start, end, rank in spans if start <= a and b <= end]
        if ranks:
            line = "dotted" if min(ranks) == 2 else "wavy"
            colour = _COLOURS[_SEVERITIES[min(ranks)]]
            style = f"background:none;color:inherit;text-decoration:underline {line} {colour}"
            text = f'<mark style="{style};text-underline-offset:3px">{text}</mark>'
        parts.append(text)
    return "".join(parts)
