"""Search for a model's files on this machine, without the network, and their check.

Order: embedded in the package, the card's own folder, ModelScope's cache, Hugging Face's; the
bf16 copy that ``zimg pull --bf16`` made of one of the last three comes before them.
Only :mod:`zimg_kernel.models.download` goes online.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zimg_kernel import settings
from zimg_kernel.errors import WeightsMissing

from . import embedded
from .card import ModelCard, ModelSource
from .diffusers_folder import FaultyError, check_folder, read_json

_MADE_FROM = "made_from.json"


@dataclass(frozen=True)
class Weights:
    """The state of a model's files on this machine.

    Attributes
    ----------
    folder : Path or None
        The complete diffusers folder, or the best incomplete one. For an embedded model its
        folder in the package, of which :func:`require_weights` may have to make a complete one.
    problem : str
        Its fault in a few words; empty if the model is ready.
    remedy : str
        What the user can do about it, as an imperative.
    """

    folder: Path | None
    problem: str = ""
    remedy: str = ""

    @property
    def ready(self) -> bool:
        """True if the model can be loaded."""
        return self.folder is not None and not self.problem


def find_weights(card: ModelCard) -> Weights:
    """Return the state of a card's files; never goes online, raises nothing."""
    first_bad: Weights | None = None
    for folder, remedy in _candidates(card):
        try:
            if not folder.is_dir():
                continue
            name = _embedded(card, folder)
            problem = embedded.problem(name) if name else check_folder(folder)
        except OSError as error:
            problem = f"in {folder} cannot be read ({error.strerror})"
        if not problem:
            return Weights(folder)
        first_bad = first_bad or Weights(folder, problem, remedy)
    if first_bad is not None:
        return first_bad
    if card.source.embedded:
        return Weights(None, "is missing from this installation", embedded.REINSTALL)
    if card.source.folder and not (card.source.modelscope or card.source.huggingface):
        remedy = f"correct the card's source.folder in {settings.models_file()}"
        there = Path(card.source.folder).expanduser().exists()
        why = "is a file, not a diffusers folder" if there else "does not exist"
        return Weights(None, f"should lie in {card.source.folder}, which {why}", remedy)
    size = f" ({card.download_gb:g} GB)" if card.download_gb else ""
    return Weights(None, f"has not been downloaded yet{size}", f"run: zimg pull {card.id}")


@dataclass(frozen=True)
class ModelFiles:
    """A model's files, found once and then carried along.

    Attributes
    ----------
    folder : Path
        Where they are.
    parts_of : str or None
        Name of the embedded model whose stored parts lie there, to be assembled at first use.
    """

    folder: Path
    parts_of: str | None = None

    def complete(self) -> Path:
        """Return the complete diffusers folder."""
        return embedded.folder(self.parts_of) if self.parts_of else self.folder

    def tokenizer(self) -> Path:
        """Return a folder that holds ``tokenizer``, without assembling a model."""
        if self.parts_of is None:
            return self.folder
        return embedded.component_folder(self.parts_of, "tokenizer").parent


def find_files(card: ModelCard) -> ModelFiles:
    """Return a card's files.

    Raises
    ------
    WeightsMissing
        They are absent or damaged; one sentence with the command that repairs it.
    """
    found = find_weights(card)
    if found.ready and found.folder is not None:
        return ModelFiles(found.folder, _embedded(card, found.folder))
    raise WeightsMissing(
        f"The model {card.id} {found.problem}; {found.remedy}.",
        code="weights-missing",
        field="model",
    )


def require_weights(card: ModelCard) -> Path:
    """Return the complete folder of a card; raises as :func:`find_files`."""
    return find_files(card).complete()


def tokenizer_folder(card: ModelCard) -> Path:
    """Return a folder that holds a card's ``tokenizer``; raises as :func:`find_files`."""
    return find_files(card).tokenizer()


def _embedded(card: ModelCard, folder: Path) -> str | None:
    """Return the name of the embedded model whose stored files these are."""
    name = card.source.embedded
    return name if name and folder == embedded.stored_folder(name) else None


def _candidates(card: ModelCard) -> Iterator[tuple[Path, str]]:
    source = card.source
    repair = f"mend it with: zimg pull {card.id}"
    if not (source.modelscope or source.huggingface):
        repair = f"copy its files again, or correct source.folder in {settings.models_file()}"
    if source.embedded:
        yield embedded.stored_folder(source.embedded), embedded.REINSTALL
    if copy_origin(card) is not None:
        yield settings.converted_folder(card.id), repair
    if source.folder:
        yield Path(source.folder).expanduser(), repair
    for folder in cached_folders(source):
        yield folder, repair


def cached_folders(source: ModelSource) -> Iterator[Path]:
    """Yield possible folders of a source in ModelScope's and Hugging Face's caches."""
    if source.modelscope:
        yield from modelscope_folders(source.modelscope)
    if source.huggingface:
        yield from _snapshots(settings.huggingface_cache(), source.huggingface, "models--")


def modelscope_folders(repo: str) -> Iterator[Path]:
    """Yield possible folders of a repository in ModelScope's cache, newest layout first.

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
    """Return the folder that a card's bf16 copy was made from.

    None if there is no copy, or if it no longer counts: the card's source has been changed,
    or the original transformer is newer.
    """
    try:
        record = read_json(settings.converted_folder(card.id) / _MADE_FROM)
        origin = Path(record["folder"])
        same = ModelSource.model_validate(record["source"]) == card.source
        return origin if same and newest_weights(origin) <= record["newest"] else None
    except (FaultyError, OSError, KeyError, TypeError, ValueError):
        return None


def note_origin(card: ModelCard, origin: Path, copy: Path) -> None:
    """Write the origin of a bf16 copy into it, for :func:`copy_origin`."""
    record = {
        "source": card.source.model_dump(),
        "folder": str(origin.resolve()),
        "newest": newest_weights(origin),
    }
    (copy / _MADE_FROM).write_text(json.dumps(record, indent=2), encoding="utf-8")


def newest_weights(folder: Path) -> int:
    """Return the time of a model's newest transformer file, ns since 1970; 0 for none."""
    files = (folder / "transformer").glob("*.safetensors")
    return max((path.stat().st_mtime_ns for path in files), default=0)


def free_disk(folder: Path) -> int:
    """Return the free bytes of the disk on which a folder lies or would lie."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free
