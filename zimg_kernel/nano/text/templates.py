"""Sentence templates of captions.

In pairs, a is left of (or above) b: l and r are the side words "left of" and "right of" (or
"above" and "below"), L and R the places, l0 and r0 their short forms, sa and sb short names.
In single captions a is the thing, n the thing without number, p the place.
"""

from __future__ import annotations

ZH_PAIR = (
    "{a}在{b}的{l}",
    "{a}在{b}{l}",
    "{a}位于{b}的{l}",
    "{b}的{l}是{a}",
    "{b}的{l}有{a}",
    "{b}{l}有{a}",
    "{a}的{r}是{b}",
    "{a}的{r}有{b}",
    "{a}{r}是{b}",
    "{b}在{a}的{r}",
    "{b}在{a}{r}",
    "{b}位于{a}的{r}",
    "{L}是{a}，{R}是{b}",
    "{R}是{b}，{L}是{a}",
    "{L}{a}，{R}{b}",
    "{L}{a}，{R}{b}",
    "{L}{a}{R}{b}",
    "{R}{b}，{L}{a}",
    "{L}有{a}，{R}有{b}",
    "{R}有{b}，{L}有{a}",
    "在{L}有{a}，在{R}有{b}",
    "{a}在{L}，{b}在{R}",
    "{b}在{R}，{a}在{L}",
    "{a}在{l0}，{b}在{r0}",
    "{l0}{a}，{r0}{b}",
    "{l0}边{a}，{r0}边{b}",
    "{a}和{b}，{sa}在{L}，{sb}在{R}",
    "{a}和{b}，{sa}在{sb}的{l}",
    "{b}和{a}，{sa}在{sb}的{l}",
    "{a}和{b}，{sb}在{sa}的{r}",
    "从{l0}到{r0}依次是{a}和{b}",
    "从{l0}到{r0}：{a}，{b}",
)
EN_PAIR = (
    "{a} {l} {b}",
    "{a} {l} {b}",
    "{a} is {l} {b}",
    "{b} {r} {a}",
    "{b} {r} {a}",
    "{b} is {r} {a}",
    "{a} that is {l} {b}",
    "{l} {b} is {a}",
    "{r} {a} there is {b}",
    "{L} {a}, {R} {b}",
    "{L} is {a}, {R} is {b}",
    "{L} there is {a}, {R} there is {b}",
    "{R} {b}, {L} {a}",
    "{a} {L}, {b} {R}",
    "{a} {L} and {b} {R}",
    "{b} {R} and {a} {L}",
    "{a} is {L} and {b} is {R}",
    "{l0}: {a}, {r0}: {b}",
    "{l0} {a}, {r0} {b}",
    "{a} and {b}, the {sa} {l} the {sb}",
    "{a} and {b}, the {sa} is {L} and the {sb} is {R}",
    "{b} and {a}, the {sa} is {l} the {sb}",
    "{a} and {b}, {sa} on the {l0}, {sb} on the {r0}",
    "{a} placed {l} {b}",
)
ZH_SINGLE: tuple[str, ...] = (
    "{a}在{p}",
    "{p}有{a}",
    "{p}{a}",
    "{p}是{a}",
    "{a}，{p}",
    "{a}，位于{p}",
    "在{p}有{a}",
)
ZH_SINGLE += ("{a}位于{p}", "{p}的{n}", "{p}画{a}", "在{p}画{a}")
EN_SINGLE: tuple[str, ...] = (
    "{a} {p}",
    "{a} {p}",
    "{p} there is {a}",
    "{p} {a}",
    "{p}, {a}",
    "{a}, {p}",
)
EN_SINGLE += ("{a} is {p}", "{a} located {p}", "{a} placed {p}")
