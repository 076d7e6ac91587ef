"""Commands ``zimg up``, ``zimg down`` and ``zimg status``: the engine that all processes share."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from .console import JSON_OPTION, echo

_FILE = click.Path(exists=True, dir_okay=False, resolve_path=True)
_COUNT, _AMOUNT = click.IntRange(0), click.FloatRange(0)
_OPTIONS: tuple[tuple[str, Any, str, str], ...] = (
    ("--workers", click.IntRange(0, 64), "N",
     "Processes that draw; by default one on each GPU, or one on the CPU."),
    ("--job-seconds", _AMOUNT, "S", "Time limit of one job; 0 for none (the default)."),
    ("--quota", _COUNT, "N",
     "Pictures that one user may have waiting; 0 for no limit (the default)."),
    ("--idle-minutes", _AMOUNT, "M",
     "Minutes without work after which models leave the memory; 0 for never (the default)."),
    ("--hung-seconds", _AMOUNT, "S",
     "Seconds without a sign of life after which a process is replaced (60); 0 for never."),
    ("--host", str, "ADDRESS",
     "Where the scheduler listens (127.0.0.1); another one for workers of other hosts."),
    ("--port", click.IntRange(0, 65535), "N", "Port of the scheduler; a free one by default."),
    ("--scheduler", str, "ADDRESS",
     "A Dask scheduler that runs already, with its workers: tls://node1:8786."),
    ("--tls-ca", _FILE, "FILE", "Certificate authority of that scheduler."),
    ("--tls-cert", _FILE, "FILE", "Certificate to show there."),
    ("--tls-key", _FILE, "FILE", "Key of that certificate."),
    ("--dashboard", str, "ADDRESS",
     "Serve distributed's own dashboard, such as on 127.0.0.1:8787."),
    ("--metrics-port", click.IntRange(0, 65535), "N",
     "Serve Prometheus metrics on this port of 127.0.0.1."),
    ("--metrics-file", click.Path(dir_okay=False, resolve_path=True), "FILE",
     "Write them into FILE, for node-exporter's textfile collector (NAME.prom)."),
)  # fmt: skip


def _engine_options(command: Callable[..., None]) -> Callable[..., None]:
    for name, kind, shown, told in reversed(_OPTIONS):
        command = click.option(name, type=kind, metavar=shown, help=told)(command)
    return command


@click.command()
@_engine_options
@click.option("--user", "users", multiple=True, metavar="NAME",
              help="A name that clients may give as their user; by default any.")  # fmt: skip
@click.option("--foreground", is_flag=True, help="Stay, for systemd or supervisord.")
@click.option("--no-wait", is_flag=True, help="Do not wait until it answers.")
def up(foreground: bool, no_wait: bool, **given: Any) -> None:
    """Start one warm engine that all kernels, papermill runs and commands share.

    They use it by themselves, and without it draw on their own. It comes back whatever process
    is killed, until zimg down.
    """
    from zimg_kernel.cluster.control import run_engine, start_engine
    from zimg_kernel.cluster.options import Options

    named = {name: value for name, value in given.items() if value is not None}
    options = Options.from_dict({"workers": 0, **named})
    if foreground:
        run_engine(options)
        return
    place = start_engine(options, wait=not no_wait)
    said = f"{place.options.workers} worker{'s' * (place.options.workers != 1)}"
    if place.options.scheduler:
        said = f"the workers of {place.scheduler}"
    echo(f"The engine is {'starting' if no_wait else 'up'}: {said}, in {place.folder}.")


@click.command()
def down() -> None:
    """End the engine of this user; what waits is drawn when it is started again."""
    from zimg_kernel.cluster.control import stop_engine

    echo("The engine is down." if stop_engine() else "No engine runs.")


@click.command()
@JSON_OPTION
@click.option("--metrics", is_flag=True, help="Print its metrics for Prometheus.")
@click.option("--grafana", is_flag=True, help="Print a dashboard of them for Grafana, to import.")
def status(as_json: bool, metrics: bool, grafana: bool) -> None:
    """Tell who holds what: processes, users, queue, memory and speed of the engine."""
    from zimg_kernel.cluster.place import Place
    from zimg_kernel.cluster.status import read_dashboard, read_metrics, read_status

    if metrics or grafana:
        echo(read_metrics(Place.find()) if metrics else read_dashboard(), nl=False)
        return

    told = read_status(Place.find())
    echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else report(told))


def report(told: dict[str, Any]) -> str:
    """Return the status as text, a table for each part."""
    states = {
        "up": "The engine is up.",
        "starting": "The engine is starting: its service does not answer yet.",
        "down": "No engine runs: every process draws for itself (zimg up starts one).",
        "elsewhere": f"The engine of this home runs on {told.get('host')}.",
    }
    lines = [states[told["state"]]]
    if told["state"] == "up" and not told["matches"]:
        lines.append("It has other settings (ZIMG_...) than this shell, which does not use it.")
    lines += told.get("problems", [])
    if told["processes"]:
        rows = [
            (one["role"], one["pid"], _time(one["seconds"]), _size(one["memory"]))
            for one in told["processes"]
        ]
        lines += ["", *_table(("PROCESS", "PID", "UP", "MEMORY"), rows)]
    for name, rows in told.get("service", {}).items():
        if isinstance(rows, list) and rows and isinstance(rows[0], dict):
            heads = tuple(head.upper() for head in rows[0])
            cells = [tuple(_cell(head, value) for head, value in row.items()) for row in rows]
            lines += ["", f"{name.capitalize()}:", *_table(heads, cells)]
        elif not isinstance(rows, list | dict):
            lines.append(f"{name}: {_cell(name, rows)}")
    return "\n".join(lines)


def _cell(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    if name in ("memory", "bytes") and isinstance(value, int):
        return _size(value)
    if isinstance(value, float):
        return f"{value:.1f}"
    text = " ".join(str("-" if value in (None, "") else value).split())
    return text if len(text) <= 48 else text[:47] + "…"


def _table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> list[str]:
    cells = [head, *[tuple(map(str, row)) for row in rows]]
    wide = [max(len(row[i]) for row in cells) for i in range(len(head))]
    return ["  ".join(f"{c:{w}}" for c, w in zip(row, wide, strict=True)).rstrip() for row in cells]


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def _time(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
