"""Writes the miniatures' figures from a report of ``zimg nano eval --json`` into the documents.

``python tests/benchmarks/nano_tables.py notebooks/reports/nano_family_h200.json`` replaces what
stands between ``<!-- figures NAME -->`` and ``<!-- /figures -->`` in both READMEs and in the
model cards.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CARDS = ROOT / "zimg_kernel" / "nano" / "weights"
CHINESE = {
    "one object: colour, shape, place": "单个物体：颜色、形状、位置",
    "one object: colour, shape": "单个物体：颜色、形状",
    "two objects: everything": "两个物体：全部正确",
    "unseen pairs of colour and shape": "训练中从未出现的颜色与形状组合",
    "relation of two objects": "两个物体的位置关系",
    "count 1-5": "数量 1 至 5",
    "count 1-5: colour, shape too": "数量 1 至 5，颜色和形状也对",
    "composite: colour and kind": "小图案（树、房子、猫……）：颜色与种类",
    "sign: glyphs": "招牌：逐字",
    "sign: whole words of up to 4": "招牌：四字以内的整词",
    "negative prompt removes": "负面提示词所指的消失",
    "edit: named change": "编辑：说到的改了",
    "edit: rest unchanged": "编辑：其余没有变",
}
"""Chinese names of the README's rows; a row that is not here keeps its English name."""
TEXT = {
    "en": {
        "figure": "figure",
        "head": "{name}, {steps} steps",
        "steps": "nano-turbo, {n} prompts",
        "step": "{n} step",
        "many": "{n} steps",
        "right": "right in everything",
        "likeness": "likeness to the drawing, median PSNR",
        "none": "no effect",
        "untouched": "edit: untouched area, median PSNR",
        "said": "{n} fresh prompts and {edits} instructions, half of them Chinese, read back by a "
        "program, with 95 % intervals: {command}.",
    },
    "zh": {
        "figure": "指标",
        "head": "{name}，{steps} 步",
        "steps": "nano-turbo，{n} 条提示词",
        "step": "{n} 步",
        "many": "{n} 步",
        "right": "全部正确",
        "likeness": "与程序所画之图的接近程度，PSNR 中位数",
        "none": "不起作用",
        "untouched": "编辑：不该变的区域，PSNR 中位数",
        "said": "{n} 条全新的提示词和 {edits} 条编辑指令，中英文各半，由程序读图评判，附 95 % "
        "区间：{command}。",
    },
}


def percent(rate: float) -> str:
    """A rate of 0 to 1 as a percentage without its sign: 97.3, 100."""
    return f"{100 * rate:.1f}".replace("100.0", "100")


def cell(figure: dict[str, Any]) -> str:
    """A rate with its 95 % interval."""
    low, high = figure["interval"]
    return f"{percent(figure['rate'])} % ({percent(low)}-{percent(high)})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    first, *rest = ("| " + " | ".join(line) + " |" for line in (head, *rows))
    return "\n".join([first, "|" + "---|" * len(head), *rest])


def command(report: dict[str, Any]) -> str:
    """What makes such a report again."""
    return f"`zimg nano eval --n {report['n']} --seed {report['seed']}`"


def overview(report: dict[str, Any], lang: str) -> str:
    """The README's tables: base beside turbo, then the edits, both languages together."""
    base, turbo, edit = (report["members"][f"nano-{m}"] for m in ("base", "turbo", "edit"))
    text = TEXT[lang]
    names = CHINESE if lang == "zh" else {}
    rows = []
    for name, by in base["rows"].items():
        other = turbo["rows"].get(name)
        right = cell(other["all"]) if other else text["none"]
        rows.append([names.get(name, name), cell(by["all"]), right])
    edits = [
        [names.get(name, name), cell(edit["rows"][name]["all"])]
        for name in ("edit: named change", "edit: rest unchanged")
    ]
    edits.append([text["untouched"], f"{edit['untouched_psnr_db']['median']:.1f} dB"])
    heads = [
        text["head"].format(name=f"nano-{name}", steps=member["steps"])
        for name, member in (("base", base), ("turbo", turbo), ("edit", edit))
    ]
    said = text["said"].format(
        n=report["n"],
        edits=edit["rows"]["edit: named change"]["all"]["n"],
        command=command(report),
    )
    first = table([text["figure"], *heads[:2]], rows)
    second = table([text["figure"], heads[2]], edits)
    return "\n\n".join([first, by_steps(turbo, text), second, said])


def by_steps(turbo: dict[str, Any], text: dict[str, str]) -> str:
    """The table of what turbo gains by further steps, in the words of a language."""
    steps = turbo["by_steps"]
    n = next(iter(steps.values()))["right"]["n"]
    near = [found["likeness_db"] for found in steps.values()]
    return table(
        [
            text["steps"].format(n=n),
            *(text["step" if k == "1" else "many"].format(n=k) for k in steps),
        ],
        [
            [text["right"], *(cell(found["right"]) for found in steps.values())],
            [
                text["likeness"],
                *(
                    f"{d['median']:.1f} dB ({d['interval'][0]:.1f}-{d['interval'][1]:.1f})"
                    for d in near
                ),
            ],
        ],
    )


def details(report: dict[str, Any], name: str) -> str:
    """A card's table: every figure of one member by language."""
    member = report["members"][name]
    rows = {
        row: [cell(by[lang]) for lang in ("zh", "en", "all")] for row, by in member["rows"].items()
    }
    if "untouched_psnr_db" in member:
        psnr = member["untouched_psnr_db"]
        rows["untouched area: median PSNR"] = ["", "", f"{psnr['median']:.1f} dB"]
        share = f"{percent(psnr['share_of_at_least_28'])} %"
        rows["untouched area: 28 dB or better"] = ["", "", share]
    cells = [[row, *by] for row, by in rows.items()]
    what = "edits" if name == "nano-edit" else "prompts"
    n = member["rows"]["edit: named change"]["all"]["n"] if what == "edits" else report["n"]
    said = (
        f"{command(report)}: {n} {what} at {report['size']} x {report['size']}, {member['steps']} "
        f"steps, guidance {member['guidance']:g}."
    )
    tables = [said, table(["figure", "Chinese", "English", "both"], cells)]
    if "by_steps" in member:
        tables.append(by_steps(member, TEXT["en"]))
    return "\n\n".join(tables)


def put(path: Path, name: str, text: str) -> None:
    """Replace what stands between the markers of this name in a file."""
    old = path.read_text(encoding="utf-8")
    marked = re.compile(rf"(<!-- figures {name} -->\n).*?(<!-- /figures -->)", re.DOTALL)
    new, found = marked.subn(lambda m: f"{m[1]}\n{text}\n\n{m[2]}", old)
    if found != 1:
        raise SystemExit(f"{path} has {found} places marked <!-- figures {name} -->, not one.")
    path.write_text(new, encoding="utf-8")
    print(path.relative_to(ROOT))


def main() -> None:
    """Read the report that the command line names, and write all tables."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    put(ROOT / "README.md", "family", overview(report, "en"))
    put(ROOT / "README.zh.md", "family", overview(report, "zh"))
    for name in ("nano-base", "nano-turbo", "nano-edit"):
        put(CARDS / name / "README.md", name, details(report, name))


if __name__ == "__main__":
    main()
