"""The words on the settings drop, in English and Chinese."""

from __future__ import annotations

from zimg_widgets._shared.labels import Labels

LABELS: Labels = {
    "choose": ("Settings from a picture…", "从图片读取设置…"),
    "choose_title": (
        "Choose a PNG, JPEG, WebP or AVIF file, or drop one here, to use the settings in it",
        "选择 PNG、JPEG、WebP 或 AVIF 文件，或拖放到此处，以使用其中的设置",
    ),
    "drop": ("Drop a picture to use its settings", "拖放图片以使用其中的设置"),
    "or_drop": ("or drop one here", "或拖放到此处"),
    "reading": ("Reading {name} …", "正在读取 {name}……"),
    "used": ("The settings of {name} are in use.", "已使用 {name} 的设置。"),
    "no_params": (
        "{name} is a picture, but it carries no generation parameters.",
        "{name} 是图片，但不含生成参数。",
    ),
    "no_picture": (
        "{name} cannot be read as a picture: choose a PNG, JPEG, WebP or AVIF file.",
        "无法把 {name} 作为图片读取：请选择 PNG、JPEG、WebP 或 AVIF 文件。",
    ),
    "too_big": (
        "{name} is larger than {most} MB and was not read: choose a smaller file.",
        "{name} 超过 {most} MB，未读取：请选择较小的文件。",
    ),
    "no_file": ("What was dropped is no file.", "拖放的不是文件。"),
    "gone": ("The kernel is gone: run the cell again.", "内核已断开：请重新运行单元格。"),
}
