"""What was done to make a version, in words: "repainted: a red star"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zimg_kernel.settings import LANGUAGES, chosen_language

if TYPE_CHECKING:
    from .lineage import Version

_WORDS = {
    "drawn": ("drawn: {prompt}", "生成：{prompt}"),
    "original": ("picture from elsewhere: {name}", "外部图片：{name}"),
    "original_nameless": ("picture from elsewhere", "外部图片"),
    "gone": ("no longer there: {what}", "已不存在：{what}"),
    "gone_nameless": ("no longer there", "已不存在"),
    "img2img": (
        "drawn again (strength {strength:g}): {prompt}",
        "重绘（强度 {strength:g}）：{prompt}",
    ),
    "inpaint": ("repainted: {prompt}", "局部重绘：{prompt}"),
    "inpaint_partly": (
        "repainted (strength {strength:g}): {prompt}",
        "局部重绘（强度 {strength:g}）：{prompt}",
    ),
    "outpaint": ("extended {margins}: {prompt}", "扩展（{margins}）：{prompt}"),
    "left": ("to the left +{px} px", "左 +{px} 像素"),
    "right": ("to the right +{px} px", "右 +{px} 像素"),
    "top": ("at the top +{px} px", "上 +{px} 像素"),
    "bottom": ("at the bottom +{px} px", "下 +{px} 像素"),
    "and": (", ", "，"),
    "instruct": ("by words: {prompt}", "按指令：{prompt}"),
    "control": (
        "by a map ({control}, scale {scale:g}): {prompt}",
        "按控制图（{control}，强度 {scale:g}）：{prompt}",
    ),
    "upscale": ("enlarged {factor:g}×", "放大 {factor:g} 倍"),
    "vary": ("varied (amount {strength:g})", "变体（幅度 {strength:g}）"),
    "other": ("{kind}: {prompt}", "{kind}：{prompt}"),
    "many": ("a family of {n} pictures", "共 {n} 张图片的谱系"),
    "one": ("a picture by itself", "单独的一张图片"),
    "more": ("… and {n} more", "……另有 {n} 张"),
    "this": ("this one", "当前"),
}
_DEFAULTS = {"strength": 1.0, "scale": 1.0, "factor": 2.0, "control": "?"}
_LONGEST = 80  # characters of a prompt


def word(name: str, /, language: str | None = None, **values: Any) -> str:
    """Return one of this file's words."""
    template = _WORDS[name][LANGUAGES.index(chosen_language(language))]
    return template.format(**values)


def said_of(version: Version, language: str | None = None, longest: int = _LONGEST) -> str:
    """Return what was done to make a version, or what it is, in one line.

    Parameters
    ----------
    version : Version
    language : {"en", "zh"}, optional
    longest : int
        Characters of the prompt that are shown.
    """
    prompt = shortened(version.prompt, longest)
    if version.kind == "original":
        if version.name:
            return word("original", language, name=version.name)
        return word("original_nameless", language)
    if version.kind == "gone":
        what = prompt or version.name
        return word("gone", language, what=what) if what else word("gone_nameless", language)
    edit = version.edit
    if edit is None:
        return word("drawn", language, prompt=prompt)
    given = {name: value for name, value in edit.items() if value is not None}
    values = {**_DEFAULTS, **given, "prompt": prompt}
    kind = str(values.get("kind"))
    if kind == "inpaint" and values["strength"] < 1:
        kind = "inpaint_partly"
    if kind == "outpaint":
        values["margins"] = word("and", language).join(
            word(side, language, px=given[side])
            for side in ("left", "right", "top", "bottom")
            if given.get(side)
        )
    try:
        return word(kind if kind in _WORDS else "other", language, **values)
    except (TypeError, ValueError):  # a record by somebody else
        return word("other", language, kind=kind, prompt=prompt)


def shortened(text: str, longest: int = _LONGEST) -> str:
    """Return a text as one line, cut where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
