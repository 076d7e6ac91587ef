"""Kernel side of zimg workbench: parameters → engine → job → picture → gallery.

Importing it is quick and brings no torch; that comes with the first picture.
"""

from __future__ import annotations

import os

import lazy_loader

from ._former_paths import install

# Read by GNU OpenMP when torch is loaded: how long its threads spin while they wait for each
# other. The default suits a machine of one's own; with one other busy process on 2 cores a
# picture then takes forty times as long (20 s instead of 0.5 s). This many turns cost nothing
# on an idle machine (a forward of 43 ms either way) and yield in time on a busy one.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")

__version__ = "0.1.0"

install()
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__all__ += ["__version__"]
