"""Matching of a LoRA file's layers to a model's, by name and by shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from zimg_kernel.errors import WeightsMissing
from zimg_kernel.families.registry import get_family
from zimg_kernel.models.diffusers_folder import FaultyError, read_header, weight_files

from .keys import USABLE, Layer, plainly

FolderStamp = tuple[tuple[str, int], ...]  # files of a transformer and their times of writing, ns

_FUSED = "attention.qkv"  # queries, keys and values in one, as in many transformers' own code


@dataclass(frozen=True)
class Target:
    """A layer of a model: its name in diffusers and its (outputs, inputs)."""

    name: str
    size: tuple[int, int]

    @property
    def parts(self) -> tuple[str, ...]:
        """The model's own layers: itself, or the queries, keys and values that it fuses."""
        if not self.name.endswith(_FUSED):
            return (self.name,)
        block = self.name.removesuffix("qkv")
        return tuple(f"{block}to_{one}" for one in "qkv")


@dataclass(frozen=True)
class Fit:
    """Matching of the layers of a file and of a model.

    Attributes
    ----------
    matched : tuple of (Layer, Target)
        The layers that can be used, each target once.
    unknown : tuple of Layer
        The model has no layer of this name.
    misshapen : tuple of (Layer, Target)
        It has one, of another size.
    doubled : tuple of Layer
        They say again what others in the file say.
    unused : tuple of Layer
        Kinds of change that are not used.
    """

    matched: tuple[tuple[Layer, Target], ...]
    unknown: tuple[Layer, ...]
    misshapen: tuple[tuple[Layer, Target], ...]
    doubled: tuple[Layer, ...] = ()
    unused: tuple[Layer, ...] = ()


def stamp_of(folder: Path) -> FolderStamp:
    """Return what tells this state of a model's transformer from later ones.

    Parameters
    ----------
    folder : Path
        A complete diffusers folder.

    Raises
    ------
    WeightsMissing
        Its transformer cannot be read.
    """
    try:
        files = weight_files(folder / "transformer")
        return tuple((str(path), path.stat().st_mtime_ns) for path in files)
    except (FaultyError, OSError) as error:
        raise _unreadable(folder, error) from None


def _unreadable(folder: Path, error: Exception) -> WeightsMissing:
    return WeightsMissing(
        f"The transformer in {folder} cannot be read ({error}): copy its files again.",
        code="weights-missing",
        field="model",
    )


@lru_cache(maxsize=8)
def targets_of(stamp: FolderStamp, family: str) -> Mapping[str, Target]:
    """Return the linear layers of a model's transformer by plain name, from the files' headers."""
    loader = get_family(family).lora_loader()
    sizes: dict[str, tuple[int, int]] = {}
    for path, _ in stamp:
        try:
            header = read_header(Path(path))
        except FaultyError as fault:
            raise _unreadable(Path(path).parents[1], fault) from None
        for key, tensor in header.items():
            shape: list[int] = tensor.get("shape", []) if key != "__metadata__" else []
            if key.endswith(".weight") and len(shape) == 2:
                sizes[key.removesuffix(".weight")] = (shape[0], shape[1])
    found = {plainly(name): Target(name, size) for name, size in sizes.items()}
    for name, (rows, columns) in sizes.items():
        block, _, last = name.rpartition(".to_q")
        if block.endswith("attention") and not last:
            fused = block.removesuffix("attention") + _FUSED
            found[plainly(fused)] = Target(fused, (3 * rows, columns))
        if name.endswith("attention.to_out.0"):
            found[plainly(name.replace("to_out.0", "out"))] = Target(name, (rows, columns))
    for other, name in (loader.also if loader else {}).items():
        if name in sizes:
            found[plainly(other)] = Target(name, sizes[name])
    return found


def fit(layers: Iterable[Layer], targets: Mapping[str, Target]) -> Fit:
    """Compare a file's layers with a model's."""
    matched: dict[str, tuple[Layer, Target]] = {}
    unknown, misshapen, doubled, unused = [], [], [], []
    # Names as in diffusers first: beside them a fused one says the same again.
    fused_last = sorted(layers, key=lambda layer: layer.plain.endswith(("qkv", "attention_out")))
    for layer in fused_last:
        target = targets.get(layer.plain)
        if layer.kind and layer.kind not in USABLE:
            unused.append(layer)
        elif target is None or not layer.kind:
            unknown.append(layer)
        elif layer.size != target.size or not _has_lengths(layer, target.size):
            misshapen.append((layer, target))
        elif target.name in matched or set(target.parts) & matched.keys():
            doubled.append(layer)
        else:
            matched[target.name] = (layer, target)
    return Fit(
        tuple(matched.values()), tuple(unknown), tuple(misshapen), tuple(doubled), tuple(unused)
    )


def _has_lengths(layer: Layer, size: tuple[int, int]) -> bool:
    """Return whether DoRA's magnitudes, if there are any, are a matrix's rows or columns."""
    shape = layer.shapes.get("dora")
    return shape is None or shape in ((size[0],), (size[0], 1), (1, size[1]))
