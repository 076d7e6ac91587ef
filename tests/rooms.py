"""Picture and table of the kernel's rooms and their imports: ``make rooms`` writes both anew."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "notebooks" / "reports" / "rooms.svg"
GUIDE = ROOT / "CONTRIBUTING.md"
START, END = "<!-- rooms: written by make rooms -->\n", "<!-- end of rooms -->"
_FLOOR = (
    "files",
    "intervals",
    "params",
    "settings",
    "errors",
)  # files of the root, below all rooms


def arrows() -> dict[str, set[str]]:
    """Return for each room, and each file of the root, what it imports at run time."""
    graph = grimp.build_graph(
        "zimg_kernel", "zimg_widgets", exclude_type_checking_imports=True, cache_dir=None
    )
    found: dict[str, set[str]] = {}
    for module in graph.modules:
        here = room(module)
        found.setdefault(here, set())
        for imported in graph.find_modules_directly_imported_by(module):
            there = room(imported)
            if there not in (here, ""):
                found[here].add(there)
    found.pop("", None)
    return found


def room(module: str) -> str:
    """Return the room of a module, or nothing for the package's own root module."""
    top, *rest = module.split(".")
    if top == "zimg_widgets":
        return "widgets"
    return rest[0] if rest and not rest[0].startswith("_") else ""


def floors(found: dict[str, set[str]]) -> list[list[str]]:
    """Return the rooms in rows: each stands above all that it imports."""
    height: dict[str, int] = {}

    def of(name: str) -> int:
        if name not in height:
            height[name] = 1 + max((of(below) for below in found[name]), default=-1)
        return height[name]

    for name in found:
        of(name)
    rows = itertools.groupby(sorted(found, key=lambda name: (height[name], name)), height.get)
    return [list(row) for _, row in rows]


def direct(found: dict[str, set[str]]) -> set[tuple[str, str]]:
    """Return the arrows that do not follow from others (the transitive reduction)."""

    def reach(name: str) -> set[str]:
        return found[name].union(*(reach(below) for below in found[name]))

    return {
        (name, below)
        for name, belows in found.items()
        for below in belows
        if not any(below in reach(other) for other in belows - {below})
    }


def purpose(name: str) -> str:
    """Return the first line of a room's docstring."""
    folder = ROOT / ("widgets/zimg_widgets" if name == "widgets" else f"zimg_kernel/{name}")
    file = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return text.splitlines()[0]


def table(found: dict[str, set[str]]) -> str:
    """Return the rooms as a Markdown table, the highest first."""
    lines = ["| room | what is there | imports |", "|---|---|---|"]
    for row in reversed(floors(found)):
        for name in row:
            imports = ", ".join(sorted(found[name])) or "nothing of ours"
            lines.append(f"| `{name}` | {purpose(name)} | {imports} |")
    return "\n".join(lines) + "\n"


def guide(text: str, found: dict[str, set[str]]) -> str:
    """Return the guide's text with the table of now between its marks."""
    before, rest = text.split(START)
    return before + START + table(found) + END + rest.split(END, 1)[1]


def draw(found: dict[str, set[str]], path: Path) -> None:
    """Draw the rooms in rows, with the arrows that do not follow from others."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    mpl.use("Agg")
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "rooms"})
    rows = floors(found)
    figure, axes = plt.subplots(figsize=(9, 1.05 * len(rows)))
    places = {
        name: ((i + 0.5) / len(row), y) for y, row in enumerate(rows) for i, name in enumerate(row)
    }
    boxes = {}
    for name, (x, y) in places.items():
        floor = name in _FLOOR or name == "api"
        label = axes.text(
            x, y, name, ha="center", va="center", fontsize=12, zorder=2,
            bbox={"boxstyle": "round,pad=0.45", "facecolor": "#eef2f7" if floor else "#cfe0f5",
                  "edgecolor": "#4a6b95"},
        )  # fmt: skip
        boxes[name] = label.get_bbox_patch()
    figure.canvas.draw()  # boxes have no size before
    for name, below in sorted(direct(found)):
        bend = 0.0 if places[name][1] - places[below][1] == 1 else 0.3
        axes.annotate(
            "", places[below], places[name], annotation_clip=False, zorder=1,
            arrowprops={"arrowstyle": "-|>", "color": "#6b7f99", "shrinkA": 0, "shrinkB": 3,
                        "patchA": boxes[name], "patchB": boxes[below],
                        "connectionstyle": f"arc3,rad={bend}"},
        )  # fmt: skip
    axes.set(xlim=(0, 1), ylim=(-0.5, len(rows) - 0.5))
    axes.axis("off")
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})


if __name__ == "__main__":
    now = arrows()
    GUIDE.write_text(guide(GUIDE.read_text(encoding="utf-8"), now), encoding="utf-8")
    draw(now, PICTURE)
