"""The words on the memory bar, in English and Chinese."""

from __future__ import annotations

from zimg_widgets._shared.labels import Labels

LABELS: Labels = {
    "title": ("Memory", "内存占用"),
    "RAM": ("RAM", "内存"),
    "GPU": ("GPU", "显存"),
    "used": ("{name} {used} of {total} GB", "{name} {used} / {total} GB"),
    "own": ("this process {size} GB", "本进程 {size} GB"),
    "others": ("others {size} GB", "其他 {size} GB"),
    "free": ("free {size} GB", "空闲 {size} GB"),
    "stale": ("no answer from the kernel", "内核没有回应"),
}
