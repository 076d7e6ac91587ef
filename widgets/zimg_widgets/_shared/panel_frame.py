"""What the Studio's boxes of ipywidgets lack: its layout, its name, and its keys."""

from __future__ import annotations

from typing import ClassVar

from .bundle import bundle
from .control import Control
from .labels import Labels

LABELS: Labels = {
    "title": ("Studio", "工作室"),
    "generate": ("Generate", "生成"),
    "generate_help": ("Draw what the form says (Ctrl+Enter)", "按表单内容生成（Ctrl+Enter）"),
    "generate_key": ("Ctrl+Enter generates", "按 Ctrl+Enter 生成"),
    "example": (
        "a red circle on the left, a blue square on the right",
        "左边一个红色的圆，右边一个蓝色的方块",
    ),
    "gallery": ("Gallery", "图库"),
    "cancel": ("Cancel", "取消"),
    "cancel_help": ("Stop the picture that is being drawn", "停止正在生成的图片"),
}


class StudioFrame(Control):
    """Carries the Studio's style sheet, names it, and keeps its keys from JupyterLab."""

    _esm = bundle("_shared/panel_frame.js")
    _css = bundle("studio/widget.css")
    LABELS: ClassVar[Labels] = {"title": LABELS["title"]}

    def to_static_html(self) -> str:
        """Return nothing: there is nothing to see."""
        return ""
