"""The words on the grid of pictures, in English and Chinese."""

from __future__ import annotations

from zimg_widgets._shared.labels import Labels

LABELS: Labels = {
    "title": ("Grid of pictures", "图片网格"),
    "axes": ("Rows: {y}. Columns: {x}.", "行：{y}。列：{x}。"),
    "rows": ("rows", "行"),
    "columns": ("columns", "列"),
    "layer": ("layer", "层"),
    "progress": ("{done} of {total}", "{done} / {total}"),
    "failed": ("{n} failed", "{n} 个失败"),
    "size": ("Size", "大小"),
    "size_title": ("Size of the pictures in the table", "表格中图片的大小"),
    "waiting": ("not there yet", "尚未生成"),
    "failure": ("failed", "失败"),
    "hint": (
        "Arrow keys move, Enter opens a picture large.",
        "方向键移动，回车键放大图片。",
    ),
    "close": ("Close", "关闭"),
    "before": ("Previous picture", "上一张"),
    "after": ("Next picture", "下一张"),
    "loading": ("Loading the large picture …", "正在载入大图……"),
    "gone": (
        "The kernel does not answer; this is the small picture.",
        "内核无应答；这是缩略图。",
    ),
    "cut": (
        "{n} of {total} pictures are kept in the notebook, to keep it small.",
        "为控制文件大小，笔记本只保留了 {total} 张图片中的 {n} 张。",
    ),
}
