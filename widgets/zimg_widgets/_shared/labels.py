"""Labels of controls in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

from zimg_kernel.settings import LANGUAGES, chosen_language

Labels = Mapping[str, tuple[str, str]]
"""English and Chinese text by name."""

CAPTION: Labels = {
    "step": ("{} step", "{} 步"),
    "steps": ("{} steps", "{} 步"),
    "guidance": ("guidance {}", "引导 {}"),
    "seed": ("seed {}", "种子 {}"),
}
"""Parts of a picture's caption."""

FACTS: Labels = {
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "none": ("none", "无"),
    "comma": (", ", "、"),
    "change": ("Change", "修改方式"),
    "made_from": ("Made from", "原图"),
    "elsewhere": ("a picture from elsewhere", "外部图片"),
    "margins": ("Added", "扩展"),
    "margin": ("{side} {px} px", "{side} {px} 像素"),
    "map": ("Map", "控制图"),
    "scale": ("Strength of the map", "控制强度"),
    "text_encoder": ("Reading the prompt", "读取提示词用时"),
    "transformer": ("Denoising", "去噪用时"),
    "vae": ("Making the picture", "解码用时"),
    "total": ("In all", "总用时"),
    "memory": ("Memory", "内存占用"),
    "device": ("Drawn on", "设备"),
    "file": ("File", "文件"),
}
"""What else is told of a picture beside its parameters, and values that are words."""

language = chosen_language


def in_language(labels: Labels, wanted: str | None = None) -> dict[str, str]:
    """Return the labels in one language, by name."""
    column = LANGUAGES.index(language(wanted))
    return {name: pair[column] for name, pair in labels.items()}
