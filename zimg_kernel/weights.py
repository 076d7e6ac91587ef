"""Find a model's files on this machine, at once and without the network, and check them.

Order: embedded in the package, the card's own folder, the bf16 copy that ``zimg pull --bf16``
made, ModelScope's cache, Hugging Face's.
Only :mod:`zimg_kernel.pull` goes online.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import settings
from .catalog import ModelCard
from .errors import WeightsMissing

_EMBEDDED = Path(__file__).parent / "nano" / "weights"
_WEIGHT_NAMES = ("diffusion_pytorch_model", "model")
_TOKENIZER_FILES = ("tokenizer.json", "vocab.json", "spiece.model")


@dataclass(frozen=True)
class Weights:
    """Where a model stands on this machine.

    Attributes
    ----------
    folder : Path or None
        The complete diffusers folder, or the best incomplete one.
    problem : str
        What is wrong with it, in a few words; empty if the model is ready.
    mend : str
        What the user does about it.
    """

    folder: Path | None
    problem: str = ""
    mend: str = ""

    @property
    def ready(self) -> bool:
        """Whether the model can be loaded."""
        return self.folder is not None and not self.problem


def find_weights(card: ModelCard) -> Weights:
    """Look for a card's files; never goes online, never raises for what it finds."""
    first_bad: Weights | None = None
    for folder, mend in _candidates(card):
        if not folder.is_dir():
            continue
        problem = check_folder(folder)
        if not problem:
            return Weights(folder)
        first_bad = first_bad or Weights(folder, problem, mend)
    if first_bad is not None:
        return first_bad
    if card.source.embedded:
        return Weights(None, "is missing from this installation", _REINSTALL)
    if card.source.folder and not (card.source.modelscope or card.source.huggingface):
        mend = f"correct the card's source.folder in {settings.models_file()}"
        return Weights(None, f"should lie in {card.source.folder}, which does not exist", mend)
    size = f" ({card.download_gb:g} GB)" if card.download_gb else ""
    return Weights(None, "has not been downloaded yet", f"run: zimg pull {card.id}{size}")


def require_weights(card: ModelCard) -> Path:
    """Return the complete folder of a card, or raise what mends it.

    Raises
    ------
    WeightsMissing
        One sentence: what is absent or damaged, and the command that mends it.
    """
    found = find_weights(card)
    if found.ready and found.folder is not None:
        return found.folder
    raise WeightsMissing(f"The model {card.id} {found.problem}; {found.mend}.")


_REINSTALL = "install the package again: pip install --force-reinstall zimg-workbench"


def _candidates(card: ModelCard) -> Iterator[tuple[Path, str]]:
    source = card.source
    pull = f"mend it with: zimg pull {card.id}"
    if source.embedded:
        yield _EMBEDDED / source.embedded, _REINSTALL
    if source.folder:
        again = pull if source.modelscope or source.huggingface else "copy its files again"
        yield Path(source.folder).expanduser(), again
    yield settings.converted_folder(card.id), pull
    if source.modelscope:
        for folder in modelscope_folders(source.modelscope):
            yield folder, pull
    if source.huggingface:
        for folder in _snapshots(settings.huggingface_cache(), source.huggingface, "models--"):
            yield folder, pull


def modelscope_folders(repo: str) -> Iterator[Path]:
    """Yield where modelscope may have put a repository, newest layout first.

    Layouts: ``models/OWNER--NAME/snapshots/REVISION`` since 1.38; before,
    ``models/OWNER/NAME`` with dots as ``___``, also under ``hub``, or without ``models``
    (modelscope_hub's ``_find_legacy_repo_dir`` and ``cache_manager``).
    """
    cache = settings.modelscope_cache()
    yield from _snapshots(cache / "models", repo)
    owner, _, name = repo.partition("/")
    for base in (cache / "models", cache / "hub" / "models", cache, cache / "hub"):
        for written in dict.fromkeys((name.replace(".", "___"), name)):
            yield base / owner / written


