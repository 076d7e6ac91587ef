"""Write pictures to where somebody wants them, beside the gallery."""

from __future__ import annotations

from pathlib import Path

from .image import GeneratedImage
from .metadata import is_picture_name


def export_pictures(images: list[GeneratedImage], output: Path) -> list[Path]:
    """Write pictures to a file name (numbered if they are several) or into a folder.

    Parameters
    ----------
    images : list of GeneratedImage
    output : Path
        A name ending in .png, .jpg, .jpeg or .webp, or a folder, which is made.

    Returns
    -------
    list of Path
        Where they are now.
    """
    if not is_picture_name(output):
        return [
            image.save(output / (image.path.name if image.path else f"seed{image.seed}.png"))
            for image in images
        ]
    if len(images) == 1:
        return [images[0].save(output)]
    names = [f"{output.stem}-{number}{output.suffix}" for number in range(1, len(images) + 1)]
    return [i.save(output.with_name(name)) for name, i in zip(names, images, strict=True)]
