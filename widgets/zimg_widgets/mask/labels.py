"""The words on the mask painter, in English and Chinese."""

from __future__ import annotations

from zimg_widgets._shared.labels import Labels

LABELS: Labels = {
    "tools": ("Tools for the mask", "蒙版工具"),
    "paint": ("Paint", "涂抹"),
    "paint_title": ("Paint what is to be changed", "涂抹要修改的部分"),
    "erase": ("Erase", "擦除"),
    "erase_title": ("Take paint away", "擦去涂抹"),
    "brush": ("Brush", "画笔"),
    "brush_title": (
        "Width of the brush in pixels of the picture: keys [ and ]",
        "画笔宽度（图片像素）：按 [ 和 ] 键",
    ),
    "feather": ("Feather", "羽化"),
    "feather_title": (
        "How far the edge is softened, in pixels of the picture",
        "边缘柔化的范围（图片像素）",
    ),
    "pixels": ("{n} px", "{n} 像素"),
    "undo": ("Undo", "撤销"),
    "undo_title": ("Undo the last step: Ctrl+Z", "撤销上一步：Ctrl+Z"),
    "redo": ("Redo", "重做"),
    "redo_title": (
        "Do the step again: Ctrl+Shift+Z or Ctrl+Y",
        "重做：Ctrl+Shift+Z 或 Ctrl+Y",
    ),
    "invert": ("Invert", "反选"),
    "invert_title": (
        "Swap what is painted and what is not",
        "交换已涂抹和未涂抹的部分",
    ),
    "fill": ("Fill", "全涂"),
    "fill_title": ("Paint the whole picture", "涂满整张图片"),
    "clear": ("Clear", "清空"),
    "clear_title": ("Take all paint away", "擦去全部涂抹"),
    "surface": (
        "Picture to paint on: the arrow keys move the brush, with Shift further; "
        "Space paints, and held down it draws a line",
        "可涂抹的图片：方向键移动画笔，加 Shift 移动更远；空格键涂抹，按住可画线",
    ),
    "hint": (
        "Drag to paint what is to be changed. By keyboard: arrows and Space paint, "
        "[ and ] set the brush, Ctrl+Z undoes.",
        "拖动以涂抹要修改的部分。键盘：方向键和空格键涂抹，[ 和 ] 调整画笔，Ctrl+Z 撤销。",
    ),
    "none": ("Nothing is painted yet.", "还没有涂抹。"),
    "little": ("Less than 1 % of the picture is painted.", "已涂抹不到 1% 的图片。"),
    "some": ("{n} % of the picture is painted.", "已涂抹 {n}% 的图片。"),
    "whole": ("The whole picture is painted.", "整张图片都已涂抹。"),
    "too_big": (
        "This mask has too much fine detail to be sent to Python: undo, fill or clear it.",
        "这个蒙版细节太多，无法传给 Python：请撤销、全涂或清空。",
    ),
    "picture": ("Picture", "图片"),
}
