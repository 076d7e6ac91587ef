"""Find a model's files on this machine, at once and without the network, and check them.

Order: embedded in the package, the card's own folder, ModelScope's cache, Hugging Face's; the
bf16 copy that ``zimg pull --bf16`` made of one of the last three comes before them.
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
from .catalog import ModelCard, Source
from .errors import WeightsMissing

_EMBEDDED = Path(__file__).parent / "nano" / "weights"
_WEIGHT_NAMES = ("diffusion_pytorch_model", "model")
_TOKENIZER_FILES = ("tokenizer.json", "vocab.json", "spiece.model")
_LONGEST_HEADER = 100_000_000  # bytes; the limit of the safetensors library
_MADE_FROM = "made_from.json"


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
        try:
            if not folder.is_dir():
                continue
            problem = check_folder(folder)
        except OSError as error:
            problem = f"in {folder} cannot be read ({error.strerror})"
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
    return Weights(None, f"has not been downloaded yet{size}", f"run: zimg pull {card.id}")


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
    if copy_origin(card) is not None:
        yield settings.converted_folder(card.id), pull
    if source.folder:
        online = source.modelscope or source.huggingface
        again = f"copy its files again, or correct source.folder in {settings.models_file()}"
        yield Path(source.folder).expanduser(), pull if online else again
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
    try:
        found = [path for path in folder.iterdir() if path.is_dir()]
        return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:  # most often it is not there
        return []


def copy_origin(card: ModelCard) -> Path | None:
    """Return the folder of which a card's bf16 copy was made.

    None if there is no copy, or if it no longer counts: the card's source has been changed,
    or the original transformer is newer.
    """
    try:
        record = _read_json(settings.converted_folder(card.id) / _MADE_FROM)
        origin = Path(record["folder"])
        same = Source.model_validate(record["source"]) == card.source
        return origin if same and newest_weights(origin) <= record["newest"] else None
    except (_FaultyError, OSError, KeyError, TypeError, ValueError):
        return None


def note_origin(card: ModelCard, origin: Path, copy: Path) -> None:
    """Write into a bf16 copy what :func:`copy_origin` reads."""
    record = {
        "source": card.source.model_dump(),
        "folder": str(origin.resolve()),
        "newest": newest_weights(origin),
    }
    (copy / _MADE_FROM).write_text(json.dumps(record, indent=2), encoding="utf-8")


def newest_weights(folder: Path) -> int:
    """Return when a model's transformer was last written, ns since 1970; 0 without weights."""
    files = (folder / "transformer").glob("*.safetensors")
    return max((path.stat().st_mtime_ns for path in files), default=0)


def check_folder(folder: Path) -> str:
    """Return what is wrong with a diffusers folder in a few words, or an empty string.

    Reads only headers: every component that ``model_index.json`` names must be there, and
    every safetensors file must be as long as its own header says (so a download that was
    cut off, or a damaged header, is seen in milliseconds whatever the size).
    """
    try:
        index = _read_json(folder / "model_index.json")
        named = {
            name: value[1]
            for name, value in index.items()
            if isinstance(value, list) and len(value) == 2 and isinstance(value[1], str)
        }
        if not named:
            raise _FaultyError("damaged (model_index.json names no components)")
        for name, kind in named.items():
            _check_component(folder / name, kind)
    except _FaultyError as fault:
        return f"in {folder} is {fault}"
    return ""


class _FaultyError(Exception):
    pass


def _check_component(folder: Path, kind: str) -> None:
    if not folder.is_dir():
        raise _FaultyError(f"incomplete ({folder.name}/ is absent)")
    if any(folder.rglob("*.incomplete")):
        raise _FaultyError(f"incomplete (the download of {folder.name}/ was cut off)")
    if "Tokenizer" in kind:
        _check_tokenizer(folder)
    elif "Scheduler" in kind:
        _read_json(folder / "scheduler_config.json")
    elif not ("Processor" in kind or "Extractor" in kind):
        _read_json(folder / "config.json")
        for path in weight_files(folder):
            read_header(path)


def _check_tokenizer(folder: Path) -> None:
    there = [folder / name for name in _TOKENIZER_FILES if (folder / name).is_file()]
    if not there:
        raise _FaultyError(f"incomplete ({folder.name}/{_TOKENIZER_FILES[0]} is absent)")
    for path in there:
        if path.suffix == ".json":  # up to 11 MB: look at the end instead of parsing it
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - 64))
                if not file.read().rstrip().endswith(b"}"):
                    raise _FaultyError(f"damaged ({_short(path)} is cut off)")


def weight_files(folder: Path) -> list[Path]:
    """Return the safetensors files of one component, shards in order.

    Raises an internal error that :func:`check_folder` reports when they are not all there.
    """
    for stem in _WEIGHT_NAMES:
        index = folder / f"{stem}.safetensors.index.json"
        if index.is_file():
            places = _read_json(index).get("weight_map")
            if not isinstance(places, dict) or not places:
                raise _FaultyError(f"damaged ({_short(index)} names no weights)")
            return [folder / name for name in sorted({str(place) for place in places.values()})]
        if (folder / f"{stem}.safetensors").exists():
            return [folder / f"{stem}.safetensors"]
    raise _FaultyError(f"incomplete ({folder.name}/ has no safetensors weights)")


def read_header(path: Path) -> dict[str, Any]:
    """Return the header of a safetensors file, whose length is checked against the file's.

    Format: 8 bytes little-endian header length, JSON header, then the data that the
    header's ``data_offsets`` describe (the safetensors specification).
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= _LONGEST_HEADER:
                raise _FaultyError(f"damaged ({_short(path)} has no valid header)")
            raw = file.read(length)
    except FileNotFoundError:
        raise _FaultyError(f"incomplete ({_short(path)} is absent)") from None
    except OSError as error:
        raise _FaultyError(f"damaged ({_short(path)} cannot be read: {error.strerror})") from None
    if len(raw) < length:
        raise _FaultyError(f"incomplete ({_short(path)} is cut off at {size:,} bytes)")
    try:
        header: dict[str, Any] = json.loads(raw)
        ends = [value["data_offsets"][1] for key, value in header.items() if key != "__metadata__"]
        wanted = 8 + length + max(ends, default=0)
    except (ValueError, AttributeError, TypeError, LookupError, RecursionError):
        raise _FaultyError(f"damaged ({_short(path)} has no valid header)") from None
    if size < wanted:
        raise _FaultyError(f"incomplete ({_short(path)} has {size:,} of {wanted:,} bytes)")
    if size > wanted:
        raise _FaultyError(f"damaged ({_short(path)} has {size:,} bytes instead of {wanted:,})")
    return header


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _FaultyError(f"incomplete ({_short(path)} is absent)") from None
    except (OSError, ValueError):
        raise _FaultyError(f"damaged ({_short(path)} is not valid JSON)") from None
    if not isinstance(data, dict):
        raise _FaultyError(f"damaged ({_short(path)} holds no JSON object)")
    return data


def _short(path: Path) -> str:
    at_the_top = path.name == "model_index.json"
    return path.name if at_the_top else f"{path.parent.name}/{path.name}"


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
