"""ControlNet files: look-up on this machine and download, a folder or a single file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from zimg_kernel import settings
from zimg_kernel.errors import BadInput, WeightsMissing
from zimg_kernel.models.card import ModelCard, ModelSource
from zimg_kernel.models.diffusers_folder import FaultyError, read_header, read_json, weight_files
from zimg_kernel.models.download import Download, Say
from zimg_kernel.models.weights import Weights, cached_folders


def find_controlnet(card: ModelCard) -> Weights:
    """Look for the ControlNet of a card; never goes online.

    Returns
    -------
    Weights
        Its ``folder`` is a diffusers folder, or a .safetensors file: the one that the card
        names, else the only one in the folder or repository.
    """
    source = _source(card)
    first_bad: Weights | None = None
    for folder in _candidates(source):
        try:
            found = _found(folder, source.file)
        except FaultyError as fault:
            first_bad = first_bad or Weights(folder, f"in {folder} is {fault}", _remedy(card))
            continue
        if found is not None:
            return Weights(found)
    if first_bad is not None:
        return first_bad
    if not (source.modelscope or source.huggingface):
        return Weights(None, f"should lie in {source.folder}, which has none", _remedy(card))
    return Weights(None, "has not been downloaded yet", _remedy(card))


def require_controlnet(card: ModelCard) -> Path:
    """Return the folder or file of a card's ControlNet.

    Raises
    ------
    BadInput
        The card names none.
    WeightsMissing
        It is absent, incomplete or damaged; one sentence with the command that mends it.
    """
    found = find_controlnet(card)
    if found.ready and found.folder is not None:
        return found.folder
    raise WeightsMissing(
        f"The ControlNet of {card.id} {found.problem}; {found.remedy}.",
        code="weights-missing",
        field="model",
    )


def pull_controlnet(card: ModelCard, say: Say, verify: bool = False) -> Path:
    """Make a model's ControlNet complete on this machine; return its folder or file.

    Parameters
    ----------
    card : ModelCard
        The model.
    say : callable
        Gets lines for the user.
    verify : bool
        Go online also if the files look complete, and check their sums.

    Raises
    ------
    BadInput
        The card names no ControlNet, or no repository for it.
    WeightsMissing
        Too little disk, no network, or a repository without a ControlNet.
    """
    download = Download(f"The ControlNet of {card.id}", _source(card), _command(card))
    return download.ensure(
        lambda: find_controlnet(card),
        say,
        verify=verify,
        incomplete="correct controlnet in its card.",
    )


def _source(card: ModelCard) -> ModelSource:
    if card.controlnet is None:
        raise BadInput(
            f"{card.title} has no ControlNet: name one as controlnet in its card in "
            f"{settings.models_file()}, or take another model.",
            code="no-controlnet",
            field="model",
        )
    return card.controlnet


def _command(card: ModelCard) -> str:
    return f"zimg pull {card.id} --controlnet"


def _remedy(card: ModelCard) -> str:
    source = _source(card)
    if source.modelscope or source.huggingface:
        return f"run: {_command(card)}"
    return f"copy its files there, or correct controlnet.folder in {settings.models_file()}"


def _candidates(source: ModelSource) -> Iterator[Path]:
    if source.folder:
        yield Path(source.folder).expanduser()
    yield from cached_folders(source)


def _found(folder: Path, file: str | None) -> Path | None:
    """The diffusers folder or the file, checked by its header; None if nothing is there."""
    if not folder.is_dir():
        return None
    if file is not None:
        if not (folder / file).is_file():
            return None
        read_header(folder / file)
        return folder / file
    if (folder / "config.json").is_file():
        read_json(folder / "config.json")
        for path in weight_files(folder):
            read_header(path)
        return folder
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        return None
    if len(files) > 1:
        names = ", ".join(path.name for path in files[:4])
        raise FaultyError(f"ambiguous ({names}: the card's controlnet.file must name one)")
    read_header(files[0])
    return files[0]
