"""The words on the gallery, and a picture's parameters as lines of name and value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zimg_kernel.gallery.entries import Entry
from zimg_widgets._shared.kernel_sentences import joined
from zimg_widgets._shared.labels import Labels, in_language
from zimg_widgets._shared.picture_facts import edit_rows
from zimg_widgets.form.labels import FIELD_LABELS
from zimg_widgets.settings_drop.labels import LABELS as DROP_LABELS
from zimg_widgets.versions.labels import LABELS as VERSION_LABELS

LABELS: Labels = {
    **DROP_LABELS,
    **{name: VERSION_LABELS[name] for name in ("tree", "this", "marked", "gone")},
    "versions": VERSION_LABELS["title"],
    "elsewhere": ("This version is not in the gallery.", "这个版本不在图库中。"),
    "title": ("Gallery", "图库"),
    "search": ("Search", "搜索"),
    "search_hint": ("Words in the prompt", "提示词中的词语"),
    "model": ("Model", "模型"),
    "day": ("Day", "日期"),
    "all_models": ("All models", "所有模型"),
    "all_days": ("All days", "所有日期"),
    "other_tools": ("Other tools", "其他工具"),
    "one": ("1 picture", "1 张图片"),
    "many": ("{n} pictures", "{n} 张图片"),
    "some": ("{n} of {total} pictures", "{n} 张图片，共 {total} 张"),
    "none": ("No picture matches.", "没有符合条件的图片。"),
    "clear": ("Show all", "显示全部"),
    "empty": ("There are no pictures here yet.", "这里还没有图片。"),
    "grid": (
        "Pictures: the arrow keys move, Enter opens, Delete moves to the trash, Ctrl+Z undoes",
        "图片：方向键移动，Enter 打开，Delete 移到回收站，Ctrl+Z 撤销",
    ),
    "loading": ("Picture {n}", "第 {n} 张图片"),
    "broken": ("{prompt} (the file is gone or damaged)", "{prompt}（文件已丢失或损坏）"),
    "place": ("{n} of {total}", "第 {n} 张，共 {total} 张"),
    "previous": ("Previous", "上一张"),
    "next": ("Next", "下一张"),
    "close": ("Close", "关闭"),
    "use": ("Use these settings", "使用这些设置"),
    "edit": ("Edit", "编辑"),
    "download": ("Download", "下载"),
    "copy": ("Copy parameters", "复制参数"),
    "copied": ("The parameters were copied as JSON.", "参数已复制为 JSON。"),
    "copy_yourself": (
        "The browser does not allow copying from here: press Ctrl+C.",
        "浏览器不允许在此复制：请按 Ctrl+C。",
    ),
    "parameters": ("Parameters as JSON", "参数（JSON）"),
    "delete": ("Delete", "删除"),
    "delete_title": (
        "Move to the trash (Delete)",
        "移到回收站（Delete）",
    ),
    "trashed": ("Moved to the trash: {prompt}", "已移到回收站：{prompt}"),
    "undo": ("Undo", "撤销"),
    "dismiss": ("Dismiss", "关闭提示"),
    "restored": ("Put back: {prompt}", "已恢复：{prompt}"),
    "in_use": ("These settings are in use.", "已使用这些设置。"),
    "sent": ("The picture was sent to edit.", "图片已送去编辑。"),
    "lost": (
        "This picture is gone: it was moved or deleted by something else.",
        "这张图片已不存在：被其他程序移动或删除。",
    ),
    "shown": ("{shown} of {n} pictures", "显示 {shown} 张，共 {n} 张"),
    "prompt": ("Prompt", "提示词"),
    "negative_prompt": ("Negative prompt", "反向提示词"),
    "size": ("Size", "尺寸"),
    "steps": ("Steps", "步数"),
    "guidance": ("Guidance", "引导强度"),
    "seed": ("Seed", "种子"),
    "sampler": ("Sampler", "采样器"),
    "shift": ("Shift", "时间偏移"),
    "cfg": ("Guidance details", "引导细节"),
    "embedding_noise": ("Prompt noise", "提示词噪声"),
    "created": ("Made", "生成时间"),
    "seconds": ("Took", "用时"),
    "device": ("On", "设备"),
    "software": ("By", "软件"),
    "notes": ("Note", "说明"),
    "file": ("File", "文件"),
}


def facts(entry: Entry, labels: Mapping[str, str], language: str = "en") -> list[tuple[str, str]]:
    """Return what is known of a picture as pairs of a name and a value, the prompt first."""
    record, p = entry.record, entry.record["params"]
    model = p.get("model") or ", ".join(_foreign(record, "models"))
    spacing = p.get("sigmas") or "linear"
    # An edit's width and height are those of what the model saw, not of the picture.
    size = record.get("size") or (p.get("width"), p.get("height"))
    taken = (record.get("timings") or {}).get("total")
    names = in_language(FIELD_LABELS, language)
    cfg = [names["cfg_normalization"]] if p.get("cfg_normalization") else []
    if p.get("cfg_truncation") not in (None, 1.0):
        cfg.append(f"{names['cfg_truncation']} {p['cfg_truncation']:g}")
    values = {
        "prompt": p.get("prompt"),
        "negative_prompt": p.get("negative_prompt"),
        "model": model,
        "size": f"{size[0]}×{size[1]}" if all(size) else "",
        "steps": p.get("steps"),
        "guidance": None if p.get("guidance") is None else f"{p['guidance']:g}",
        "seed": p.get("seed"),
        "sampler": (p.get("sampler") or "") + ("" if spacing == "linear" else f", {spacing}"),
        "shift": None if p.get("shift") is None else f"{p['shift']:g}",
        "cfg": ", ".join(cfg),
        "embedding_noise": f"{p['embedding_noise']:g}" if p.get("embedding_noise") else "",
        "created": f"{entry.created.astimezone():%Y-%m-%d %H:%M:%S}",
        "seconds": f"{taken:.2f} s" if taken else "",
        "device": record.get("device"),
        "software": record.get("software"),
        "notes": joined(_foreign(record, "notes"), language),
        "file": str(entry.path),
    }
    shown = {name: str(value) for name, value in values.items() if value not in (None, "")}
    rows = [(labels[name], value) for name, value in shown.items()]
    if entry.edit:
        rows[1:1] = edit_rows(entry.edit, entry.source, language)
    return rows


def _foreign(record: Mapping[str, Any], part: str) -> list[str]:
    """Return texts in what another tool's picture tells, such as ``models`` and ``notes``."""
    foreign = record.get("foreign")
    found = foreign.get(part) if isinstance(foreign, dict) else None
    return [str(item) for item in found] if isinstance(found, list | tuple) else []
