"""Client of the chaos test: asks for pictures and edits, and tells each one that it gets.

``python chaos_client.py NUMBER COUNT WAITING`` prints a line of JSON for each request.
"""

from __future__ import annotations

import json
import sys
from collections import deque

from PIL import Image, ImageDraw

import zimg_kernel as zimg

SIZE = 128
SETTINGS = {"model": "nano-turbo", "width": SIZE, "height": SIZE, "steps": 2}


def main(number: int, count: int, waiting: int) -> None:
    """Ask for ``count`` pictures, a third of them edits, ``waiting`` of them at a time."""
    engine = zimg.default_engine()
    mask = Image.new("L", (SIZE, SIZE))
    ImageDraw.Draw(mask).rectangle((32, 32, 96, 96), fill=255)
    source = None
    asked: deque[tuple[int, zimg.Job]] = deque()

    def take() -> zimg.GeneratedImage:
        seed, job = asked.popleft()
        images = job.results(300)
        told = {
            "seed": seed,
            "job": job.id,
            "seeds": [image.seed for image in images],
            "paths": [str(image.path) for image in images],
            "edit": job.params.edit is not None,
        }
        print(json.dumps(told), flush=True)  # fmt: skip
        return images[0]

    for index in range(count):
        seed = number * 10_000 + index
        if source is None or index % 3:
            params = zimg.GenerationParams(prompt="a red circle", seed=seed, **SETTINGS)
            asked.append((seed, engine.submit(params, preview="none")))
        elif index % 2:
            job = zimg.edit.img2img(source, "a blue star", strength=0.6, seed=seed, engine=engine)
            asked.append((seed, job))
        else:
            job = zimg.edit.inpaint(source, mask, "a blue square", seed=seed, engine=engine)
            asked.append((seed, job))
        if source is None:
            source = take()
        while len(asked) > waiting:
            take()
    while asked:
        take()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
