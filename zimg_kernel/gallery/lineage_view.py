"""Lineage as a tree of lines, as text and as HTML, in English and Chinese."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zimg_kernel.images.encode import jpeg_url
from zimg_kernel.images.text import NO_FORMULAS
from zimg_kernel.images.thumbnails import thumbnail
from zimg_kernel.settings import LANGUAGES, chosen_language

if TYPE_CHECKING:
    from .lineage import Lineage, Version

_TEXT_LINES = 500
_HTML_LINES = 40  # some 5 kB each in a saved notebook
_SIDE = 96  # px of its small pictures


_LABELS = {
    "drawn": ("drawn: {prompt}", "生成：{prompt}"),
    "original": ("picture from elsewhere: {name}", "外部图片：{name}"),
    "original_nameless": ("picture from elsewhere", "外部图片"),
    "gone": ("no longer there: {what}", "已不存在：{what}"),
    "gone_nameless": ("no longer there", "已不存在"),
    "img2img": (
        "drawn again (strength {strength:g}): {prompt}",
        "重绘（强度 {strength:g}）：{prompt}",
    ),
    "inpaint": ("repainted: {prompt}", "局部重绘：{prompt}"),
    "inpaint_partly": (
        "repainted (strength {strength:g}): {prompt}",
        "局部重绘（强度 {strength:g}）：{prompt}",
    ),
    "outpaint": ("extended {margins}: {prompt}", "扩展（{margins}）：{prompt}"),
    "left": ("to the left +{px} px", "左 +{px} 像素"),
    "right": ("to the right +{px} px", "右 +{px} 像素"),
    "top": ("at the top +{px} px", "上 +{px} 像素"),
    "bottom": ("at the bottom +{px} px", "下 +{px} 像素"),
    "and": (", ", "，"),
    "instruct": ("by words: {prompt}", "按指令：{prompt}"),
    "control": (
        "by a map ({control}, scale {scale:g}): {prompt}",
        "按控制图（{control}，强度 {scale:g}）：{prompt}",
    ),
    "upscale": ("enlarged {factor:g}×", "放大 {factor:g} 倍"),
    "vary": ("varied (amount {strength:g})", "变体（幅度 {strength:g}）"),
    "other": ("{kind}: {prompt}", "{kind}：{prompt}"),
    "many": ("a lineage of {n} pictures", "共 {n} 张图片的谱系"),
    "one": ("a picture by itself", "单独的一张图片"),
    "more": ("… and {n} more", "……另有 {n} 张"),
    "this": ("this one", "当前"),
}
_DEFAULTS = {"strength": 1.0, "scale": 1.0, "factor": 2.0, "control": "?"}
_LONGEST = 80  # characters of a prompt


@dataclass(frozen=True)
class Line:
    """One version in a tree that is drawn line by line, parents before their children.

    An only child stands right below its parent; of several each is one lane further in, so that
    a long row of changes stays narrow.

    Attributes
    ----------
    version : Version
    level : int
        How many ancestors are shown above it.
    lane : int
        How far in it stands, from 0.
    rails : tuple of bool
        For each lane before its own: whether a line from above goes on below it there.
    joint : {"", "chain", "branch"}
        How it hangs below its parent: not at all, as an only child, as one of several.
    leads : {"", "chain", "branch"}
        What hangs below it.
    place, places : int
        Which of how many siblings it is, from 1.
    """

    version: Version
    level: int
    lane: int
    rails: tuple[bool, ...]
    joint: str
    leads: str
    place: int
    places: int


def lines(lineage: Lineage, most: int | None = None) -> list[Line]:
    """Return the lines of a lineage; of a large one those nearest to the current picture.

    Parameters
    ----------
    lineage : Lineage
    most : int, optional
        How many at most: first its ancestors, then what was made of it, then the others.
    """
    kept = None if most is None else _nearest(lineage, most)
    shown = lambda version: kept is None or version.key in kept  # noqa: E731
    top = lineage.root
    if kept is not None and top.key not in kept:
        top = next(version for version in lineage if version.key in kept)
    found: list[Line] = []
    waiting = [Line(top, 0, 0, (), "", "", 1, 1)]
    while waiting:
        line = waiting.pop()
        children = [child for child in line.version.children if shown(child)]
        leads = "" if not children else "chain" if len(children) == 1 else "branch"
        found.append(
            Line(line.version, line.level, line.lane, line.rails, line.joint, leads,
                 line.place, line.places)
        )  # fmt: skip
        for place, child in reversed(list(enumerate(children, 1))):
            more = place < len(children)
            waiting.append(
                Line(
                    child,
                    line.level + 1,
                    line.lane + (leads == "branch"),
                    (*line.rails, more) if leads == "branch" else line.rails,
                    leads,
                    "",
                    place,
                    len(children),
                )
            )
    return found


def _nearest(lineage: Lineage, most: int) -> set[str]:
    """Return the keys of the versions to show; each but the first with its parent."""
    kept: dict[str, None] = {}
    version: Version | None = lineage.current
    while version is not None and len(kept) < max(1, most):
        kept[version.key] = None
        version = version.parent
    if version is not None:  # not even all of its ancestors
        return set(kept)
    for waiting in ([lineage.current], [lineage.root]):
        while waiting and len(kept) < most:
            version = waiting.pop(0)
            kept[version.key] = None
            waiting.extend(version.children)
    return set(kept)


def as_text(lineage: Lineage, language: str | None = None) -> str:
    """Return the tree as lines of text."""
    chosen = chosen_language(language)
    shown = lines(lineage, _TEXT_LINES)
    rows = []
    last: list[bool] = []  # for each level, whether the version there is the last of its siblings
    for line in shown:
        last[line.level :] = [line.place == line.places]
        before = "".join("   " if end else "│  " for end in last[1:-1])
        branch = ("└─ " if last[-1] else "├─ ") if line.level else ""
        version = line.version
        here = f"  ← {label('this', chosen)}" if version.current else ""
        where = f"  [{version.path}]" if version.path else ""
        rows.append(f"{before}{branch}{describe(version, chosen)}{where}{here}")
    return "\n".join([*rows, *_more(lineage, shown, chosen)])


def as_html(lineage: Lineage, language: str | None = None) -> str:
    """Return the tree as nested lists with small pictures, which needs no script."""
    chosen = chosen_language(language)
    shown = lines(lineage, _HTML_LINES)
    parts, level = [], -1
    for line in shown:
        parts.append(_list_until(level, line))
        parts.append(_item(line.version, chosen))
        level = line.level
    parts.append("</li></ul>" * (level + 1))
    parts += [f"<p>{more}</p>" for more in _more(lineage, shown, chosen)]
    title = label("many" if len(lineage) > 1 else "one", chosen, n=len(lineage))
    return (
        f'<div lang="{chosen}" class="{NO_FORMULAS}" style="overflow-x:auto"><p>{title}</p>'
        f"{''.join(parts)}</div>"
    )


def _list_until(level: int, line: Line) -> str:
    """Return the tags that close and open lists between a version and the one before."""
    if line.level <= level:
        return "</li></ul>" * (level - line.level) + "</li>"
    look = "list-style:none;margin:0;padding:0;"
    if line.level:
        look += "margin-left:20px;padding-left:12px;border-left:2px solid #8a8a8a"
    return f'<ul style="{look}">'


def _item(version: Version, language: str) -> str:
    text = html.escape(describe(version, language), quote=True)
    small = ""
    if version.path is not None or version.in_memory is not None:
        small = (
            f'<img alt="{text}" src="{jpeg_url(small_jpeg(version, _SIDE))}" '
            'style="max-width:64px;max-height:64px;border-radius:4px">'
        )
    mark = f" <b>({label('this', language)})</b>" if version.current else ""
    return (
        '<li style="margin:0"><div style="display:flex;gap:8px;align-items:center;padding:4px 0">'
        f"{small}<span>{text}{mark}</span></div>"
    )


def _more(lineage: Lineage, shown: Sequence[Line], language: str) -> list[str]:
    rest = len(lineage) - len(shown)
    return [label("more", language, n=rest)] if rest > 0 else []


def small_jpeg(version: Version, side: int) -> bytes:
    """Return a small JPEG of a version, a placeholder where its file is gone."""
    if version.in_memory is not None:
        return version.in_memory.preview(side, 25_000)
    return thumbnail(version.path or "", side)


def label(name: str, /, language: str | None = None, **values: Any) -> str:
    """Return one of these labels in English or Chinese, filled in."""
    template = _LABELS[name][LANGUAGES.index(chosen_language(language))]
    return template.format(**values)


def describe(version: Version, language: str | None = None, longest: int = _LONGEST) -> str:
    """Return one line on how a version was made, such as "repainted: a red star".

    Parameters
    ----------
    version : Version
    language : {"en", "zh"}, optional
    longest : int
        Characters of the prompt that are shown.
    """
    prompt = shorten(version.prompt, longest)
    if version.kind == "original":
        if version.name:
            return label("original", language, name=version.name)
        return label("original_nameless", language)
    if version.kind == "gone":
        what = prompt or version.name
        return label("gone", language, what=what) if what else label("gone_nameless", language)
    edit = version.edit
    if edit is None:
        return label("drawn", language, prompt=prompt)
    given = {name: value for name, value in edit.items() if value is not None}
    values = {**_DEFAULTS, **given, "prompt": prompt}
    kind = str(values.get("kind"))
    if kind == "inpaint" and values["strength"] < 1:
        kind = "inpaint_partly"
    if kind == "outpaint":
        values["margins"] = label("and", language).join(
            label(side, language, px=given[side])
            for side in ("left", "right", "top", "bottom")
            if given.get(side)
        )
    try:
        return label(kind if kind in _LABELS else "other", language, **values)
    except (TypeError, ValueError):  # a record by another program
        return label("other", language, kind=kind, prompt=prompt)


def shorten(text: str, longest: int = _LONGEST) -> str:
    """Return a text as one line, cut where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
