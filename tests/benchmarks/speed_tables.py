"""Writes what load profiles take and hold into both READMEs, from reports of speed_full_size.py.

    python tests/benchmarks/speed_tables.py notebooks/reports/speed_h200.json [OTHER.json ...]

replaces what stands between ``<!-- figures speed -->`` and ``<!-- /figures -->``. Each card has its
tables; a figure is taken from the last report of a card that has it; ratios whose sides are of two
runs are marked. Two cards, loading, and what 8 bits do to pictures of the miniature are read from
two_cards_h200.json, load_h200.json and speed_quality_nano_cpu.json beside the first.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from nano_tables import ROOT, put, table

TEXT = {
    "en": {
        "drawn": "{gpu}, 8 steps, a new prompt, to the picture in memory",
        "seconds": "seconds",
        "stock": "times as fast as stock diffusers",
        "compiled": "as compiled diffusers",
        "LoRA": "{speed}, 1024 px, with a LoRA of rank 16",
        "without": "{ratio} times as long as without",
        "limit": "{gpu}, 1024 px, held to",
        "cards": "2 {gpu}, 1024 px",
        "one": "one card, s",
        "two": "two cards, s",
        "times": "times as fast",
        "many": "{n} pictures, exact, an engine for each card",
        "load": "{gpu}, {size} GB from the page cache ({cache} GB/s; the disk: {disk}) to ready",
        "speed": "GB/s",
        "pretrained": "diffusers: from_pretrained, then to the card",
        "resident": "times as long as with all of it on the card",
        "held": "GB held (said before)",
        "other run": "\\* With all of it on the card: of another run, on a card of the same kind.",
        "large": "exact, 2048 px, held to 16 GB",
        "px": "{speed}, {size} px",
        "offload": "diffusers' group offload of stock modules, prompt encoded beforehand",
        "quality": "Pictures of two profiles differ by rounding. Random weights of full size, "
        "whose noise hides nothing: exact is {exact} dB (PSNR) from stock bf16, fast {fast} dB; "
        "held to less memory, exact {same}. Nano-turbo over {n} prompts: exact is {nano_exact} "
        "from stock bf16, fast {nano_fast} (medians, in brackets the least and the most); "
        "its judge finds {right_fast} of fast's pictures right in everything, {right_stock} of "
        "stock's.",
        "equal": "equals itself to the bit",
        "near": "is {db} dB from itself",
    },
    "zh": {
        "drawn": "{gpu}，8 步，新的提示词，到图片进内存为止",
        "seconds": "秒",
        "stock": "相对原版 diffusers 的倍速",
        "compiled": "相对编译后的 diffusers",
        "LoRA": "{speed}，1024 px，带秩为 16 的 LoRA",
        "without": "用时为不带时的 {ratio} 倍",
        "limit": "{gpu}，1024 px，限制在",
        "cards": "两块 {gpu}，1024 px",
        "one": "一块卡，秒",
        "two": "两块卡，秒",
        "times": "倍速",
        "many": "{n} 张图，exact，每块卡一个引擎",
        "load": "{gpu}，{size} GB 从页缓存（{cache} GB/s；磁盘 {disk}）到可用",
        "speed": "GB/s",
        "pretrained": "diffusers：from_pretrained，再移到显卡",
        "resident": "用时为全部留在显卡上时的倍数",
        "held": "占用 GB（事先所报）",
        "other run": "\\* 全部留在显卡上的时间取自另一次运行，显卡型号相同。",
        "large": "exact，2048 px，限制在 16 GB",
        "px": "{speed}，{size} px",
        "offload": "diffusers 的 group offload（原版模块），提示词预先编码",
        "quality": "不同方式画出的图只差舍入。完整大小、随机权重的模型（噪声图掩盖不了差别）："
        "exact 与原版 bf16 相差 {exact} dB（PSNR），fast 为 {fast} dB；限制显存时 exact {same}。"
        "nano-turbo 画 {n} 条提示词：exact 与原版 bf16 相差 {nano_exact}，fast 为 {nano_fast}"
        "（中位数，括号内为最小与最大）；评判程序认为完全正确的图，fast 有 {right_fast} 张，"
        "原版有 {right_stock} 张。",
        "equal": "与不限制时逐位相同",
        "near": "与不限制时相差 {db} dB",
    },
}


class Reports:
    """Several reports, of which later ones come before earlier ones."""

    def __init__(self, found: list[dict[str, Any]]) -> None:
        self._found = found

    @property
    def gpu(self) -> str:
        """The card of the first report."""
        return str(self._found[0]["gpu"]).removesuffix(" 80GB HBM3")

    def with_figure(self, name: str) -> dict[str, Any] | None:
        """Return the last report that has a figure, or None."""
        return next((report for report in reversed(self._found) if name in report), None)

    def last(self, name: str) -> Any:
        """Return a figure of the last report that has it, or None."""
        report = self.with_figure(name)
        return None if report is None else report[name]

    def ratio(self, name: str) -> tuple[float, dict[str, Any]] | None:
        """Return a ratio and the report that it is of."""
        for report in reversed(self._found):
            if name in report.get("ratios", {}):
                return report["ratios"][name], report
        return None


def speed(reports: Reports, text: dict[str, str]) -> str:
    """The table of pictures with all of the model on the card."""
    rows = []
    for size in (1024, 512):
        for way in ("exact", "fast"):
            of_stock = reports.ratio(f"stock / {way} {size}")
            of_compiled = reports.ratio(f"compiled / {way} {size}")
            if of_stock is None or of_compiled is None:
                continue
            seconds = of_stock[1][f"{way} {size}"]["s"]
            figures = [f"{seconds:.3f}", f"{of_stock[0]:.2f}", f"{of_compiled[0]:.2f}"]
            rows.append([text["px"].format(speed=way, size=size), *figures])
    for way in ("exact", "fast"):
        found = reports.ratio(f"{way} LoRA / without")
        if found is not None:
            told = text["without"].format(ratio=f"{found[0]:.2f}")
            seconds = found[1][f"{way} LoRA"]["s"]
            rows.append([text["LoRA"].format(speed=way), f"{seconds:.3f}", told, ""])
    head = [text["drawn"].format(gpu=reports.gpu), text["seconds"], text["stock"], text["compiled"]]
    return table(head, rows)


def memory(reports: Reports, text: dict[str, str]) -> str:
    """The table of pictures with the memory of smaller cards."""
    rows = []
    for way in ("exact", "fast"):
        for limit in (16, 12, 8, 6, 4):
            name = f"{way} {limit} GB"
            report = reports.with_figure(name)
            if report is None:
                continue
            seconds, ratio = report[name]["s"], report.get("ratios", {}).get(f"{name} / resident")
            told = (
                f"{ratio:.2f}" if ratio else f"{seconds / reports.last(f'{way} 1024')['s']:.2f} *"
            )
            figures = [f"{seconds:.2f}", told, held(report.get(f"{name} memory"))]
            rows.append([f"{limit} GB, {way}", *figures])
    large = reports.last("exact 16 GB 2048")
    if large is not None:
        told = held(reports.last("exact 16 GB 2048 memory"))
        rows.append([text["large"], f"{large['s']:.2f}", "", told])
    report = reports.with_figure("group offload")
    if report is not None:
        other, whole = report["group offload"]["s"], report["exact 1024"]["s"]
        rows.append([text["offload"], f"{other:.2f}", f"{other / whole:.2f}", ""])
    limit = text["limit"].format(gpu=reports.gpu)
    found = table([limit, text["seconds"], text["resident"], text["held"]], rows)
    return f"{found}\n\n{text['other run']}" if " * |" in found else found


def two_cards(found: dict[str, Any], text: dict[str, str]) -> str:
    """The table of one picture, and of many, on two cards."""
    rows = []
    for way in ("exact", "fast"):
        one, two = found[f"{way}, 1 cards"], found[f"{way}, 2 cards"]
        ratio = found[f"{way}, times as fast on 2 cards"]
        rows.append([way, f"{one['s']:.3f}", f"{two['s']:.3f}", f"{ratio:.2f}"])
    one, two = (found[f"40 pictures, {cards} cards, s"] for cards in (1, 2))
    ratio = found["parallel, times as fast on 2 cards"]
    rows.append([text["many"].format(n=40), f"{one:.1f}", f"{two:.1f}", f"{ratio:.2f}"])
    gpu = found["exact, 1 cards"]["gpu"]
    return table([text["cards"].format(gpu=gpu), text["one"], text["two"], text["times"]], rows)


def loading(found: dict[str, Any], text: dict[str, str]) -> str:
    """The table of seconds from files to a pipeline on the card."""
    rows, usual = [], "from_pretrained, then to"
    for way in (usual, "stock", "exact", "fast"):
        ratio = "" if way == usual else f"{found[f'from_pretrained / {way}']:.1f}"
        name = text["pretrained"] if way == usual else way
        rows.append([name, f"{found[way]['s']:.2f}", f"{found[way]['GB/s']:.1f}", ratio])
    head = text["load"].format(
        gpu=found["device"].partition("(")[2].rstrip(")"), size=round(found["files GB"], 1),
        cache=round(found["page cache"]["GB/s"]), disk=found["disk"]["GB/s"],
    )  # fmt: skip
    return table([head, text["seconds"], text["speed"], text["times"]], rows)


def held(told: dict[str, Any] | None) -> str:
    """What was held at most, and what was said beforehand."""
    return "" if told is None else f"{told['seen']['GB']:.1f} ({told['said']['GB']:.1f})"


def quality(reports: Reports, nano: dict[str, Any], text: dict[str, str]) -> str:
    """What the profiles do to pictures."""

    def db(name: str) -> str:
        found = nano[name]["PSNR dB against stock"]
        return f"{found['median']} dB ({found['least']}-{found['most']})"

    other = reports.last("PSNR dB exact 8 GB against exact")
    return text["quality"].format(
        exact=reports.last("PSNR dB exact against stock"),
        fast=reports.last("PSNR dB fast against stock"),
        same=text["equal"] if other == "equal" else text["near"].format(db=other),
        n=nano["stock"]["right"]["n"],
        nano_exact=db("exact"),
        nano_fast=db("fast"),
        right_fast=nano["fast"]["right"]["hits"],
        right_stock=nano["stock"]["right"]["hits"],
    )


def main() -> None:
    """Read the reports that the command line names, and write all tables."""
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    paths = [Path(name) for name in sys.argv[1:]]

    def beside(name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(paths[0].with_name(name).read_text(encoding="utf-8"))
        return found

    cards: dict[str, list[dict[str, Any]]] = {}
    for path in paths:
        found = beside(path.name)
        cards.setdefault(found["gpu"], []).append(found)
    reports = [Reports(found) for found in cards.values()]
    nano = beside("speed_quality_nano_cpu.json")
    both, load = beside("two_cards_h200.json"), beside("load_h200.json")
    for name, lang in (("README.md", "en"), ("README.zh.md", "zh")):
        text = TEXT[lang]
        parts = [speed(reports[0], text), two_cards(both, text), loading(load, text)]
        parts += [memory(one, text) for one in reports]
        parts.append(quality(reports[-1], nano, text))
        put(ROOT / name, "speed", "\n\n".join(parts))


if __name__ == "__main__":
    main()
