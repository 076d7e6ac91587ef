"""Command ``zimg serve``: the HTTP service, and its tokens."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from zimg_kernel.errors import ZimgError

from .console import JSON_OPTION, echo

_COUNT, _AMOUNT = click.IntRange(0), click.FloatRange(0)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--host", {"metavar": "ADDRESS",
                "help": "Where to listen (127.0.0.1); another one needs a token."}),
    ("--port", {"type": click.IntRange(0, 65535), "metavar": "N",
                "help": "Port (8188); 0 for a free one."}),
    ("--name", {"multiple": True, "metavar": "HOST",
                "help": "A name under which it is asked for, beside its addresses."}),
    ("--allow", {"multiple": True, "metavar": "NETWORK",
                 "help": "An address or a network that is let in; by default any."}),
    ("--origin", {"multiple": True, "metavar": "URL",
                  "help": "Pages that may call it, such as https://shop.example."}),
    ("--hook", {"multiple": True, "metavar": "HOST",
                "help": "A host that webhooks may call, with its port unless it is the usual."}),
    ("--words", {"type": _FILE, "metavar": "FILE",
                 "help": "More words that prompts must not hold, one in a line."}),
    ("--no-word-filter", {"is_flag": True, "help": "Take prompts with any words."}),
    ("--time-limit", {"type": click.FloatRange(0.1), "metavar": "S",
                      "help": "Seconds that an answer waits for its picture (30)."}),
    ("--max-waiting", {"type": click.IntRange(1), "metavar": "N",
                       "help": "Jobs that may wait or run at once (64)."}),
    ("--rate", {"type": _COUNT, "metavar": "N", "help": "Requests a minute of a caller."}),
    ("--pictures-per-day", {"type": _COUNT, "metavar": "N", "help": "Pictures of a caller."}),
    ("--seconds-per-day", {"type": _AMOUNT, "metavar": "S",
                           "help": "Seconds of drawing of a caller."}),
)  # fmt: skip
_LIMITS = _OPTIONS[-3:]
_LIMITED = ("rate", "pictures_per_day", "seconds_per_day")


def _options(given: tuple[tuple[str, dict[str, Any]], ...]) -> Callable[..., Any]:
    def add(command: Any) -> Any:
        for name, settings in reversed(given):
            command = click.option(name, **settings)(command)
        return command

    return add


@click.group(invoke_without_command=True)
@_options(_OPTIONS)
@click.pass_context
def serve(context: click.Context, /, **given: Any) -> None:
    """Serve pictures over HTTP: our own interface, OpenAI's images and ComfyUI's.

    It draws with the shared engine where one runs (zimg up), else in this process.
    """
    if context.invoked_subcommand is None:
        _run(given)


def _run(given: dict[str, Any]) -> None:
    try:
        from zimg_kernel.service.context import ServiceContext
        from zimg_kernel.service.options import ServiceOptions
        from zimg_kernel.service.server import Server, address_of, bind
    except ModuleNotFoundError as error:
        raise ZimgError(
            f"zimg serve needs {error.name}, which is not installed: pip install "
            '"zimg-workbench[service]".',
            code="not-installed",
            field="service",
        ) from None
    from zimg_kernel.api import default_engine
    from zimg_kernel.cluster.logs import begin_logging

    renamed = {"name": "hosts", "origin": "origins", "hook": "hooks"}
    named = {
        renamed.get(name, name): value for name, value in given.items() if value not in (None, ())
    }
    named["filter_words"] = not named.pop("no_word_filter", False)
    options = ServiceOptions(**named)
    context = ServiceContext(default_engine(), options)
    listening = bind(options, bool(context.tokens))
    begin_logging(options.folder / "logs", "http")
    who = "with a token" if context.tokens else "without a token, from this machine alone"
    echo(f"Serving at {address_of(listening)} {who}; Ctrl+C ends it.")
    Server(context).run(sockets=[listening])


@serve.group()
def token() -> None:
    """Make, list and remove the tokens that let callers in."""


@token.command("add")
@click.argument("name")
@_options(_LIMITS)
@click.option("--admin", is_flag=True, help="Its holder sees what everybody has used.")
def add_token(name: str, **limits: Any) -> None:
    """Make a token for NAME and print it: it is kept as a digest, and shown only now."""
    echo(_tokens().add(name, **limits))


@token.command("list")
@JSON_OPTION
def list_tokens(as_json: bool) -> None:
    """List the tokens' names and limits, and what they have used today."""
    from zimg_kernel.service.database import Database
    from zimg_kernel.service.options import service_folder
    from zimg_kernel.service.usage import Usage

    known = _tokens().all()
    usage = Usage(Database(service_folder())) if known else None
    rows = []
    for one in known:
        used = usage.today(one.id) if usage else None
        told = {name: getattr(one, name) for name in ("admin", *_LIMITED)}
        rows.append({"name": one.name, "id": one.id, **told, **(vars(used) if used else {})})
    if as_json:
        echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        pictures, seconds = (
            "" if row[limit] is None else f" of {row[limit]:g}" for limit in _LIMITED[1:]
        )
        echo(
            f"{row['name']}\t{row['pictures']}{pictures} pictures, {row['seconds']:.1f}{seconds} s "
            f"of drawing, {row['joules'] / 3600:.2f} Wh today"
            + ("" if row["rate"] is None else f"; {row['rate']} requests a minute")
            + ("; sees what all have used" if row["admin"] else "")
        )


@token.command("remove")
@click.argument("name")
def remove_token(name: str) -> None:
    """Let the holder of NAME's token in no more."""
    _tokens().remove(name)
    echo(f"The token of {name} is removed.")


def _tokens() -> Any:
    from zimg_kernel.service.options import service_folder
    from zimg_kernel.service.tokens import Tokens

    return Tokens(service_folder())
