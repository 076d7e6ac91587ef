"""Rate pictures blindly: 1 to 5 stars, or the better one of two; every answer is kept."""

from __future__ import annotations

import hashlib
import html
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import traitlets

from zimg_kernel import BadInput, ZimgError, settings
from zimg_kernel.experiments.rating.agreement import Item, Results, results_of
from zimg_kernel.experiments.rating.store import Ratings
from zimg_widgets._shared.bundle import bundle
from zimg_widgets._shared.control import Control
from zimg_widgets._shared.encode import Source, jpeg_bytes, read, rgb
from zimg_widgets._shared.kernel_sentences import translated
from zimg_widgets._shared.labels import Labels

from .items import clean_name, items_of
from .labels import LABELS

_SIDE = 768  # px, the longer side of what travels


class RatingTask(Control):
    """Pictures to rate, one after another or two side by side; made by :func:`rate`."""

    _esm = bundle("rating/widget.js")
    _css = bundle("rating/widget.css")
    LABELS: ClassVar[Labels] = LABELS

    kind = traitlets.Unicode().tag(sync=True)
    question = traitlets.Unicode().tag(sync=True)
    raters = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """The names to choose from; if there are none, a rater types one."""
    task = traitlets.Dict().tag(sync=True)
    """State of the rater: ``phase``, ``turn``, ``rater``, ``done``, ``total``, ``error``."""
    left = traitlets.Bytes().tag(sync=True)
    """The picture, or the left one of two, JPEG."""
    right = traitlets.Bytes().tag(sync=True)
    """The right picture of two, JPEG."""

    def __init__(
        self, sources: list[Source], items: list[Item], ratings: Ratings, seed: int, **traits: Any
    ) -> None:
        self._sources, self._all, self._ratings, self._seed = sources, items, ratings, seed
        self._items = {item.key: item for item in items}
        self._rater, self._turn = "", 0
        self._item: Item | None = None
        super().__init__(**traits)
        self.question = self.question or self.labels[f"ask_{self.kind}"]
        self.on_msg(self._on_message)
        self._rater = self.raters[0] if len(self.raters) == 1 else ""
        self._ask()

    @property
    def results(self) -> Results:
        """Answers of all raters so far about these pictures, read from the file."""
        return results_of(self._all, self._ratings.answers(), self.labels)

    @property
    def progress(self) -> dict[str, int]:
        """Number of these pictures, or pairs, that each rater has rated."""
        return dict(Counter(answer.rater for answer in self.results.answers))

    def to_static_html(self) -> str:
        """Return the progress as HTML; no name of a picture, since raters must not see them."""
        counts = [f"{name}: {done}/{len(self._items)}" for name, done in self.progress.items()]
        line = html.escape(" · ".join(counts) or f"0/{len(self._items)}")
        return f"<p>{html.escape(self.question)} {line}</p>"

    def _on_message(self, _: Any, content: dict[str, Any], __: Any) -> None:
        kind, preferred = content.get("kind"), None
        try:
            # A message about an earlier turn (a second click, another page) changes nothing.
            if content.get("turn") != self._turn:
                pass
            elif kind == "rater":
                self._rater = self._admitted(content.get("name"))
            elif kind == "leave" and len(self.raters) != 1:
                self._rater = ""
            elif kind == "undo" and self._rater:
                preferred = self._ratings.undo(self._rater, self._items)
            elif kind == "answer" and self._rater and self._item:
                self._keep(self._item, content.get("value"))
            self._ask(preferred)
            self.update_static_html()
        except (BadInput, ZimgError) as problem:
            self._show_task(translated(problem, self.language))

    def _admitted(self, name: object) -> str:
        clean = clean_name(name)
        if self.raters and clean not in self.raters:
            raise BadInput(
                f"{clean} is not among the raters: choose {', '.join(self.raters)}.",
                code="unknown-rater",
                field="raters",
            )
        return clean

    def _keep(self, item: Item, answer: object) -> None:
        if self.kind == "stars":
            allowed = {stars: stars for stars in range(1, 6)}
            value = allowed.get(answer) if isinstance(answer, int) else None
        else:
            left = -1 if self._swapped(item) else 1
            value = {"left": left, "tie": 0, "right": -left}.get(str(answer))
        if value is not None:
            self._ratings.put(self._rater, item.key, value)

    def _ask(self, preferred: str | None = None) -> None:
        """Show the preferred item, else the next one without an answer."""
        rated = self._rated_by(self._rater)
        left = [self._items[key] for key in self._items if key not in rated]
        left.sort(key=lambda item: self._drawn("order", item.key))
        item = self._items[preferred] if preferred else next(iter(left), None)
        item = item if self._rater else None
        shown = [self._jpeg(i) for i in item.pictures] if item else []
        if item and self._swapped(item):
            shown.reverse()
        self._item = item  # only now: a picture that cannot be read must not be rated
        with self.hold_sync():  # pictures and words travel together
            self.left, self.right = (*shown, b"", b"")[:2]
            self._show_task()

    def _jpeg(self, index: int) -> bytes:
        image = rgb(read(self._sources[index], f"image {index + 1}"))
        return jpeg_bytes(image, _SIDE, 92, subsampling=0)

    def _show_task(self, error: str = "") -> None:
        self._turn += 1
        self.task = {
            "phase": "ask" if self._item else "done" if self._rater else "name",
            "turn": self._turn,
            "rater": self._rater,
            "done": len(self._rated_by(self._rater)) if not error else self.task["done"],
            "total": len(self._items),
            "error": error,
        }

    def _rated_by(self, rater: str) -> set[str]:
        answers = self._ratings.answers() if rater else []
        return {a.item for a in answers if a.rater == rater and a.item in self._items}

    def _swapped(self, item: Item) -> bool:
        return len(item.pictures) == 2 and self._drawn("side", item.key)[0] % 2 == 1

    def _drawn(self, what: str, key: str) -> bytes:
        """Draw from the seed; a hash, so that items that are added leave the others' alone."""
        return hashlib.sha256(f"{self._seed}/{what}/{self._rater}/{key}".encode()).digest()


