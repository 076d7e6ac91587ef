"""The words on the Studio, in English and Chinese."""

from __future__ import annotations

from zimg_widgets._shared.labels import Labels

LABELS: Labels = {
    "title": ("Studio", "工作室"),
    "generate": ("Generate", "生成"),
    "generate_help": ("Draw what the form says (Ctrl+Enter)", "按表单内容生成（Ctrl+Enter）"),
    "generate_key": ("Ctrl+Enter generates", "按 Ctrl+Enter 生成"),
    "example": (
        "a red circle on the left, a blue square on the right",
        "左边一个红色的圆，右边一个蓝色的方块",
    ),
    "repeat": (
        "The seed is kept and nothing else has changed: Generate draws the same picture again.",
        "种子已固定，其他设置也未改变：再次生成会得到同一张图片。",
    ),
    "in_job": (
        "The Studio is not made in a notebook that runs as a job: open the notebook in "
        "JupyterLab and run this cell.",
        "笔记本作为任务运行时不建立工作室：请在 JupyterLab 中打开笔记本并运行此单元格。",
    ),
    "gallery": ("Gallery", "图库"),
    "cancel": ("Cancel", "取消"),
    "cancel_help": ("Stop the picture that is being drawn", "停止正在生成的图片"),
}
