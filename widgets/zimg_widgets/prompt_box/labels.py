"""The words on the prompt box, in English and Chinese."""

from __future__ import annotations

from zimg_widgets._shared.labels import Labels

LABELS: Labels = {
    "prompt": ("Prompt", "提示词"),
    "send": ("Ctrl+Enter generates", "按 Ctrl+Enter 生成"),
    "error": ("Error", "错误"),
    "warning": ("Warning", "注意"),
    "hint": ("Hint", "建议"),
    "colon": (": ", "："),
    "show": ("Show", "定位"),
    "fix": ("Fix", "修正"),
    "more": ("{n} more", "还有 {n} 条"),
    "remark": ("1 remark on the prompt", "提示词有 1 条意见"),
    "remarks": ("{n} remarks on the prompt", "提示词有 {n} 条意见"),
    "checked": ("Remarks appear as you type.", "边输入边检查。"),
    "say": ("Say in a few words what to draw", "用几句话描述要画的内容"),
}