def rate(
    images: Iterable[Any] | Mapping[str, Any],
    raters: str | Iterable[str] | None = None,
    kind: str = "stars",
    *,
    name: str = "default",
    path: str | Path | None = None,
    seed: int = 0,
    question: str = "",
    language: str | None = None,
) -> RatingTask:
    """Let people rate pictures without knowing what made them.

    Every answer is written at once under set, rater and the hash of the pixels: who comes
    back, also after a restart, goes on where he was. Keys: 1 to 5, or ← = →, and U to undo.

    Parameters
    ----------
    images : iterable or mapping
        GeneratedImage, PIL images or paths. For pairs each is compared with each; a list of
        pairs, or a mapping of groups to equally long lists, compares the first of one group
        with the first of the other and so on, and counts wins by group.
    raters : str or iterable of str, optional
        Who rates; by default people type their names.
    kind : {"stars", "pairs"}
        1 to 5 stars (the five grades of ITU-T P.910), or the better one of two.
    name : str
        Of the set; other questions about the same pictures need another one.
    path : str or Path, optional
        The file; ``ratings.sqlite`` in :func:`zimg_kernel.settings.home` by default.
    seed : int
        Order and sides are drawn from it, for each rater anew.
    question : str
        What to ask instead of which is better, or how good it is.
    language : {"en", "zh"}, optional
        Of the words on it.

    Raises
    ------
    BadInput
        No pictures, groups of different lengths, a name or a file that cannot be used.
    """
    if kind not in ("stars", "pairs"):
        raise BadInput(
            f"There is no rating of kind {kind!r}: choose 'stars' or 'pairs'.",
            code="unknown-choice",
            field="kind",
        )
    if not isinstance(name, str) or not name.strip():
        raise BadInput(
            f"The name of a set cannot be {name!r}: say in a word what is rated.",
            code="invalid-name",
            field="name",
        )
    sources, items = items_of(images, kind)
    names = [raters] if isinstance(raters, str) else list(raters or [])
    admitted = list(dict.fromkeys(map(clean_name, names)))
    file = settings.home() / "ratings.sqlite" if path is None else Path(path).expanduser()
    store = Ratings(file.absolute(), name.strip(), kind)
    traits = {"kind": kind, "raters": admitted, "question": question, "language": language}
    return RatingTask(sources, items, store, seed, **traits)
