"""The words on the before/after slider, in English and Chinese."""

from __future__ import annotations

from zimg_widgets._shared.labels import Labels

LABELS: Labels = {
    "before": ("Before", "修改前"),
    "after": ("After", "修改后"),
    "slider": ("Compare: {before} | {after}", "对比：{before} | {after}"),
    "value": ("{left} % {before}, {right} % {after}", "{before} {left}%，{after} {right}%"),
    "sizes": (
        "{before}: {first} px. {after}: {second} px, shown in the size of the other.",
        "{before}：{first} 像素。{after}：{second} 像素，按前一张的尺寸显示。",
    ),
}
