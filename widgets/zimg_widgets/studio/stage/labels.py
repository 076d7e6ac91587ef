"""The words on the stage, in English and Chinese."""

from __future__ import annotations

from zimg_widgets._shared.labels import Labels

LABELS: Labels = {
    "title": ("Picture", "图片"),
    "empty": (
        "Your picture will appear here.",
        "图片将显示在这里。",
    ),
    "drawing": ("Your picture is being drawn …", "正在绘制图片……"),
    "queued": ("Waiting for its turn …", "排队中……"),
    "loading": ("Getting the model ready …", "正在准备模型……"),
    "step": ("Step {step} of {steps}", "第 {step}/{steps} 步"),
    "which": ("picture {index} of {count}", "第 {index}/{count} 张"),
    "finishing": ("Finishing the picture …", "正在完成图片……"),
    "cancelling": ("Cancelling …", "正在取消……"),
    "cancelled": ("Cancelled.", "已取消。"),
    "kept": (
        "Cancelled; {count} finished pictures are kept.",
        "已取消，已完成的 {count} 张已保留。",
    ),
    "done": ("Done.", "已完成。"),
    "progress": ("Progress", "进度"),
    "preview": ("Preview: {prompt}", "预览：{prompt}"),
    "use": ("Use these settings", "使用这些设置"),
    "save": ("Download", "下载"),
    "edit": ("Edit", "编辑"),
    "facts": ("All settings", "全部设置"),
}
