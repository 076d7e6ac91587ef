"""Control maps and ControlNets: draw a picture that follows the lines of another one.

A map is made of any picture, and looked at beside it::

    from zimg_kernel.edit.controls import control_map, preview_control

    lines = control_map("house.jpg", "canny", low=80, high=160)
    preview_control("house.jpg")

Importing it is quick and brings no torch.
"""

from __future__ import annotations

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
