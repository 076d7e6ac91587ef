"""Times the Studio in a real JupyterLab: from a click to the first preview, and its upkeep.

    python tests/benchmarks/studio_page.py --json notebooks/reports/studio_page.json

Headless Chromium shows a Studio with nano-turbo, which is warm. Each round clicks Generate with
another seed and notes when the first preview is in the page; in turn with it, the same request
goes to the engine alone, in the same kernel, up to its first step event: the plain alternative.
After that a request of many steps runs, and Chromium's own counters say what the page's main
thread worked for each preview that was shown.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from gallery_scroll import serve
from playwright.sync_api import Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from ui import conftest, notebooks

SHOW = """
from zimg_widgets import Studio
studio = Studio({"prompt": "a red circle", "model": "nano-turbo"}, language="en")
studio
"""
ALONE = """
import time
import zimg_kernel as zimg
from zimg_kernel.engine.events import Step

def first_step(seed):
    start = time.perf_counter()
    job = zimg.submit({"prompt": "a red circle", "model": "nano-turbo", "seed": seed})
    for event in job.events():
        if isinstance(event, Step):
            event.preview
            took = time.perf_counter() - start
            break
    job.wait()
    return took

for seed in (1, 2):
    first_step(seed)
"""
STEP = "import random; print(first_step(random.randrange(10**6)))"
LONG = "studio.use(studio.form.params().replace(model='nano-base', steps={steps}, seed=1))"
CLICK = """async () => {
  const image = document.querySelector(".zimg-stage-image");
  const button = [...document.querySelectorAll(".zimg-primary")][0];
  const before = image.src;
  const start = performance.now();
  button.click();
  for (;;) {
    await new Promise(resolve => requestAnimationFrame(resolve));
    if (image.src !== before && image.alt.startsWith("Preview: ") && image.complete)
      return performance.now() - start;
    if (performance.now() - start > 60000) throw new Error("no preview comes");
  }
}"""
COUNT = """() => {
  const image = document.querySelector(".zimg-stage-image");
  window.previews = 0;
  new MutationObserver(records => {
    if (image.alt.startsWith("Preview: "))
      window.previews += records.filter(r => r.attributeName === "src").length;
  }).observe(image, { attributes: true });
}"""


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=120, help="of the long request")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zimg-studio-") as name:
        report = measure(Path(name), options.rounds, options.steps)
    text = json.dumps(report, ensure_ascii=False, indent=2)
    print(text)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(text + "\n")


def measure(folder: Path, rounds: int, steps: int) -> dict[str, Any]:
    """Show a Studio and use it; return all figures."""
    found = next(path for name in conftest._BROWSERS if (path := shutil.which(name)))
    with serve(folder) as lab, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=conftest._FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1400})
        notebooks.write(folder, "s.ipynb", SHOW, ALONE, STEP, LONG.format(steps=steps))
        notebooks.open_in(page, lab, "s.ipynb")
        notebooks.run(page, 0)
        notebooks.run(page, 1)
        page.evaluate(CLICK)
        wait_for_the_end(page)
        load = os.getloadavg()[0]
        studio, alone = [], []
        for _ in range(rounds):
            alone.append(1000 * float(notebooks.run(page, 2)))
            studio.append(page.evaluate(CLICK))
            wait_for_the_end(page)
        upkeep = work(page)
        version = browser.version
        browser.close()
    return {
        "click_to_first_preview_ms": spread(studio),
        "engine_alone_to_first_step_ms": spread(alone),
        "ratio": round(statistics.median(studio) / statistics.median(alone), 2),
        "upkeep": upkeep,
        "machine": {
            "cores": os.cpu_count(),
            "load_before": round(load, 2),
            "platform": platform.platform(),
            "chromium": version,
        },
    }


def wait_for_the_end(page: Page) -> None:
    """Wait until nothing runs."""
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_disabled(timeout=120_000)
    page.wait_for_timeout(300)


def work(page: Page) -> dict[str, Any]:
    """Run a request of many steps; return what the page's main thread worked for a preview."""
    notebooks.run(page, 3)
    page.evaluate(COUNT)
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable")

    def spent() -> dict[str, float]:
        metrics = cdp.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in metrics}

    before = spent()
    page.evaluate(CLICK)
    wait_for_the_end(page)
    after = spent()
    shown = int(page.evaluate("window.previews"))
    parts = {"script": "Script", "style": "RecalcStyle", "layout": "Layout", "all": "Task"}
    return {
        "previews_shown": shown,
        "seconds": round(after["Timestamp"] - before["Timestamp"], 2),
        "main_thread_ms_per_preview": {
            name: round(1000 * (after[f"{key}Duration"] - before[f"{key}Duration"]) / shown, 2)
            for name, key in parts.items()
        },
    }


def spread(values: list[float]) -> dict[str, float]:
    """Median and extremes."""
    return {
        "median": round(statistics.median(values), 1),
        "least": round(min(values), 1),
        "most": round(max(values), 1),
        "rounds": len(values),
    }


if __name__ == "__main__":
    main()
