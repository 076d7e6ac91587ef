"""Rooms of the kernel: no circle, and the guide shows them as they are."""

from __future__ import annotations

import rooms


def test_the_guide_shows_the_rooms_of_now() -> None:
    """After a change on purpose: ``make rooms``."""
    text = rooms.GUIDE.read_text(encoding="utf-8")
    assert rooms.guide(text, rooms.arrows()) == text


def test_the_root_holds_at_most_ten_files() -> None:
    files = [path for path in (rooms.ROOT / "zimg_kernel").iterdir() if path.is_file()]
    assert len(files) <= 10, sorted(path.name for path in files)
