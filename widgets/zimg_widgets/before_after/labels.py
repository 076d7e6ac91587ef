"""The words on the before/after slider, in English and Chinese."""

from __future__ import annotations

from zimg_widgets._shared.labels import Labels

LABELS: Labels = {
    "before": ("Before", "修改前"),
    "after": ("After", "修改后"),
    "slider": ("Compare: {before} | {after}", "对比：{before} | {after}"),
    "value": ("{left} % {before}, {right} % {after}", "{before} {left}%，{after} {right}%"),
    "sizes": (
        "{before}: {first} px. {after}: {second} px. Both are scaled to one frame.",
        "{before}：{first} 像素。{after}：{second} 像素。两张缩放到同一画框内显示。",
    ),
}
