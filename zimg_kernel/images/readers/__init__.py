"""Readers of other tools' pictures: one file a tool, over shared texts, numbers and graphs."""

from __future__ import annotations

from .foreign import read_foreign as read_foreign
from .stealth import stealth_texts as stealth_texts
