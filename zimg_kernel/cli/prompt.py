"""Command ``zimg prompt``: prompts from a template or from a text with choices."""

from __future__ import annotations

from pathlib import Path

import click

from zimg_kernel.errors import BadInput

from .console import echo


@click.command()
@click.argument("template", required=False)
@click.option("-p", "--value", "given", multiple=True, metavar="NAME=TEXT",
              help="Fill in a value of the template; may be given several times.")  # fmt: skip
@click.option("--language", type=click.Choice(["en", "zh"]), help="Of the template.")
@click.option("--seed", type=int, help="The same seed prints the same prompts.")
@click.option("--count", type=click.IntRange(1), default=1, show_default=True, help="How many.")
@click.option("--all", "everything", is_flag=True, help="All combinations, in order.")
@click.option("--wildcards", "folders", multiple=True, type=click.Path(path_type=Path),
              help="A folder of wildcards; may be given several times.")  # fmt: skip
def prompt(
    template: str | None,
    given: tuple[str, ...],
    language: str | None,
    seed: int | None,
    count: int,
    everything: bool,
    folders: tuple[Path, ...],
) -> None:
    """Print prompts made from TEMPLATE, a line each; without it, list the templates.

    TEMPLATE may also be a text with choices: zimg prompt "a {red|blue} circle" --all
    """
    from itertools import islice

    from zimg_kernel import prompts

    if template is None:
        for each in prompts.templates(language):
            echo(f"{each.name:16} {each.title}: {', '.join(each.values)}")
        return
    values = dict(_pair(text) for text in given)
    is_text = any(sign in template for sign in "{$ ") or "__" in template
    chosen = None if is_text else prompts.template(template, language)
    if everything:
        ways = (
            chosen.combinations(folders=folders, **values)
            if chosen
            else prompts.combinations(template, folders=folders, **values)
        )
        limited = "count" in _given_by_user()
        for line in islice(ways, count if limited else None):
            echo(line)
        return
    for number in range(count):
        at = None if seed is None else seed + number
        echo(
            chosen.expand(at, folders=folders, **values)
            if chosen
            else prompts.expand(template, at, folders=folders, **values)
        )


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise BadInput(
            f'-p {text!r} is no value: write it as -p subject="a red lantern".',
            code="invalid-value",
            field="--value",
        )
    return name, value


def _given_by_user() -> set[str]:
    context = click.get_current_context()
    source = click.core.ParameterSource.COMMANDLINE
    return {name for name in context.params if context.get_parameter_source(name) == source}
