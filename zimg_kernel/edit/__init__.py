"""Editing: change a picture by words, by brush and by example.

Each function checks what it is given, and returns a job as generating does::

    from zimg_kernel import edit

    picture = zimg.generate("左边一个红色的圆，右边一个蓝色的方块", seed=1)
    greener = edit.instruct(picture, "把方块变成绿色").result()
    wider = edit.outpaint(greener, right=64).result()

Importing it is quick and brings no torch.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
