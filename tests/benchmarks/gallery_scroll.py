"""Scrolls a gallery of 10,000 pictures in a real JupyterLab and counts frames.

    python tests/benchmarks/gallery_scroll.py --json notebooks/reports/gallery_scroll.json

The pictures are made in a temporary folder: true PNG files of 256 × 256 px with records. Headless
Chromium shows the gallery, jumps to its middle (thumbnails have to be made), scrolls from top to
bottom in ten seconds, and after a reload of the page jumps to the middle again (thumbnails are
in the cache by now). Frames are counted by requestAnimationFrame, whose rate has the screen's
60 Hz as its limit. ``idle`` is the same page without scrolling.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, PngImagePlugin
from playwright.sync_api import Page, expect, sync_playwright

from zimg_kernel import Gallery, GeneratedImage, GenerationParams

sys.path.insert(0, str(Path(__file__).parents[1]))
from ports import free_port
from ui import conftest, notebooks

SHOW = 'from zimg_widgets import GalleryView\nGalleryView("{folder}", language="en")'
SCROLL = """async ([seconds, by]) => {
  const box = document.querySelector(".zimg-gallery-scroller");
  const all = document.querySelector(".zimg-gallery");
  const long = [];
  const observer = new PerformanceObserver(list =>
    long.push(...list.getEntries().map(entry => entry.duration)));
  observer.observe({ type: "longtask" });
  const way = by * (box.scrollHeight - box.clientHeight);
  const times = [];
  let nodes = 0;
  const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
  const start = await frame();
  for (let now = start; now - start < 1000 * seconds; now = await frame()) {
    times.push(now);
    box.scrollTop = (way * (now - start)) / (1000 * seconds);
    if (times.length % 20 === 0) nodes = Math.max(nodes, all.querySelectorAll("*").length);
  }
  observer.disconnect();
  return { times, long, nodes };
}"""
JUMP = """async to => {
  const box = document.querySelector(".zimg-gallery-scroller");
  const start = performance.now();
  box.scrollTop = to * (box.scrollHeight - box.clientHeight);
  const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
  for (;;) {
    await frame();
    const { top, bottom } = box.getBoundingClientRect();
    const cells = [...box.querySelectorAll("[role=option]:not([hidden])")].filter(cell => {
      const at = cell.getBoundingClientRect();
      return at.bottom > top && at.top < bottom;
    });
    const shown = cells.filter(cell => cell.firstChild?.complete);
    if (cells.length && shown.length === cells.length)
      return { ms: performance.now() - start, cells: cells.length };
    if (performance.now() - start > 30000) throw new Error("thumbnails do not come");
  }
}"""


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zimg-scroll-") as name:
        report = measure(Path(name), options.count, options.seconds)
    text = json.dumps(report, ensure_ascii=False, indent=2)
    print(text)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(text + "\n")


def measure(folder: Path, count: int, seconds: float) -> dict[str, Any]:
    """Make the gallery, show it, scroll, jump; return all figures."""
    start = time.perf_counter()
    fill(folder / "gallery", count)
    made = time.perf_counter() - start
    found = next(path for name in conftest._BROWSERS if (path := shutil.which(name)))
    with serve(folder) as lab, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=conftest._FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        notebooks.write(folder, "scroll.ipynb", SHOW.format(folder=folder / "gallery"))
        notebooks.open_in(page, lab, "scroll.ipynb")
        notebooks.run(page, 0)
        wait_for_first(page, count)
        cold = page.evaluate(JUMP, 0.5)
        page.evaluate(JUMP, 0)
        page.wait_for_timeout(2000)
        idle = frames(page.evaluate(SCROLL, [3, 0]))
        load = os.getloadavg()[0]
        scrolled = scroll(page, seconds)
        page.keyboard.press("Control+s")
        page.wait_for_timeout(2000)
        page.goto(f"{lab}/lab/tree/scroll.ipynb")
        notebooks.wait_until_idle(page)
        wait_for_first(page, count)
        warm = page.evaluate(JUMP, 0.5)
        saved = (folder / "notebooks" / "scroll.ipynb").stat().st_size
        version = browser.version
        browser.close()
    return {
        "pictures": count,
        "seconds_to_make_them": round(made, 1),
        "idle": idle,
        "scroll": {"seconds": seconds, **scrolled},
        "jump_to_middle_ms": {"thumbnails_to_be_made": cold, "thumbnails_in_the_cache": warm},
        "saved_notebook_bytes": saved,
        "machine": {
            "cores": os.cpu_count(),
            "load_before": round(load, 2),
            "platform": platform.platform(),
            "chromium": version,
        },
    }


def scroll(page: Page, seconds: float) -> dict[str, Any]:
    """Scroll from top to bottom; add what the page's main thread worked for each frame."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable")

    def spent() -> dict[str, float]:
        metrics = cdp.send("Performance.getMetrics")["metrics"]
        return {metric["name"]: metric["value"] for metric in metrics}

    before = spent()
    found = frames(page.evaluate(SCROLL, [seconds, 1]))
    after = spent()
    parts = {"script": "Script", "style": "RecalcStyle", "layout": "Layout", "all": "Task"}
    each = 1000 / found["frames"]
    found["main_thread_ms_per_frame"] = {
        name: round(each * (after[f"{key}Duration"] - before[f"{key}Duration"]), 2)
        for name, key in parts.items()
    }
    return found


