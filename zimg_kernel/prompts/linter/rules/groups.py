"""English numbers of persons or animals spoken of again: five players, the four of them."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text

from .scene import in_parts, inner
from .statement import Statement

_WORDS = load_words(__file__)
NUMBERS = {word: n for n, word in enumerate(_WORDS["numbers"])}
"""Values of number words."""

BEING_WORDS = {name: _WORDS[name] for name in ("numbers", "being", "beings_")}
"""Number words, and words for one person or animal and for several."""

_NAMED = {word: int(n) for n, word in (pair.split("/") for pair in _WORDS["named_groups"])}
_WORDS["group"] = tuple(_NAMED)
_COUNT = _WORDS.pattern(r"""
    (?<![\w-])(?:(?P<n><numbers>)[ ]
      (?:(?!of\b|and\b|other\b|more\b|in\b|with\b)[a-z][\w'-]*,?[ ]){0,4}?
      (?P<noun><beings_>)
    |family[ ]of[ ](?P<family><numbers>)
    |(?P<group><group>)[ ]of[ ](?:[a-z][\w'-]*[ ]){0,3}?(?:<beings_>))(?![\w'-])
""")
_SINGLE = _WORDS.pattern(r"""
    (?<![\w-])(?:an?|his|her|their|another|the|one|its)[ ]
    (?:(?!<numbers>\b|of\b|and\b|in\b|with\b)[a-z][\w'-]*,?[ ]){0,3}?<being>(?![\w'-])
""")
_AND = _WORDS.pattern(r"""
    (?:,|[ ]and|[ ]with|[ ]beside)[ ](?:(?:an?|one|his|her|their|its)[ ](?!row|line|group|crowd)
      |(?P<n><numbers>)[ ])
""")
_PLURAL = _WORDS.pattern(r"(?<![\w-])<beings_>(?![\w'-])")
_CROWD = _WORDS.pattern(r"<crowds>(?:[ ][\w-]+){0,2}[ ]$")
_AGAIN = _WORDS.pattern(r"""
    (?<![\w-])(?:
      (?:the|all)[ ](?P<a><numbers>)[ ]of[ ](?:them|the[ ]<beings_>)
    | all[ ](?:the[ ])?(?P<b><numbers>)[ ](?:[a-z-]+[ ]){0,1}<beings_>
    | (?:^|(?<=[.;][ ])|(?<=,[ ]))all[ ](?P<c><numbers>)(?=[ ](?:<doing>)\b|,|[.])
    | (?:^|(?<=[.;][ ]))(?:the|these|those)[ ](?P<d><numbers>)[ ](?:[a-z-]+[ ]){0,1}<beings_>
    | (?P<both>both[ ](?:of[ ]them\b|<beings_>)|(?:^|(?<=[.;][ ]))both[ ]<doing>)
    | (?:^|(?<=[.;][ ])|(?<=,[ ])|(?<=while[ ]))(?:the|this)[ ](?P<group><group>)
      (?=[ ](?:<doing>|[a-z]+s)\b)
    )(?![\w'-])
""")
_PART_OF = _WORDS.pattern(r"(?<![\w-])<part_of>(?![\w-])")
_OPEN = _WORDS.pattern(r"(?<![\w-])<open>(?![\w-])")


def misnumbered(text: Text) -> Iterator[tuple[Statement, Statement]]:
    """Yield a number of beings and a later one that no sum of those named gives, once."""
    again = [m for m in _AGAIN.finditer(text.lower) if not inner(text, Statement(*m.span()))]
    if not again or in_parts(text) or _OPEN.search(text.lower):
        return
    counts = list(_COUNT.finditer(text.lower))
    for ref in again:
        said = _number(
            next((ref[n] for n in "abcd" if ref[n]), None), "both" if ref["both"] else ref["group"]
        )
        before = [m for m in counts if m.end() <= ref.start()]
        numbered = [_number(m["n"] or m["family"], m["group"]) for m in before]
        if not before or max(numbered) < 2 or said < 2 or _uncounted(text, counts, ref.start()):
            continue
        spans = [m.span() for m in counts]
        singles = [
            m
            for m in _SINGLE.finditer(text.lower, 0, ref.start())
            if not any(a < m.end() and m.start() < b for a, b in spans)
        ]
        sums = {0}
        for size in (*numbered, *(1 for _ in singles[:12])):
            sums |= {total + size for total in sums}
        # Two zebras and a colt, all three: whoever else is named with them counts, too.
        others = _AND.finditer(text.lower, before[0].end(), ref.start())
        more = sum(
            NUMBERS[m["n"]] if m["n"] else 1
            for m in others
            if not any(a < m.end() and m.start() < b for a, b in spans)
        )
        if said < max(sums) and _PART_OF.search(text.lower, before[0].end(), ref.start()):
            continue
        if max(sums) < said <= max(sums) + more:
            continue
        if said not in sums:
            yield Statement(*before[0].span()), Statement(*ref.span())
            return


def _number(word: str | None, group: str | None) -> int:
    if group:
        return 2 if group == "both" else _NAMED[group]
    return NUMBERS[word or "zero"]


def _uncounted(text: Text, counts: list, end: int) -> bool:  # type: ignore[type-arg]
    """Return whether beings are named without their number, but for a crowd."""
    spans = [m.span() for m in counts] + [m.span() for m in _AGAIN.finditer(text.lower)]
    return any(
        not any(a <= m.start() < b for a, b in spans)
        and not _CROWD.search(text.lower[max(0, m.start() - 40) : m.start()])
        and text.lower[max(0, m.start() - 4) : m.start()] not in ("the ", "ese ", "ose ")
        for m in _PLURAL.finditer(text.lower, 0, end)
    )
