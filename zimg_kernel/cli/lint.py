"""Command ``zimg lint``: check a prompt from the shell or a script."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from zimg_kernel.errors import BadInput

from .console import echo

_LONG = 40  # characters of the prompt that a line shows


@click.command("lint")
@click.argument("prompt", required=False)
@click.option(
    "--file", "file", type=click.Path(path_type=Path), help="Read the prompt from a file."
)
@click.option("--model", help="Id of a model (zimg models lists them).")
@click.option("--language", help="Of the sentences: en or zh.")
@click.option("--fix", is_flag=True, help="Print the prompt with all safe changes made.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def lint_command(
    prompt: str | None,
    file: Path | None,
    model: str | None,
    language: str | None,
    fix: bool,
    as_json: bool,
) -> None:
    """Check PROMPT (- reads it from stdin) for what does nothing on a model.

    A line for each finding: place, severity, rule, words, why and what to do. The exit code is
    1 if one of them is an error, not for warnings and hints. With --fix the fixed prompt goes to
    the output, and what is left to the writer to stderr.
    """
    from zimg_kernel.prompts.linter.lint import lint

    text = _read(prompt, file)
    found = lint(text, model, language=language, fix=fix)
    if as_json:
        shown = {"prompt": found.prompt, "findings": [finding.as_dict() for finding in found]}
        echo(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        if fix:
            echo(found.prompt)
        for finding in found:
            words = " ".join(found.prompt[finding.start : finding.end].split())
            words = words if len(words) <= _LONG else words[: _LONG - 1] + "…"
            place = f"{finding.start + 1}-{max(finding.end, finding.start + 1)}"
            message = f"{finding.why} {finding.suggestion}"
            line = f"{place}: {finding.severity} {finding.rule}: {words!r}: {message}"
            echo(line, err=fix)
    if found.errors:
        sys.exit(1)


def _read(prompt: str | None, file: Path | None) -> str:
    if (prompt is None) == (file is None):
        raise BadInput(
            'Give one prompt to check: zimg lint "a red circle", or --file FILE, or -.',
            code="count-not-one",
            field="PROMPT",
        )
    if file is None and prompt != "-":
        return str(prompt)
    try:
        data = sys.stdin.buffer.read() if file is None else file.expanduser().read_bytes()
        return data.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise BadInput(
            f"{file or 'The input'} is not text in UTF-8.", code="file-unreadable", field="--file"
        ) from None
    except OSError as error:
        raise BadInput(
            f"{file} cannot be read ({error.strerror}).", code="file-unreadable", field="--file"
        ) from None