def frames(found: dict[str, Any]) -> dict[str, Any]:
    """Frames per second from their times: the median, and what 99 % of frames reach."""
    gaps = [b - a for a, b in itertools.pairwise(found["times"])]
    slow = statistics.quantiles(gaps, n=100)[98]
    return {
        "frames": len(gaps),
        "fps_mean": round(1000 * len(gaps) / sum(gaps), 1),
        "fps_median": round(1000 / statistics.median(gaps), 1),
        "fps_1st_percentile": round(1000 / slow, 1),
        "longest_frame_ms": round(max(gaps), 1),
        "long_tasks": len(found["long"]),
        "longest_task_ms": round(max(found["long"], default=0), 1),
        "most_dom_nodes": found["nodes"],
    }


def wait_for_first(page: Page, count: int) -> None:
    """Wait until the gallery says its number and its first thumbnails are there."""
    status = page.locator(".zimg-gallery-status")
    expect(status).to_have_text(f"{count:,} pictures", timeout=60_000)
    page.evaluate(JUMP, 0)


def fill(folder: Path, count: int) -> None:
    """Write small pictures with their records, and make the index from them."""
    first = datetime.now().astimezone() - timedelta(minutes=10 * count)
    for i in range(count):
        image = Image.new("RGB", (256, 256), (i % 256, i // 256 * 5 % 256, 160))
        draw = ImageDraw.Draw(image)
        for turn in range(3):
            place = (60 + 50 * turn, 200 - 50 * turn, 20 + (i + 9 * turn) % 40)
            draw.regular_polygon(place, 3 + (i + turn) % 6, fill=(255 - i % 200, 80 * turn, i % 90))
        params = GenerationParams(
            prompt=f"picture {i}", seed=i, model=("nano-turbo", "z-image")[i % 2], steps=8,
            width=256, height=256,
        )  # fmt: skip
        created = first + timedelta(minutes=10 * i)
        made = GeneratedImage(image, params, created=created)
        # As the gallery writes them, but without waiting for the disk each time.
        info = PngImagePlugin.PngInfo()
        info.add_itxt("zimg", json.dumps(made.record(), ensure_ascii=False))
        path = folder / f"{created:%Y-%m-%d}" / f"{created:%H%M%S}-000_seed{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path, pnginfo=info, compress_level=1)
    assert Gallery(folder).rebuild() == count


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Run JupyterLab with settings and a home of its own; give its address."""
    (folder / "notebooks").mkdir()
    port = free_port()
    environment = {**os.environ, "ZIMG_HOME": str(folder / "home")}
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"):
        environment[name] = str(folder / name.lower())
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
        "--IdentityProvider.token=", f"--ServerApp.root_dir={folder / 'notebooks'}",
    ]  # fmt: skip
    with (folder / "lab.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        conftest._wait_until_ready(f"http://127.0.0.1:{port}/api/status", folder / "lab.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    main()
