"""Report on a LoRA file: base model, rank, and whether it fits a model."""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

_SHOWN = 3  # names of layers in a sentence


@dataclass(frozen=True)
class LoraReport:
    """One LoRA file, as far as its header tells.

    Attributes
    ----------
    name : str
        How ``loras=[(name, weight)]`` and ``--lora`` call it.
    path : Path
        The file.
    size_bytes : int
        Its length.
    format : str
        Whose names its tensors have: diffusers, peft, kohya, ComfyUI, or bare names.
    kinds : tuple of str
        What it holds: lora, lokr, loha, oft, full.
    base : str
        The model that names and shapes speak for; empty if they do not.
    said_base : str
        The model that its metadata names, if they do.
    title : str
        Its name in the metadata.
    ranks : tuple of int
        Ranks of its layers, each once, the most frequent first.
    alphas : tuple of float
        What the ranks are scaled by: each layer's change counts alpha / rank. Empty if the file
        says none (it counts 1), or says it only in tensors.
    modules : int
        How many layers it changes.
    text_modules : int
        Layers of a text encoder, which are not used.
    dora : int
        Layers with DoRA's magnitudes.
    triggers : tuple of str
        Words that its maker says call it up.
    tags : tuple of str
        What nearly all its training pictures were tagged with.
    model : str
        Which model it was compared with; empty for none.
    matched : int
        How many of its layers that model has.
    unmatched : tuple of str
        Layers that the model does not have, as the file calls them.
    misshapen : tuple of str
        Layers of another size than the model's, with both sizes.
    unused : tuple of str
        Layers held in a form that is not used, such as full differences of weights or biases.
    unused_kinds : str
        Which forms these are.
    problem : str
        Why it cannot be used with any model, as a sentence; empty if it can.
    unknown : tuple of str
        Tensors that belong to no known form.
    no_effect : bool
        Whether each layer's alpha or one of its factors is zero.
    """

    name: str
    path: Path
    size_bytes: int = 0
    format: str = ""
    kinds: tuple[str, ...] = ()
    base: str = ""
    said_base: str = ""
    title: str = ""
    ranks: tuple[int, ...] = ()
    alphas: tuple[float, ...] = ()
    modules: int = 0
    text_modules: int = 0
    dora: int = 0
    triggers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    model: str = ""
    matched: int = 0
    unmatched: tuple[str, ...] = ()
    misshapen: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    unused_kinds: str = ""
    problem: str = ""
    unknown: tuple[str, ...] = ()
    no_effect: bool = False

    @property
    def fits(self) -> Literal["yes", "partly", "no", "unknown"]:
        """True if the model can use it; unknown without a model."""
        if self.problem:
            return "no"
        if not self.model:
            return "unknown"
        if not self.matched:
            return "no"
        return "partly" if self.unmatched or self.misshapen or self.unused else "yes"

    @property
    def verdict(self) -> str:
        """The outcome in a sentence or two."""
        if self.problem:
            return self.problem
        made = f"made for {self.base}" if self.base else "made for an unknown model"
        if self.fits == "unknown":
            return f"A LoRA {made}; name a model to compare it with one."
        if self.fits == "no":
            return f"It does not fit {self.model}. It is {made}; of its layers, {self._misfits()}."
        if self.fits == "partly":
            of = self.matched + len(self.unmatched) + len(self.misshapen) + len(self.unused)
            return (
                f"It fits {self.model} in part, with {self.matched} of {of} layers: "
                f"{self._misfits()}. The rest has no effect."
            )
        return f"It fits {self.model}: all {self.matched} layers are there, of the same size."

    @property
    def notes(self) -> tuple[str, ...]:
        """Further notes."""
        said = []
        if self.no_effect:
            said.append(
                "It has no effect: its alpha or its weights are all zero, as before training. Take "
                "a file that was saved later."
            )
        if self.text_modules:
            said.append(
                f"What it holds for a text encoder ({self.text_modules}) is not used: LoRAs of "
                "Z-Image change the transformer only."
            )
        if self.unknown:
            said.append(
                f"{len(self.unknown)} of its tensors are of no known form and not used "
                f"({_few(self.unknown)})."
            )
        return tuple(said)

    def _misfits(self) -> str:
        said = []
        if self.unmatched:
            said.append(f"the model lacks {len(self.unmatched)} ({_few(self.unmatched)})")
        if self.misshapen:
            count = len(self.misshapen)
            differ = "has" if count == 1 else "have"
            said.append(f"{count} {differ} another size ({_few(self.misshapen)})")
        if self.unused:
            said.append(
                f"{len(self.unused)} cannot be used, as {self.unused_kinds} ({_few(self.unused)})"
            )
        return " and ".join(said) or "none can be used"

    def to_dict(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        shown = {**asdict(self), "path": str(self.path)}
        return {**shown, "fits": self.fits, "verdict": self.verdict, "notes": list(self.notes)}

    def rows(self) -> list[tuple[str, str]]:
        """Return the facts as pairs of a heading and a text, for a table."""
        known = [
            ("file", str(self.path)),
            ("size", f"{self.size_bytes / 1e6:,.1f} MB" if self.size_bytes else ""),
            ("title", self.title if self.title != self.name else ""),
            ("format", " · ".join([self.format, *self.kinds]) if self.format else ""),
            ("made for", self.base),
            ("its metadata say", self.said_base),
            ("rank", _few(self.ranks, 6)),
            ("alpha", _few(f"{alpha:g}" for alpha in self.alphas)),
            ("layers", str(self.modules or "") + (f", {self.dora} as DoRA" if self.dora else "")),
            ("trigger words", ", ".join(self.triggers)),
            ("frequent tags", ", ".join(self.tags)),
        ]
        return [(name, text) for name, text in known if text]

    def __str__(self) -> str:
        width = max(len(name) for name, _ in self.rows())
        lines = [self.name, *(f"  {name:{width}}  {text}" for name, text in self.rows())]
        return "\n".join([*lines, *self.notes, self.verdict])

    def _repr_html_(self) -> str:
        cells = "".join(
            f'<tr><th scope="row" style="text-align:left">{html.escape(name)}</th>'
            f'<td style="text-align:left">{html.escape(text)}</td></tr>'
            for name, text in self.rows()
        )
        said = "".join(f"<p>{html.escape(note)}</p>" for note in (*self.notes, self.verdict))
        return f"<p><b>{html.escape(self.name)}</b></p><table>{cells}</table>{said}"


class LoraList(list[LoraReport]):
    """LoRA files, which show themselves as a table."""

    def __str__(self) -> str:
        lines = [f"{'NAME':28} {'MB':>7} {'RANK':>5}  {'MADE FOR':22} TRIGGER WORDS"]
        lines += [
            f"{n:28} {mb:>7} {r:>5}  {base:22} {words}" for n, mb, r, base, words in _table(self)
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        heads = ("name", "MB", "rank", "made for", "trigger words")
        head = "".join(f'<th scope="col" style="text-align:left">{name}</th>' for name in heads)
        body = "".join(
            "<tr>"
            + "".join(f'<td style="text-align:left">{html.escape(cell)}</td>' for cell in row)
            + "</tr>"
            for row in _table(self)
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _table(reports: LoraList) -> list[tuple[str, str, str, str, str]]:
    return [
        (
            report.name,
            f"{report.size_bytes / 1e6:.1f}",
            _few(report.ranks, 2),
            report.base or "?",
            report.problem or ", ".join(report.triggers or report.tags),
        )
        for report in reports
    ]


def _few(items: Any, most: int = _SHOWN) -> str:
    listed = [str(item) for item in items]
    more = f", … ({len(listed)} in all)" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
