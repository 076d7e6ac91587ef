"""The words on the tree of versions."""

from __future__ import annotations

from zimg_widgets._shared.labels import Labels

LABELS: Labels = {
    "title": ("Versions", "版本"),
    "tree": (
        "Versions: the arrow keys move, Enter opens",
        "版本：方向键移动，Enter 打开",
    ),
    "one": ("1 picture by itself", "单独的 1 张图片"),
    "many": ("{n} versions", "{n} 个版本"),
    "some": ("{shown} of {n} versions", "显示 {shown} 个版本，共 {n} 个"),
    "this": ("this one", "当前"),
    "marked": ("marked", "已标记"),
    "gone": ("the file is gone", "文件已不存在"),
    "open": ("Open", "打开"),
    "compare": ("Compare with its parent", "与上一版本对比"),
    "compare_marked": ("Compare with the marked one", "与已标记的对比"),
    "mark": ("Mark for comparison", "标记用于对比"),
    "continue": ("Continue from here", "从此版本继续"),
    "hide": ("Hide", "收起"),
    "actions": ("With the chosen version", "对所选版本"),
    "opened": ("Opened: {what}", "已打开：{what}"),
    "compared": ("Compared: {before} | {after}", "正在对比：{before} | {after}"),
    "continued": ("Goes on from: {what}", "将从此继续：{what}"),
    "lost": (
        "This version is gone: only its record is there.",
        "这个版本已不存在，只留有记录。",
    ),
    "no_parent": (
        "Nothing to compare with: mark another version first.",
        "没有可对比的版本：请先标记另一个版本。",
    ),
    "kernel_gone": (
        "The kernel does not answer: run the cell again.",
        "内核没有响应：请重新运行该单元格。",
    ),
}
