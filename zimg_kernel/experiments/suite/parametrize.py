"""Parametrized cases: several of one, by rows of values or by choices in the prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

_NAME = re.compile(r"\$\{(\w+)\}")
_MOST = 1000  # cases of one


class ParametrizeError(ValueError):
    """A case cannot be parametrized; ``index`` is its place in the suite, from 0."""

    def __init__(self, sentence: str, index: int) -> None:
        super().__init__(sentence)
        self.index = index


def parametrize(cases: list[Any]) -> list[tuple[int, Any]]:
    """Return all cases, each with the index of the one it was made of.

    ``each: [{word: red}, {word: blue}]`` makes one case of each row, with ``${word}`` in
    prompt, id and checks replaced. ``choices: all``, or how many, unfolds ``{a|b}`` and
    ``__wildcards__`` in the prompt as :mod:`zimg_kernel.prompts` does. Anything else is left
    to the check of the fields.
    """
    made = []
    for index, case in enumerate(cases):
        try:
            made += [(index, one) for one in _of_one(case)]
        except ValueError as error:
            name = " ".join(str(case.get("id") or "").split()) if isinstance(case, dict) else ""
            raise ParametrizeError(f"In the case {name or index + 1}: {error}", index) from None
    return made


def _of_one(case: Any) -> Iterator[Any]:
    rows = case.get("each") if isinstance(case, dict) else None
    if rows is None:
        yield from _choices(case)
        return
    if not (isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows)):
        raise ValueError("each is a list of rows such as - {word: red}.")
    rest = {name: value for name, value in case.items() if name != "each"}
    for number, row in enumerate(rows, 1):
        made = _filled(rest, row)
        if made.get("id") == rest.get("id"):
            made["id"] = f"{rest.get('id')}-{number}"
        yield from _choices(made)


def _filled(value: Any, row: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {_filled(k, row): _filled(v, row) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(one, row) for one in value]
    if not isinstance(value, str):
        return value
    unknown = [name for name in _NAME.findall(value) if name not in row]
    if unknown:
        raise ValueError(f"a row of each says nothing for {unknown[0]}.")
    if whole := _NAME.fullmatch(value):
        return row[whole[1]]  # a number stays a number
    return _NAME.sub(lambda found: str(row[found[1]]), value)


def _choices(case: Any) -> Iterator[Any]:
    wanted = case.get("choices") if isinstance(case, dict) else None
    if wanted is None:
        yield case
        return
    from zimg_kernel.prompts import combinations, expand

    number = isinstance(wanted, int) and not isinstance(wanted, bool) and 1 <= wanted <= _MOST
    if wanted != "all" and not number:
        raise ValueError("choices is all, or how many prompts.")
    text = str(case.get("prompt", ""))
    if wanted == "all":
        prompts = list(islice(combinations(text), _MOST))
    else:
        prompts = [expand(text, seed) for seed in range(wanted)]
    rest = {name: value for name, value in case.items() if name != "choices"}
    for index, prompt in enumerate(dict.fromkeys(prompts), 1):
        yield {**rest, "prompt": prompt, "id": f"{case.get('id')}-{index}"}
