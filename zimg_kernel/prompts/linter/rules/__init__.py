"""Rules of the linter, one per file."""

from zimg_kernel.prompts.linter.rule import Rule

from . import clause, contradiction, length, lettering, mixing, negative, praise, vague, weights

RULES: tuple[Rule, ...] = tuple(
    module.RULE
    for module in (
        length, weights, negative, lettering, contradiction, mixing, praise, clause, vague
    )
)  # fmt: skip
