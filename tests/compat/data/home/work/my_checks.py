"""Checks of a user's own, named in the suite beside it."""

from zimg_kernel import GeneratedImage
from zimg_kernel.suite import Case, CheckResult


def is_square(image: GeneratedImage, case: Case) -> CheckResult:
    """Whether both sides are as long."""
    width, height = image.image.size
    return CheckResult.of(width == height, f"{case.id} is {width} x {height} px")
