"""Draws what more steps bring nano-turbo: python tests/benchmarks/steps_sheet.py [FILE]."""

from __future__ import annotations

from readme_sheet import PROMPTS, write_sheet

SIDE = 128
STEPS = (1, 2, 4, 8)
CHOSEN = (6, 16, 17, 20, 41, 45, 49, 60)
"""Which prompts of the README's sheet: those with fine drawing, in several styles."""
SEED = 7


def main() -> None:
    """Draw each prompt in 1, 2, 4 and 8 steps, a row for each, and write the sheet."""
    wanted = [
        {"prompt": PROMPTS[i], "seed": SEED, "steps": steps} for steps in STEPS for i in CHOSEN
    ]
    write_sheet("nano_steps.png", wanted, SIDE)


if __name__ == "__main__":
    main()
