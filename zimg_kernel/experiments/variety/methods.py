"""Methods that make the pictures of one prompt differ: each varies its parameters."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from zimg_kernel.errors import BadInput
from zimg_kernel.params import GenerationParams

if TYPE_CHECKING:
    from zimg_kernel.engine.protocol import Engine

    from .rewording import Wordings

NOISE = 0.4
"""Default noise on embeddings. The miniature pays dearly for it: 42 % of its objects keep to
their prompt, 96 % with plain seeds (notebooks/reports/variety_nano.json)."""
STRENGTHS = (0.5, 2.5)
"""Least and greatest early guidance that a seed draws."""
UNTIL = 0.15
"""End of early guidance: with 8 steps and shift 3, after the first three."""
MANY = 4
"""Candidates for each picture that far noise chooses."""
LOOK_STEPS = 2
"""Steps of each candidate before far noise chooses. On nano-turbo, distances between what is
expected after 1, 2 and 4 of 8 steps agree with those of the finished pictures by a rank
correlation of 0.62, 0.83 and 0.84; the coarse initial noise by 0.14 (same report)."""


@dataclass(frozen=True)
class MethodContext:
    """Engine, wordings and options for a method.

    Attributes
    ----------
    engine : Engine or None
        Draws first looks.
    wordings : iterable of str, callable or None
        The caller's own wordings, such as an enhancer's.
    options : mapping
        For the method: ``amount``, ``strengths``, ``until``, ``candidates``, ``look``, ``steps``.
    """

    engine: Engine | None = None
    wordings: Wordings | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Method:
    """A named recipe."""

    name: str
    about: str
    make: Callable[[GenerationParams, int, MethodContext], list[GenerationParams]]
    options: tuple[str, ...] = ()


def _seeds(params: GenerationParams, n: int, _: MethodContext) -> list[GenerationParams]:
    return params.replace(count=n).singles()


def _rewording(params: GenerationParams, n: int, context: MethodContext) -> list[GenerationParams]:
    from .rewording import reword

    texts = reword(params.prompt, n, params.seed, context.wordings)
    singles = params.replace(count=n).singles()
    return [one.replace(prompt=text) for one, text in zip(singles, texts, strict=True)]


def _embedding_noise(
    params: GenerationParams, n: int, context: MethodContext
) -> list[GenerationParams]:
    amount = context.options.get("amount", NOISE)
    return params.replace(count=n, embedding_noise=amount).singles()


def _early_guidance(
    params: GenerationParams, n: int, context: MethodContext
) -> list[GenerationParams]:
    low, high = context.options.get("strengths", STRENGTHS)
    until = context.options.get("until", UNTIL)
    drawn = []
    for one in params.replace(count=n).singles():
        chance = random.Random(f"early guidance {one.seed}")
        strength = round(chance.uniform(low, high), 2)
        drawn.append(one.replace(guidance=strength, cfg_truncation=until))
    return drawn


def _far_noise(params: GenerationParams, n: int, context: MethodContext) -> list[GenerationParams]:
    from zimg_kernel.engine.default import default_engine

    from .seed_selection import far_seeds

    options = context.options
    seeds = far_seeds(
        params,
        n,
        options.get("candidates", MANY * n),
        context.engine or default_engine(),
        options.get("look", "prediction"),
        options.get("steps", LOOK_STEPS),
    )
    return [params.replace(seed=seed) for seed in seeds]


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method("seeds", "seeds that count up, nothing else: the baseline", _seeds),
        Method("rewording", "another wording for each picture", _rewording),
        Method(
            "embedding_noise", "noise on the prompt's embeddings", _embedding_noise, ("amount",)
        ),
        Method(
            "early_guidance",
            "guidance in the first steps only, of a strength drawn by the seed",
            _early_guidance,
            ("strengths", "until"),
        ),
        Method(
            "far_noise",
            "of several times as many seeds those whose first looks lie far apart",
            _far_noise,
            ("candidates", "look", "steps"),
        ),
    )
}
"""All methods by name."""


def vary(
    params: GenerationParams | str | Mapping[str, Any],
    n: int = 8,
    method: str = "seeds",
    *,
    engine: Engine | None = None,
    wordings: Wordings | None = None,
    **options: Any,
) -> list[GenerationParams]:
    """Turn the parameters of one picture into those of ``n`` pictures that differ.

    Whatever a method draws by lot is in the parameters that it returns, and so in the
    picture's file: drawn again from there, the picture is the same.

    Parameters
    ----------
    params : GenerationParams, str or mapping
        A seed of -1 is drawn.
    n : int
        How many, 1 to 1000.
    method : str
        A name in :data:`METHODS`.
    engine : Engine, optional
        For ``far_noise``, which takes first looks; the default engine otherwise.
    wordings : iterable of str or callable, optional
        For ``rewording``; see :func:`zimg_kernel.experiments.variety.rewording.reword`.
    **options
        ``amount`` of ``embedding_noise`` (0 to 1); ``strengths`` and ``until`` of
        ``early_guidance`` (least and greatest guidance, and ``cfg_truncation``);
        ``candidates``, ``look`` ("prediction" or "noise") and ``steps`` of ``far_noise``.

    Raises
    ------
    BadInput
        An unknown method or option, or one that cannot be done; one sentence.
    """
    from zimg_kernel.api import as_params

    recipe = get_method(method)
    unknown = sorted(set(options) - set(recipe.options))
    if unknown:
        known = ", ".join(recipe.options) or "none"
        raise BadInput(
            f"{method} has no option {unknown[0]!r}: its options are {known}.",
            code="unknown-parameter",
            field=unknown[0],
        )
    wanted = as_params(params, {}).with_seed()
    if wanted.count != 1:
        raise BadInput(
            "Say how many pictures with n: leave count out.", code="count-not-one", field="count"
        )
    wanted.replace(count=n)  # refuses what is no count
    return recipe.make(wanted, n, MethodContext(engine, wordings, options))


def get_method(name: str) -> Method:
    """Return a method by its name, hyphens or underscores."""
    found = METHODS.get(name.replace("-", "_"))
    if found is None:
        close = get_close_matches(name.replace("-", "_"), METHODS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(METHODS)}."
        raise BadInput(
            f"There is no method called {name!r}: {hint}", code="unknown-method", field="method"
        )
    return found
