"""Tests of the kernel's sentences on a Chinese stage, in Chromium."""

from __future__ import annotations

from playwright.sync_api import expect

import zimg_kernel
from ui.harness import WidgetPage
from zimg_kernel.engine.local import LocalEngine
from zimg_widgets._shared.kernel_sentences import joined
from zimg_widgets.studio.stage.widget import Stage


def test_a_chinese_stage_tells_remarks_and_captions_in_chinese(
    widget_page: WidgetPage, as_default: LocalEngine
) -> None:
    params = zimg_kernel.GenerationParams(
        prompt="a red circle on a xylophone", model="nano-turbo", steps=2, seed=4
    )
    job = as_default.submit(params)
    image = job.result()
    stage = Stage(language="zh")
    stage.show(image)
    stage.state = {"status": "done", "warning": joined(job.warnings, "zh")}
    widget_page.show(stage)
    page = widget_page.page
    expect(page.get_by_text("微型模型只会画图形").first).to_be_visible()
    expect(page.get_by_text("2 步 · 种子 4").first).to_be_visible()
