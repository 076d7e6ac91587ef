"""Evaluation cases: prompts and edits of fresh scenes, judged by program.

Cases come from scenes sampled with a seed of their own. A case's words say only what is judged.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image

from zimg_kernel.intervals import wilson_interval
from zimg_kernel.nano.judge.detection import detect, score
from zimg_kernel.nano.judge.edit_score import score_edit
from zimg_kernel.nano.judge.sign_ocr import sign_score
from zimg_kernel.nano.text.captions import LANGUAGES, caption
from zimg_kernel.nano.text.words import EN_COLOURS, ZH_COLOURS
from zimg_kernel.nano.world.edits import SceneEdit, sample_edit
from zimg_kernel.nano.world.scenes import Scene, sample_scene, sample_sign_scene


@dataclass(frozen=True)
class EvaluationCase:
    """Something to draw and what to judge it by."""

    group: str
    lang: str
    prompt: str
    scene: Scene
    seed: int
    negative: str = ""
    edit: SceneEdit | None = None


TEXT_MIX: dict[str, tuple[float, dict[str, Any]]] = {
    "single": (0.13, {"kind": "single", "placed": False}),
    "placed": (0.17, {"kind": "single", "placed": True}),
    "two": (0.25, {"kind": "two"}),
    "count": (0.14, {"kind": "count"}),
    "unseen": (0.08, {"kind": "single", "placed": False, "unseen": True}),
    "composite": (0.08, {"kind": "single", "placed": False, "composites": 1.0}),
    "sign": (0.15, {}),
}
"""Groups of prompts: their share and how their scenes are drawn."""
EDIT_MIX = {
    "recolour": 0.28,
    "reshape": 0.14,
    "move": 0.14,
    "add": 0.16,
    "remove": 0.14,
    "background": 0.14,
}

ROWS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "one object: colour, shape, place": (("placed",), ("count", "colour", "shape", "place")),
    "one object: colour, shape": (("single", "placed"), ("count", "colour", "shape")),
    "two objects: everything": (("two",), ("all",)),
    "unseen pairs of colour and shape": (("unseen",), ("count", "colour", "shape")),
    "relation of two objects": (("two",), ("relation",)),
    "count 1-5": (("count",), ("count",)),
    "count 1-5: colour, shape too": (("count",), ("all",)),
    "composite: colour and kind": (("composite",), ("count", "colour", "shape")),
    "sign: glyphs": (("sign",), ("glyphs",)),
    "sign: whole words of up to 4": (("sign",), ("word",)),
    "negative prompt removes": (("negative",), ("gone",)),
    "edit: named change": (tuple(EDIT_MIX), ("changed",)),
    "edit: rest unchanged": (tuple(EDIT_MIX), ("kept",)),
    **{f"edit: {kind}": ((kind,), ("changed", "kept")) for kind in EDIT_MIX},
}
"""Each row: the groups of cases it is taken over, and the checks that must all hold."""


def text_cases(
    n: int, seed: int, groups: Collection[str] = tuple(TEXT_MIX)
) -> list[EvaluationCase]:
    """Those of about ``n`` prompts, half in each language, that belong to these groups."""
    rng = random.Random(f"evaluate {seed}")
    cases: list[EvaluationCase] = []
    for group, (share, options) in TEXT_MIX.items():
        for i in range(max(2, round(n * share))):
            lang = LANGUAGES[i % 2]
            if group == "sign":
                scene = sample_sign_scene(rng, details=False, most=4, place=None)
                assert scene.sign is not None
                scene = replace(scene, sign=replace(scene.sign, vertical=False))
            else:
                scene = sample_scene(rng, details=False, **options)
            words = caption(scene, rng, lang, extras=False)
            cases.append(EvaluationCase(group, lang, words, scene, seed * 1_000_003 + len(cases)))
    return [case for case in cases if case.group in groups]


def open_cases(n: int, seed: int) -> list[EvaluationCase]:
    """Prompts that leave the colour open, for negative prompts: see :func:`forbid`."""
    rng = random.Random(f"negative {seed}")
    cases = []
    for i in range(n):
        scene = sample_scene(rng, "single", details=False, placed=False)
        scene = replace(scene, things=(replace(scene.things[0], colour_named=False),))
        words = caption(scene, rng, LANGUAGES[i % 2], extras=False)
        cases.append(
            EvaluationCase("negative", LANGUAGES[i % 2], words, scene, seed * 1_000_033 + i)
        )
    return cases


def forbid(case: EvaluationCase, picture: Image.Image) -> EvaluationCase | None:
    """The same case with what its picture shows as the negative prompt, or None if unclear."""
    found = detect(picture)
    if len(found) != 1 or found[0].shape != case.scene.things[0].shape:
        return None
    words = (ZH_COLOURS if case.lang == "zh" else EN_COLOURS)[found[0].colour][0]
    thing = replace(case.scene.things[0], colour=found[0].colour)
    return replace(case, negative=words, scene=replace(case.scene, things=(thing,)))


def edit_cases(n: int, seed: int) -> list[EvaluationCase]:
    """About ``n`` edits of fresh scenes, half in each language."""
    rng = random.Random(f"edits {seed}")
    cases: list[EvaluationCase] = []
    for kind, share in EDIT_MIX.items():
        for i in range(max(2, round(n * share))):
            lang = LANGUAGES[i % 2]
            edit = sample_edit(rng, kind, lang, details=False)
            number = seed * 1_000_037 + len(cases)
            cases.append(
                EvaluationCase(kind, lang, edit.instruction, edit.target, number, edit=edit)
            )
    return cases


def check(
    case: EvaluationCase, picture: Image.Image, source: Image.Image | None = None
) -> dict[str, Any]:
    """Judge a picture by its case.

    Returns
    -------
    dict
        What holds, by name. Signs: ``glyphs`` and ``of`` are numbers. Edits: ``psnr`` is that
        of the area that should stay as it was, in dB.
    """
    if case.edit is not None:
        return score_edit(picture, case.edit, source)
    if case.group == "negative":
        found, thing = detect(picture), case.scene.things[0]
        gone = len(found) == 1 and found[0].colour != thing.colour
        return {"gone": gone, "shape": len(found) == 1 and found[0].shape == thing.shape}
    if case.scene.sign is not None:
        return sign_score(picture, case.scene.sign)
    return dict(score(picture, case.scene))


def table(results: Iterable[tuple[EvaluationCase, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Figures by row and language (zh, en, all): hits, n, rate and 95 % interval."""
    results = list(results)
    rows: dict[str, dict[str, Any]] = {}
    for row, (groups, checks) in ROWS.items():
        inside = [(c, r) for c, r in results if c.group in groups]
        if not inside:
            continue
        rows[row] = {}
        for lang in (*LANGUAGES, "all"):
            chosen = [r for c, r in inside if lang in (c.lang, "all")]
            if row == "sign: glyphs":
                hits, n = sum(r["glyphs"] for r in chosen), sum(r["of"] for r in chosen)
            else:
                hits, n = sum(all(r[c] for c in checks) for r in chosen), len(chosen)
            rows[row][lang] = share(hits, n)
    return rows


def share(hits: int, n: int) -> dict[str, Any]:
    """``hits`` out of ``n`` as a report has it: with the rate and its 95 % interval, 0 to 1."""
    low, high = wilson_interval(hits, n) if n else (0.0, 1.0)
    return {
        "hits": hits,
        "n": n,
        "rate": round(hits / max(1, n), 4),
        "interval": [round(low, 4), round(high, 4)],
    }


def as_text(rows: dict[str, dict[str, Any]]) -> str:
    """Rows as a Markdown table of percentages with intervals."""
    lines = [f"| {'figure':<32} | zh | en | all |", "|---|---|---|---|"]
    for row, by in rows.items():
        cells = [
            f"{100 * c['rate']:.1f} % ({100 * c['interval'][0]:.1f}-{100 * c['interval'][1]:.1f})"
            for c in (by[lang] for lang in (*LANGUAGES, "all"))
        ]
        lines.append(f"| {row:<32} | {' | '.join(cells)} |")
    return "\n".join(lines)
