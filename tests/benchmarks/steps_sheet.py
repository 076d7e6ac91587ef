"""Draws what more steps bring nano-turbo: python tests/benchmarks/steps_sheet.py [FILE]."""

from __future__ import annotations

import sys
from pathlib import Path

from readme_sheet import COLUMNS, PROMPTS

SIDE = 128
STEPS = (1, 2, 4, 8)
CHOSEN = (6, 16, 17, 20, 41, 45, 49, 60)
"""Which prompts of the README's sheet: those with fine drawing, in several styles."""
SEED = 7


def main() -> None:
    """Draw each prompt in 1, 2, 4 and 8 steps, a row for each, and write the sheet."""
    import zimg_kernel as zimg

    default = Path(__file__).parents[2] / "notebooks" / "reports" / "nano_steps.png"
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    engine = zimg.LocalEngine()
    jobs = [
        engine.submit(
            zimg.GenerationParams(model="nano-turbo", prompt=PROMPTS[i], seed=SEED, steps=steps)
        )
        for steps in STEPS
        for i in CHOSEN
    ]
    images = [job.result().image for job in jobs]
    sheet = zimg.contact_sheet(images, columns=COLUMNS, side=SIDE)
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(target, optimize=True)
    print(target)


if __name__ == "__main__":
    main()