def _snapshots(cache: Path, repo: str, prefix: str = "") -> list[Path]:
    folder = cache / (prefix + repo.replace("/", "--")) / "snapshots"
    if not folder.is_dir():
        return []
    return sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)


def check_folder(folder: Path) -> str:
    """Return what is wrong with a diffusers folder in a few words, or an empty string.

    Reads only headers: every component that ``model_index.json`` names must be there, and
    every safetensors file must be as long as its own header says (so a download that was
    cut off, or a damaged header, is seen in milliseconds whatever the size).
    """
    try:
        index = _read_json(folder / "model_index.json")
        for name, value in index.items():
            if name.startswith("_") or not isinstance(value, list) or value[0] is None:
                continue
            _check_component(folder / name, value[0], value[1])
    except _FaultyError as fault:
        return f"in {folder} is {fault}"
    return ""


class _FaultyError(Exception):
    pass


def _check_component(folder: Path, library: str, kind: str) -> None:
    if not folder.is_dir():
        raise _FaultyError(f"incomplete ({folder.name}/ is absent)")
    if list(folder.rglob("*.incomplete")):
        raise _FaultyError(f"incomplete (the download of {folder.name}/ was cut off)")
    if "Tokenizer" in kind:
        if not any((folder / name).is_file() for name in _TOKENIZER_FILES):
            raise _FaultyError(f"incomplete ({folder.name}/tokenizer.json is absent)")
        return
    if "Scheduler" in kind:
        _read_json(folder / "scheduler_config.json")
        return
    if "Processor" in kind or "Extractor" in kind:
        return
    _read_json(folder / "config.json")
    for path in weight_files(folder):
        read_header(path)


def weight_files(folder: Path) -> list[Path]:
    """Return the safetensors files of one component, shards in order.

    Raises an internal error that :func:`check_folder` reports when they are not all there.
    """
    for stem in _WEIGHT_NAMES:
        index = folder / f"{stem}.safetensors.index.json"
        if index.is_file():
            names = sorted(set(_read_json(index).get("weight_map", {}).values()))
            return [folder / str(name) for name in names]
        if (folder / f"{stem}.safetensors").exists():
            return [folder / f"{stem}.safetensors"]
    raise _FaultyError(f"incomplete ({folder.name}/ has no safetensors weights)")


def read_header(path: Path) -> dict[str, Any]:
    """Return the header of a safetensors file, whose length is checked against the file's.

    Format: 8 bytes little-endian header length, JSON header, then the data that the
    header's ``data_offsets`` describe (the safetensors specification).
    """
    name = f"{path.parent.name}/{path.name}"
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= min(100_000_000, size):
                raise _FaultyError(f"damaged ({name} has no valid header)")
            header: dict[str, Any] = json.loads(file.read(length))
    except FileNotFoundError:
        raise _FaultyError(f"incomplete ({name} is absent)") from None
    except (OSError, ValueError) as error:
        raise _FaultyError(f"damaged ({name} cannot be read: {error})") from None
    ends = [value["data_offsets"][1] for key, value in header.items() if key != "__metadata__"]
    wanted = 8 + length + max(ends, default=0)
    if size != wanted:
        raise _FaultyError(f"incomplete ({name} has {size:,} of {wanted:,} bytes)")
    return header


def _read_json(path: Path) -> dict[str, Any]:
    name = f"{path.parent.name}/{path.name}"
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _FaultyError(f"incomplete ({name} is absent)") from None
    except (OSError, ValueError):
        raise _FaultyError(f"damaged ({name} is not valid JSON)") from None
    return data


def component_bytes(folder: Path, bytes_per_value: int) -> int:
    """Return what a component takes in memory when loaded at so many bytes a value."""
    values = 0
    for path in weight_files(folder):
        for key, tensor in read_header(path).items():
            if key != "__metadata__":
                count = 1
                for side in tensor["shape"]:
                    count *= side
                values += count
    return values * bytes_per_value


def free_disk(folder: Path) -> int:
    """Return the free bytes of the disk on which a folder lies or would lie."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free
