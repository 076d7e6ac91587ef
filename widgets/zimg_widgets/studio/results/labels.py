"""The words on the strip of results, in English and Chinese."""

from __future__ import annotations

from zimg_widgets._shared.labels import Labels

LABELS: Labels = {
    "title": ("Results", "结果"),
    "running": ("Being drawn: {prompt}", "正在生成：{prompt}"),
    "gone": ("The file is gone", "文件已不存在"),
}
