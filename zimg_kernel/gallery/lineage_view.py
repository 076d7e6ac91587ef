"""A family as a tree of lines: what to show of it, and how it looks as text and as HTML."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zimg_kernel.images.thumbnails import thumbnail
from zimg_kernel.settings import chosen_language

from .lineage_labels import said_of, word

if TYPE_CHECKING:
    from .lineage import Family, Version

_TEXT_LINES = 500
_HTML_LINES = 40  # some 5 kB each in a saved notebook
_SIDE = 96  # px of its small pictures


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


def lines(family: Family, most: int | None = None) -> list[Line]:
    """Return the lines of a family; of a large one those nearest to the current picture.

    Parameters
    ----------
    family : Family
    most : int, optional
        How many at most: first its ancestors, then what was made of it, then the others.
    """
    kept = None if most is None else _nearest(family, most)
    shown = lambda version: kept is None or version.key in kept  # noqa: E731
    top = family.root
    if kept is not None and top.key not in kept:
        top = next(version for version in family if version.key in kept)
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


def _nearest(family: Family, most: int) -> set[str]:
    """The keys of the versions to show; each but the first with its parent."""
    kept: dict[str, None] = {}
    version: Version | None = family.current
    while version is not None and len(kept) < max(1, most):
        kept[version.key] = None
        version = version.parent
    if version is not None:  # not even all of its ancestors
        return set(kept)
    for waiting in ([family.current], [family.root]):
        while waiting and len(kept) < most:
            version = waiting.pop(0)
            kept[version.key] = None
            waiting.extend(version.children)
    return set(kept)


def as_text(family: Family, language: str | None = None) -> str:
    """Return the tree as lines of text."""
    chosen = chosen_language(language)
    shown = lines(family, _TEXT_LINES)
    rows = []
    last: list[bool] = []  # for each level, whether the version there is the last of its siblings
    for line in shown:
        last[line.level :] = [line.place == line.places]
        before = "".join("   " if end else "│  " for end in last[1:-1])
        branch = ("└─ " if last[-1] else "├─ ") if line.level else ""
        version = line.version
        here = f"  ← {word('this', chosen)}" if version.current else ""
        where = f"  [{version.path}]" if version.path else ""
        rows.append(f"{before}{branch}{said_of(version, chosen)}{where}{here}")
    return "\n".join([*rows, *_more(family, shown, chosen)])


def as_html(family: Family, language: str | None = None) -> str:
    """Return the tree as nested lists with small pictures, which needs no script."""
    chosen = chosen_language(language)
    shown = lines(family, _HTML_LINES)
    parts, level = [], -1
    for line in shown:
        parts.append(_list_until(level, line))
        parts.append(_item(line.version, chosen))
        level = line.level
    parts.append("</li></ul>" * (level + 1))
    parts += [f"<p>{more}</p>" for more in _more(family, shown, chosen)]
    title = word("many" if len(family) > 1 else "one", chosen, n=len(family))
    return f'<div lang="{chosen}" style="overflow-x:auto"><p>{title}</p>{"".join(parts)}</div>'


def _list_until(level: int, line: Line) -> str:
    """What closes and opens lists between a version and the one before."""
    if line.level <= level:
        return "</li></ul>" * (level - line.level) + "</li>"
    look = "list-style:none;margin:0;padding:0;"
    if line.level:
        look += "margin-left:20px;padding-left:12px;border-left:2px solid #8a8a8a"
    return f'<ul style="{look}">'


def _item(version: Version, language: str) -> str:
    said = html.escape(said_of(version, language), quote=True)
    small = ""
    if version.path is not None or version.held is not None:
        data = base64.b64encode(small_jpeg(version, _SIDE)).decode()
        small = (
            f'<img alt="{said}" src="data:image/jpeg;base64,{data}" '
            'style="max-width:64px;max-height:64px;border-radius:4px">'
        )
    mark = f" <b>({word('this', language)})</b>" if version.current else ""
    return (
        '<li style="margin:0"><div style="display:flex;gap:8px;align-items:center;padding:4px 0">'
        f"{small}<span>{said}{mark}</span></div>"
    )


def _more(family: Family, shown: Sequence[Line], language: str) -> list[str]:
    rest = len(family) - len(shown)
    return [word("more", language, n=rest)] if rest > 0 else []


def small_jpeg(version: Version, side: int) -> bytes:
    """Return a small JPEG of a version, a placeholder where its file is gone."""
    if version.held is not None:
        return version.held.preview(side, 25_000)
    return thumbnail(version.path or "", side)
