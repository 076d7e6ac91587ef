"""Draws the sheet of pictures in the README: python tests/benchmarks/readme_sheet.py [FILE]."""

from __future__ import annotations

import sys
from pathlib import Path

PROMPTS = [
    "左边一个红色的圆，右边一个蓝色的方块",
    "a yellow crescent in the night sky",
    "上面一颗黄色的星星，下面一个绿色的三角形",
    "a purple heart in the middle",
    "a small white star above a big red diamond, night sky",
    "a white ring above a brown square, sea background",
    "夕阳背景，一个黑色的十字",
    "two pink hearts",
    "草地上一个红色的六边形",
    "a big cyan diamond",
    "左上角一个绿色的圆环，右下角一个紫色的星星",
    "a small orange triangle to the left of a big blue circle",
    "夜空背景，五颗黄色的星星",
    "a gray square below a red crescent",
    "一个粉色的月牙在一个蓝色的菱形的右边",
    "four green hexagons, snow background",
]


def main() -> None:
    """Draw every prompt with seed 1 and write the sheet."""
    import zimg_kernel as zimg

    default = Path(__file__).parents[2] / "notebooks" / "reports" / "nano_turbo.png"
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    engine = zimg.LocalEngine()
    jobs = [
        engine.submit(zimg.GenerationParams(model="nano-turbo", prompt=prompt, seed=1))
        for prompt in PROMPTS
    ]
    sheet = zimg.contact_sheet([job.result().image for job in jobs], columns=8, side=192)
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(target, optimize=True)
    print(target)


if __name__ == "__main__":
    main()
