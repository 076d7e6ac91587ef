"""Templates: prompts for kinds of pictures, in English and Chinese, from YAML files."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from zimg_kernel import settings
from zimg_kernel.errors import BadInput, ZimgWarning
from zimg_kernel.settings import LANGUAGES, chosen_language
from zimg_kernel.yaml_files import read_yaml

from .expand import Combinations, Context, generator
from .grammar import parse
from .wildcards import Wildcards

_SHIPPED = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Template:
    """Prompt with values to fill in.

    Attributes
    ----------
    name : str
        As in ``template("ink-painting")``.
    language : {"en", "zh"}
        Language of the prompt.
    title, about : str
        Name for people, and what it is good for.
    text : str
        The prompt, with choices and with ``${name}`` for each value.
    values : mapping
        Default for each value; may hold choices.
    model : str
        Id of the model that it was written for; empty if for any.
    """

    name: str
    language: str
    title: str
    about: str
    text: str
    values: Mapping[str, str] = field(hash=False)
    model: str = ""

    def expand(
        self, seed: int | None = None, *, folders: Iterable[str | Path] = (), **values: Any
    ) -> str:
        """Return one prompt; the same seed and values give the same one.

        Parameters
        ----------
        seed : int, optional
            Another prompt each time if there is none.
        folders : iterable of str or Path
            Further folders of wildcards.
        **values
            Some of :attr:`values`; choices in them are expanded too.

        Raises
        ------
        BadInput
            A value that this template does not have.
        """
        return self._context(folders, values).draw(parse(self.text, self.name), generator(seed))

    def combinations(self, *, folders: Iterable[str | Path] = (), **values: Any) -> Combinations:
        """Return all its prompts, made as they are asked for."""
        return Combinations(self._context(folders, values), parse(self.text, self.name))

    def _context(self, folders: Iterable[str | Path], given: Mapping[str, Any]) -> Context:
        for name in given:
            if name not in self.values:
                close = get_close_matches(name, self.values, n=1)
                hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(self.values)}."
                raise BadInput(
                    f"The template {self.name} has no value {name!r}: {hint}",
                    code="unknown-value",
                    field=name,
                )
        return Context(Wildcards(folders), {**self.values, **given})


def templates(language: str | None = None) -> list[Template]:
    """Return all templates in one language, by name: the package's and the user's.

    The user's lie in ``templates`` in the home of zimg; one of the same name comes first. A file
    that is no template is left out with a warning.

    Parameters
    ----------
    language : {"en", "zh"}, optional
        By default as ``ZIMG_LANGUAGE`` or the locale says.
    """
    chosen = chosen_language(language)
    files = {path.stem: path for folder in _folders() for path in sorted(folder.glob("*.yaml"))}
    found = []
    for _, path in sorted(files.items()):
        try:
            found.append(_read(path, path.stat().st_mtime_ns))
        except BadInput as error:  # the others are still there
            warnings.warn(ZimgWarning(str(error), code=error.code, field=path.name), stacklevel=2)
    return [by_language.get(chosen) or next(iter(by_language.values())) for by_language in found]


def template(name: str, language: str | None = None) -> Template:
    """Return a template by name.

    Examples
    --------
    >>> template("ink-painting", language="zh").expand(seed=1, subject="两只仙鹤")  # doctest: +SKIP

    Raises
    ------
    BadInput
        There is none of this name, or not in this language.
    """
    chosen = chosen_language(language)
    path = next((p for f in reversed(_folders()) if (p := f / f"{name}.yaml").is_file()), None)
    if path is None or "/" in name:
        known = [each.name for each in templates(chosen)]
        close = get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}."
        raise BadInput(
            f"There is no template called {name!r}: {hint}", code="unknown-template", field="name"
        )
    by_language = _read(path, path.stat().st_mtime_ns)
    if chosen not in by_language:
        if language is not None:
            raise BadInput(
                f"The template {name} is written in {', '.join(by_language)} only.",
                code="language-missing",
                field="language",
            )
        return next(iter(by_language.values()))
    return by_language[chosen]


def _folders() -> list[Path]:
    """Return the folders of templates; a later one takes precedence."""
    return [_SHIPPED, settings.home() / "templates"]


@lru_cache(maxsize=256)
def _read(path: Path, _: int) -> dict[str, Template]:
    """Return the template of a file in each of its languages."""
    try:
        raw = read_yaml(path, words=True)
        found = {
            language: Template(
                name=path.stem,
                language=language,
                title=str(raw["title"][language]),
                about=str(raw["about"][language]),
                text=_one_line(str(raw[language]["text"])),
                values={
                    str(name): _one_text(value) for name, value in raw[language]["values"].items()
                },
                model=str(raw.get("model", "")),
            )
            for language in LANGUAGES
            if language in raw
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"{path} is no template ({error} is missing or wrong): it needs title, about and, for "
            "en or zh, text and values.",
            code="invalid-template",
        ) from None
    if not found:
        raise BadInput(
            f"{path} is no template: it has no text in en or zh.", code="invalid-template"
        )
    return found


def _one_line(text: str) -> str:
    """Return a text on one line; Chinese has no space where YAML folds one."""
    return re.sub(r"(?<=[，。；：、]) ", "", " ".join(text.split()))


def _one_text(value: Any) -> str:
    """Return a value as text; a list of them is a choice."""
    return "{" + "|".join(map(str, value)) + "}" if isinstance(value, list) else str(value)
