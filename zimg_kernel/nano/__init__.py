"""A miniature of the Z-Image family: its world of simple scenes, training code and weights.

The package imports without torch; every module that needs tensors imports it by itself.
"""

from __future__ import annotations

from pathlib import Path

WEIGHTS = Path(__file__).parent / "weights"
"""Folder that holds one diffusers folder for each embedded model."""

TURBO = WEIGHTS / "nano-turbo"
"""The text-to-image miniature: 8 steps, guidance scale 0, native size 256 x 256."""

__all__ = ["TURBO", "WEIGHTS"]
