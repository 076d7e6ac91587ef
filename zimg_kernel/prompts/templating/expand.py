"""Expansion of prompts with choices in dynamic-prompts syntax: one by a seed, or all in turn."""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from zimg_kernel.errors import BadInput

from .choosing import pick, possible, selections, tidy
from .grammar import Choice, Part, Sequence, Value, Wildcard, parse
from .wildcards import Wildcards

_Bound = tuple[tuple[str, str], ...]  # values that are settled, as sorted pairs
_LONGEST = 100_000  # characters
_MOST_BITS = 4096  # of a number of prompts
_MOST_NAMES = 20_000  # followed for one prompt; lists that name each other twice double them


class Context:
    """Wildcards and values that names in a text stand for.

    Parameters
    ----------
    wildcards : Wildcards
        The lists.
    values : mapping
        Texts for ``${name}``; choices in them are settled once for each prompt.
    """

    def __init__(self, wildcards: Wildcards, values: Mapping[str, Any]) -> None:
        self._wildcards = wildcards
        self._values = {name: parse(str(text), name) for name, text in values.items()}
        self._followed = 0
        self._counts: dict[tuple[str, frozenset[str]], Counter[frozenset[str]]] = {}

    def follow(self, part: Wildcard | Value, path: tuple[str, ...]) -> tuple[Any, tuple[str, ...]]:
        """Return the meaning of a name, and the names followed so far; refuse circles."""
        name = f"__{part.name}__" if isinstance(part, Wildcard) else f"${{{part.name}}}"
        self._followed += 1
        if self._followed > _MOST_NAMES:
            raise BadInput(
                f"More than {_MOST_NAMES:,} names would be followed for one prompt, at {name}: "
                "let its lists name fewer others.",
                code="too-many-names",
                field=part.name,
            )
        if name in path:
            circle = " → ".join([*path[path.index(name) :], name])
            raise BadInput(
                f"These names go round in a circle: {circle}.",
                code="circular-reference",
                field=part.name,
            )
        if isinstance(part, Wildcard):
            return self._wildcards.get(part.name), (*path, name)
        if part.name not in self._values:
            close = get_close_matches(part.name, self._values, n=1)
            hint = f"did you mean ${{{close[0]}}}?" if close else f'give it as {part.name}="...".'
            raise BadInput(
                f"Nothing is said for {name} at character {part.position + 1}: {hint}",
                code="value-missing",
                field=part.name,
            )
        return self._values[part.name], (*path, name)

    def _spread(self, part: Choice, path: tuple[str, ...]) -> tuple[Choice, tuple[str, ...]]:
        """Return a choice with the lines of its wildcard for options, if it is one of lines."""
        if part.spread is None:
            return part, path
        lines, path = self.follow(part.spread, path)
        there = len(possible(lines))
        if part.low > there:
            raise BadInput(
                f"__{part.spread.name}__ has {there} lines, so {part.low} different ones cannot "
                "be taken from it.",
                code="too-few-lines",
                field=part.spread.name,
            )
        high = min(part.high, there)
        return Choice(lines.options, lines.weights, part.low, high, part.joint), path

    def draw(self, parts: Sequence, rng: random.Random) -> str:
        """Return one prompt by random choices."""
        self._followed = 0
        return tidy(self._draw(parts, rng, {}, ()))

    def _draw(
        self, parts: Sequence, rng: random.Random, bound: dict[str, str], path: tuple[str, ...]
    ) -> str:
        text = "".join(
            part if isinstance(part, str) else self._draw_part(part, rng, bound, path)
            for part in parts
        )
        if len(text) > _LONGEST:
            raise BadInput(
                f"A prompt would be longer than {_LONGEST:,} characters.", code="prompt-too-long"
            )
        return text

    def _draw_part(
        self, part: Part, rng: random.Random, bound: dict[str, str], path: tuple[str, ...]
    ) -> str:
        if isinstance(part, Value):
            if part.name not in bound:
                meant, deeper = self.follow(part, path)
                bound[part.name] = self._draw(meant, rng, bound, deeper)
            return bound[part.name]
        if isinstance(part, Wildcard):
            part, path = self.follow(part, path)
        assert isinstance(part, Choice)
        part, path = self._spread(part, path)
        count = part.low + int(rng.random() * (part.high - part.low + 1))
        chosen = pick(rng, part.weights, count)
        texts = [self._draw(part.options[i], rng, bound, path) for i in chosen]
        return part.joint.join(texts)

    # All of them. What a value stands for is settled at its first place, so that the others
    # follow; for that the values settled so far travel with each text.

    def all(self, parts: Sequence) -> Iterator[str]:
        """Yield every prompt, the last choice changing fastest."""
        self._followed = 0
        for text, _ in self._all(parts, (), ()):
            yield tidy(text)
            self._followed = 0

    def _all(
        self, parts: Sequence, bound: _Bound, path: tuple[str, ...]
    ) -> Iterator[tuple[str, _Bound]]:
        if not parts:
            yield "", bound
            return
        for text, after in self._all_of(parts[0], bound, path):
            for rest, last in self._all(parts[1:], after, path):
                yield text + rest, last

    def _all_of(
        self, part: Part, bound: _Bound, path: tuple[str, ...]
    ) -> Iterator[tuple[str, _Bound]]:
        if isinstance(part, str):
            yield part, bound
        elif isinstance(part, Value):
            known = dict(bound)
            if part.name in known:
                yield known[part.name], bound
                return
            meant, deeper = self.follow(part, path)
            for text, after in self._all(meant, bound, deeper):
                yield text, tuple(sorted({**dict(after), part.name: text}.items()))
        elif isinstance(part, Wildcard):
            meant, deeper = self.follow(part, path)
            yield from self._all_of(meant, bound, deeper)
        else:
            part, path = self._spread(part, path)
            for several in selections(part):
                yield from self._all(several, bound, path)

    def count(self, parts: Sequence) -> int:
        """Return how many prompts :meth:`all` yields, without making them."""
        self._followed = 0
        return sum(self._small(self._count(parts, frozenset(), ()), "The prompt").values())

    def _small(self, ways: Counter[frozenset[str]], name: str) -> Counter[frozenset[str]]:
        """Return the numbers of ways, unless they are too long to count with."""
        if any(number.bit_length() > _MOST_BITS for number in ways.values()):
            raise BadInput(
                f"{name} stands for more prompts than can be counted: let its lists name fewer "
                "others.",
                code="too-many-prompts",
                field=name,
            )
        return ways

    def _count(
        self, parts: Sequence, bound: frozenset[str], path: tuple[str, ...]
    ) -> Counter[frozenset[str]]:
        """Return the number of ways, by the set of values settled after them."""
        ways = Counter({bound: 1})
        for part in parts:
            if isinstance(part, str):
                continue
            after: Counter[frozenset[str]] = Counter()
            for settled, number in ways.items():
                for then, more in self._count_of(part, settled, path).items():
                    after[then] += number * more
            ways = after
        return ways

    def _count_of(
        self, part: Part, bound: frozenset[str], path: tuple[str, ...]
    ) -> Counter[frozenset[str]]:
        if isinstance(part, Value):
            if part.name in bound:
                return Counter({bound: 1})
            meant, deeper = self.follow(part, path)
            ways: Counter[frozenset[str]] = Counter()
            for then, number in self._count(meant, bound, deeper).items():
                ways[then | {part.name}] += number
            return ways
        if isinstance(part, Wildcard):
            if (part.name, bound) not in self._counts:  # else lists that name each other double it
                meant, deeper = self.follow(part, path)
                ways = self._small(self._count_of(meant, bound, deeper), part.name)
                self._counts[part.name, bound] = ways
            return self._counts[part.name, bound]
        assert isinstance(part, Choice)
        part, path = self._spread(part, path)
        # By the number of options chosen; each option is chosen or not, in their order.
        ways_of: list[Counter[frozenset[str]]] = [Counter() for _ in range(part.high + 1)]
        ways_of[0][bound] = 1
        for option in possible(part):
            for number in range(part.high, 0, -1):
                for settled, before in list(ways_of[number - 1].items()):
                    for then, more in self._count(option, settled, path).items():
                        ways_of[number][then] += before * more
        total: Counter[frozenset[str]] = Counter()
        for ways in ways_of[part.low :]:
            total.update(ways)
        return total


