"""Command ``zimg enhance``: a prompt rewritten, as candidates to choose from."""

from __future__ import annotations

import json
import sys

import click

from .console import echo


@click.command("enhance")
@click.argument("prompt")
@click.option("-n", "--count", default=3, show_default=True, help="How many candidates, 1 to 20.")
@click.option("--model", help="Id of the model that they are for (zimg models lists them).")
@click.option("--seed", type=int, default=-1, help="Prints the same ones again; -1 draws one.")
@click.option("--endpoint", help="Address of an OpenAI-compatible endpoint; '' for none.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def enhance_command(
    prompt: str, count: int, model: str | None, seed: int, endpoint: str | None, as_json: bool
) -> None:
    """Rewrite PROMPT as longer ones that keep all that it names; print one a line.

    The model's own text encoder writes them, or the endpoint that ZIMG_ENHANCER_URL,
    ZIMG_ENHANCER_MODEL and ZIMG_ENHANCER_KEY name; for the miniature, and where nothing can
    write, ready clauses are added.
    """
    from zimg_kernel.prompts.enhancer.enhance import enhance

    shown = _Stream() if sys.stderr.isatty() else None
    try:
        found = enhance(prompt, count, model=model, seed=seed, endpoint=endpoint, on_text=shown)
    finally:
        if shown is not None:
            shown.end()
    if as_json:
        listed = {
            "prompt": found.prompt,
            "seed": found.seed,
            "notes": list(found.notes),
            "candidates": [candidate.as_dict() for candidate in found],
        }
        echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    for text in found.texts:
        echo(text)
    for number, candidate in enumerate(found, 1):
        for remark in candidate.remarks():
            echo(f"zimg: {number}: {remark}", err=True)
    for note in found.notes:
        echo(f"zimg: {note}", err=True)


class _Stream:
    """Terminal output of candidates as they grow; one that begins anew gets a new line."""

    def __init__(self) -> None:
        self._index, self._text = -1, ""

    def __call__(self, index: int, text: str) -> None:
        if index == self._index and text.startswith(self._text):
            echo(text[len(self._text) :], nl=False, err=True)
        else:
            self.end()
            echo(f"[{index + 1}] {text}", nl=False, err=True)
        self._index, self._text = index, text

    def end(self) -> None:
        """End the line, if one was begun."""
        if self._index >= 0:
            echo("", err=True)
        self._index, self._text = -1, ""
