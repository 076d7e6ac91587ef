"""Layout of a suite: cases, models and seeds."""

from __future__ import annotations

from dataclasses import dataclass, field

from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput
from zimg_kernel.models.catalog import ModelCard, get_card
from zimg_kernel.params import GenerationParams

from .report import PictureResult
from .spec import Case, Fields, Suite


@dataclass
class Plan:
    """Pictures of a run, case by case; the models' cards; the cases that are not for a model."""

    results: list[PictureResult] = field(default_factory=list)
    cards: dict[str, ModelCard] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def lay_out(suite: Suite, override: Fields, engine: Engine) -> Plan:
    """Return the pictures of a suite, with every parameter filled in.

    Parameters
    ----------
    suite : Suite
        The cases and their defaults.
    override : Fields
        Models and seeds that count instead of those of the suite.
    engine : Engine
        Chooses the model where none is named.

    Raises
    ------
    BadInput
        A model is unknown, or no case is for these models.
    """
    plan = Plan()
    for row, case in enumerate(suite.cases):
        given = (override, case, suite.defaults)
        models = next((named for one in given if (named := one.chosen_models())), [])
        models = models or [engine.default_model()]
        seeds = next((one.seeds for one in given if one.seeds), [0])
        for model in dict.fromkeys(models):
            card = plan.cards.setdefault(model, get_card(model))
            if reason := _not_for(case, card):
                plan.left_out.append(reason)
                continue
            fields = {**suite.defaults.settings(), **case.settings()}
            params = card.fill(GenerationParams(prompt=case.prompt, model=model, **fields))
            layer = list(plan.cards).index(model)
            for column, seed in enumerate(dict.fromkeys(seeds)):
                one = params.replace(seed=seed)
                plan.results.append(PictureResult(column, row, layer, one, one.hash, case=case))
    if not plan.results:
        raise BadInput(
            " ".join(["There is nothing to draw.", *plan.left_out[:3]]),
            code="no-case-for-model",
            field="models",
        )
    return plan


def _not_for(case: Case, card: ModelCard) -> str:
    if case.family is None or (case.family == "nano") == (card.family == "nano"):
        return ""
    models = "the miniatures" if case.family == "nano" else "full-size models"
    return f"{case.id} is for {models}, not for {card.id}."
