"""Look into a LoRA file without loading it: format, rank, base model, whether it fits."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import BadInput
from zimg_kernel.families.family import LoraLoader
from zimg_kernel.families.registry import family_of
from zimg_kernel.models.catalog import ModelCard, get_card
from zimg_kernel.models.diffusers_folder import FaultyError, read_header
from zimg_kernel.models.weights import require_weights

from . import metadata as words
from .files import Stamp, find_lora, names, stamp
from .keys import USABLE, Contents, guess_base, read_keys
from .match import Fit, FolderStamp, fit, stamp_of, targets_of
from .no_effect import has_no_effect
from .report import LoraList, LoraReport

if TYPE_CHECKING:
    from zimg_kernel.models.loaded_model import LoadedModel

_CALLED = {
    "lora": "LoRA",
    "lokr": "LoKr",
    "loha": "LoHa",
    "oft": "OFT",
    "full": "full differences of weights",
    "tucker": "Tucker forms, which are made for convolutions",
    "dora": "DoRA of other kinds than LoRA",
}


@dataclass(frozen=True)
class Look:
    """A LoRA file's header, sorted: for those who go on to load it."""

    path: Path
    contents: Contents
    metadata: Mapping[str, Any]
    fit: Fit | None
    report: LoraReport


def inspect_lora(
    path: str | Path, model: str | ModelCard | LoadedModel | None = None
) -> LoraReport:
    """Report what a LoRA file is, and whether it fits a model; only headers are read.

    Parameters
    ----------
    path : str or Path
        A file, or the name of one in the folder of LoRAs.
    model : str, ModelCard or LoadedModel, optional
        Compare names and shapes with this model's transformer.

    Raises
    ------
    BadInput
        No such file; text, a cut-off file or a whole model instead of a LoRA.
    WeightsMissing
        The model is not there.
    """
    if model is None:
        return look(path).report
    if isinstance(model, str):
        model = get_card(model)
    if isinstance(model, ModelCard):
        return look(path, model, require_weights(model)).report
    return look(path, model.card, model.folder).report


def list_loras() -> LoraList:
    """Return what is in the folder of LoRAs (``ZIMG_LORAS``, else ``loras`` in zimg's home).

    Only headers are read. A file that cannot be used is in the list too, with its ``problem``.
    """
    reports = LoraList()
    for name, path in names().items():
        try:
            reports.append(replace(inspect_lora(path), name=name))
        except BadInput as error:
            size = path.stat().st_size if path.exists() else 0
            reports.append(LoraReport(name, path, size, problem=str(error)))
    return reports


def look(
    name: str | Path,
    card: ModelCard | None = None,
    folder: Path | None = None,
    found: Stamp | None = None,
) -> Look:
    """As :func:`inspect_lora`, for a model in a folder, with all that was found.

    Many requests name the same file: what was found is kept until the file or the model changes.

    Parameters
    ----------
    name, card, folder
        The LoRA, and the model with its complete diffusers folder.
    found : Stamp, optional
        The file that the name means, where it has been looked for already.
    """
    if card is not None and folder is not None:
        require_loader(card)
    given = found or stamp(find_lora(name))
    beside = words.settings_beside(Path(given.path))
    return _look(given, str(name), card, stamp_of(folder) if folder else None, beside)


def require_loader(card: ModelCard) -> LoraLoader:
    """Return what reads LoRA files for a model.

    Raises
    ------
    BadInput
        Its family has no LoRAs.
    """
    family = family_of(card)
    loader = family.lora_loader()
    if loader is None:
        raise BadInput(
            f"{card.title} takes no LoRAs ({family.title} has none here): leave loras out, or "
            "choose another model.",
            code="lora-not-supported",
            field="loras",
        )
    return loader


