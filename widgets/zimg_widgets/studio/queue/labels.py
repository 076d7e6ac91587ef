"""The words on the queue, in English and Chinese."""

from __future__ import annotations

from zimg_widgets._shared.labels import Labels

LABELS: Labels = {
    "title": ("Queue", "队列"),
    "cancel": ("Cancel", "取消"),
    "cancel_this": ("Cancel: {prompt}", "取消：{prompt}"),
    "running": ("running", "进行中"),
    "queued": ("waiting", "等待中"),
    "cancelling": ("cancelling", "正在取消"),
    "more": ("and {count} more", "另有 {count} 项"),
    "interrupted": ("Not finished when the kernel ended", "内核结束时尚未完成"),
    "again": ("Draw", "继续生成"),
    "again_this": ("Draw: {prompt}", "继续生成：{prompt}"),
    "dismiss": ("Dismiss", "忽略"),
    "dismiss_this": ("Dismiss: {prompt}", "忽略：{prompt}"),
}
