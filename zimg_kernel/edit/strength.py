"""What a strength means in steps, so that it can be said before anything is drawn."""

from __future__ import annotations


def steps_run(steps: int, strength: float) -> int:
    """Return how many of the steps are really run.

    The source gets the noise of a step on the way, and only what comes after is run
    (``get_timesteps`` of diffusers' ZImageImg2ImgPipeline): ``steps - int(steps - steps *
    strength)``, at least 1.

    Parameters
    ----------
    steps : int
        Denoising steps of a whole picture.
    strength : float
        Above 0 up to 1.
    """
    return steps - int(max(steps - min(steps * strength, steps), 0))


def in_words(steps: int, strength: float) -> str:
    """Return a sentence on it."""
    run = steps_run(steps, strength)
    if run == steps:
        return f"Strength {strength:g} runs all {steps} steps." if steps > 1 else ""
    return f"Strength {strength:g} runs {run} of {steps} steps."