@lru_cache(maxsize=16)
def _look(
    given: Stamp, name: str, card: ModelCard | None, model: FolderStamp | None, beside: str
) -> Look:
    path = Path(given.path)
    try:
        header = read_header(path)
    except FaultyError as fault:
        raise BadInput(
            f"The LoRA {name} is {fault}: get the file again.", code="damaged-lora", field="loras"
        ) from None
    contents = read_keys(header)
    if not contents.kinds:
        raise BadInput(
            f"{path.name} holds no LoRA: {_none_whole(header, contents)}.",
            code="not-a-lora",
            field="loras",
        )
    metadata = header.get("__metadata__")
    metadata = words.with_settings(metadata if isinstance(metadata, dict) else {}, beside)
    fitting = fit(contents.layers, targets_of(model, card.family)) if model and card else None
    report = _report(name, given, contents, metadata, fitting, card)
    settings = words.adapter_settings(metadata)
    off = settings.get("transformer.lora_alpha") == 0 and not settings.get(
        "transformer.alpha_pattern"
    )
    if not report.problem and (off or has_no_effect(path, header, contents)):
        report = replace(report, no_effect=True)
    return Look(path, contents, metadata, fitting, report)


def _none_whole(header: Mapping[str, Any], contents: Contents) -> str:
    if contents.others:
        some, count = ", ".join(contents.others[:3]), len(header.keys() - {"__metadata__"})
        called = f"{count} tensors such as {some}" if count > 1 else f"one tensor, {some}"
        return f"{called} (perhaps a whole model, which a card in models.yaml names)"
    halves = [key for layer in (*contents.layers, *contents.text) for key in layer.keys.values()]
    return f"{halves[0]} lacks its other half" if halves else "there are no tensors in it"


def _report(
    name: str,
    given: Stamp,
    contents: Contents,
    metadata: Mapping[str, Any],
    fitting: Fit | None,
    card: ModelCard | None,
) -> LoraReport:
    layers = [*contents.layers, *contents.text]
    ranks = Counter(layer.rank for layer in layers if layer.rank)
    misshapen = [
        f"{layer.name} {_size(layer.size)} for {_size(target.size)}"
        for layer, target in (fitting.misshapen if fitting else ())
    ]
    return LoraReport(
        name=name.removesuffix(".safetensors") if Path(name).name == name else name,
        path=Path(given.path),
        size_bytes=given.length,
        format=contents.format,
        kinds=tuple(sorted(contents.kinds)),
        base=guess_base(contents),
        said_base=words.said_base(metadata),
        title=words.title(metadata),
        ranks=tuple(rank for rank, _ in ranks.most_common() if rank),
        alphas=_alphas(metadata),
        modules=len(contents.layers),
        text_modules=len(contents.text),
        dora=sum({"dora", "magnitude"} & layer.keys.keys() != set() for layer in layers),
        triggers=words.trigger_words(metadata),
        tags=words.frequent_tags(metadata),
        model=card.id if card and fitting else "",
        matched=len(fitting.matched) if fitting else 0,
        unmatched=tuple(layer.name for layer in fitting.unknown) if fitting else (),
        misshapen=tuple(misshapen),
        unused=tuple(layer.name for layer in fitting.unused) if fitting else (),
        unused_kinds=_called({layer.kind for layer in fitting.unused}) if fitting else "",
        problem=_problem(contents),
        unknown=tuple(contents.others),
    )


def _problem(contents: Contents) -> str:
    kinds = {layer.kind for layer in contents.layers} - {""}
    if not contents.layers:
        return "It changes a text encoder only, which LoRAs of Z-Image do not: it has no effect."
    if not kinds & USABLE:
        found = _called(kinds) or "no whole layer"
        return f"It holds {found}, which cannot be used: only LoRA, LoKr and LoHa."
    if len(kinds & USABLE) > 1:
        mixed = _called(kinds & USABLE)
        return f"It mixes {mixed}, which cannot be loaded from one file."
    return ""


def _called(kinds: set[str]) -> str:
    return " and ".join(_CALLED.get(kind, kind) for kind in sorted(kinds))


def _alphas(metadata: Mapping[str, Any]) -> tuple[float, ...]:
    settings = words.adapter_settings(metadata)
    found = []
    for value in (settings.get("transformer.lora_alpha"), metadata.get("ss_network_alpha")):
        with contextlib.suppress(ValueError):
            if isinstance(value, str | int | float):
                found.append(float(value))
    return tuple(dict.fromkeys(found))


def _size(size: tuple[int, int] | None) -> str:
    return f"{size[0]}×{size[1]}" if size else "of odd shape"
