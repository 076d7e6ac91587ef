"""Search results of the gallery: records of pictures that are not yet read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from zimg_kernel.errors import BadInput
from zimg_kernel.images.image import GeneratedImage


@dataclass(frozen=True)
class Entry:
    """One picture of a gallery: its file and its record; the pixels are read by :meth:`open`."""

    path: Path
    record: dict[str, Any]

    @property
    def prompt(self) -> str:
        """The prompt."""
        return str(self.record["params"].get("prompt", ""))

    @property
    def model(self) -> str:
        """The model's id; empty for another tool's picture."""
        return str(self.record["params"].get("model") or "")

    @property
    def seed(self) -> int:
        """The seed that was used."""
        seed = self.record["params"].get("seed")
        return -1 if seed is None else int(seed)

    @property
    def created(self) -> datetime:
        """Time at which the picture was finished."""
        return datetime.fromisoformat(self.record["created"])

    @property
    def edit(self) -> dict[str, Any] | None:
        """Edit that made it from another picture; None for one from nothing."""
        found = self.record["params"].get("edit")
        return found if isinstance(found, dict) else None

    @property
    def source(self) -> dict[str, Any] | None:
        """Record of the picture that it was made from; None for one from nothing."""
        found = self.record.get("source")
        return found if isinstance(found, dict) else None

    def open(self) -> GeneratedImage:
        """Read the picture with its parameters."""
        return GeneratedImage.open(self.path)


class Entries(Sequence[Entry]):
    """Entries found by a search; a notebook shows them as a contact sheet."""

    def __init__(self, entries: list[Entry]) -> None:
        self._entries = entries

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: Any) -> Any:
        found = self._entries[index]
        return Entries(found) if isinstance(index, slice) else found

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __repr__(self) -> str:
        lines = [f"{len(self)} pictures"]
        lines += [f"{entry.path}  {entry.prompt[:60]}" for entry in self._entries[:20]]
        return "\n".join(lines)

    def _repr_html_(self, shown: int = 24) -> str:
        from zimg_kernel.images.contact_sheet import sheet_html

        images, unread = [], 0
        for entry in self._entries[:shown]:
            try:
                images.append(entry.open())
            except BadInput:  # gone or damaged since
                unread += 1
        rest = len(self) - shown
        more = f"<p>… and {rest} more</p>" if rest > 0 else ""
        if unread:
            more += f"<p>{unread} of these could not be read: gone or damaged.</p>"
        return sheet_html(images) + more