class Combinations:
    """All prompts of a text, made one at a time as they are asked for.

    Attributes
    ----------
    count : int
        How many there are, known without making them. Equal ones are counted as often as the
        text spells them out.
    """

    def __init__(self, context: Context, parts: Sequence) -> None:
        self._context, self._parts = context, parts
        self.count = context.count(parts)

    def __iter__(self) -> Iterator[str]:
        return self._context.all(self._parts)

    def __len__(self) -> int:
        return self.count

    def __repr__(self) -> str:
        return f"<Combinations: {self.count:,} prompts>"


def expand(
    text: str, seed: int | None = None, *, folders: Iterable[str | Path] = (), **values: Any
) -> str:
    """Return one prompt of a text with choices.

    Parameters
    ----------
    text : str
        As in :mod:`zimg_kernel.prompts.templating.grammar`.
    seed : int, optional
        The same seed gives the same prompt; without one it is another each time.
    folders : iterable of str or Path
        Further folders of wildcards.
    **values
        Texts for ``${name}``.

    Raises
    ------
    BadInput
        The text cannot be read, or a name in it is unknown.

    Examples
    --------
    >>> expand("a {red|blue} circle", seed=1)
    'a blue circle'
    """
    return Context(Wildcards(folders), values).draw(parse(text), generator(seed))


def combinations(text: str, *, folders: Iterable[str | Path] = (), **values: Any) -> Combinations:
    """Return all prompts of a text with choices; parameters as for :func:`expand`.

    Examples
    --------
    >>> list(combinations("{red|blue} {1-2}"))
    ['red 1', 'red 2', 'blue 1', 'blue 2']
    """
    return Combinations(Context(Wildcards(folders), values), parse(text))


def generator(seed: int | None) -> random.Random:
    """Return a random generator; Python keeps its numbers from version to version."""
    return random.Random(secrets.randbits(64) if seed is None else seed)
