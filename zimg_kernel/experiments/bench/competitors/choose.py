"""Competitors by their names on the command line."""

from __future__ import annotations

from pathlib import Path

from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput

from .competitor import Competitor
from .engine import EngineCompetitor

GRAMMAR = (
    "a model's id, MODEL@PROFILE (such as fp32, fast, exact+8GB or onnx), cluster:MODEL, "
    "stock:MODEL, comfyui:URL, comfyui:URL,workflow=FILE or sd-cpp:FILE,llm=FILE,vae=FILE"
)


def competitor(name: str, engine: Engine) -> Competitor:
    """Return the competitor of a name.

    Parameters
    ----------
    name : str
        A model's id (drawn by ``engine``), with a load profile behind it such as ``@fp32``,
        ``@fast``, ``@exact+8GB`` or ``@onnx`` (:func:`.engine.profile_settings`),
        ``cluster:MODEL`` (the shared engine of ``zimg up``), ``stock:MODEL``,
        ``comfyui:URL[,workflow=FILE]`` or ``sd-cpp:FILE[,llm=FILE,vae=FILE]``.

    Raises
    ------
    BadInput
        There is no such model or kind, no shared engine, or a file is not there.
    """
    kind, colon, rest = name.partition(":")
    if not colon:
        model, _, profile = name.partition("@")
        return EngineCompetitor(model, engine, profile=profile or None)
    place, *more = rest.split(",")
    options = dict(_option(name, part) for part in more)
    if kind == "stock" and not options:
        from .stock import StockCompetitor

        return StockCompetitor(place, engine)
    if kind == "cluster" and not options:
        from .shared_engine import SharedEngineCompetitor

        return SharedEngineCompetitor(place)
    if kind == "comfyui" and set(options) <= {"workflow"}:
        from .comfyui import ComfyCompetitor

        workflow = options.get("workflow")
        return ComfyCompetitor(place, Path(workflow) if workflow else None)
    if kind == "sd-cpp":
        from .sd_cpp import SdCppCompetitor

        for file in (place, *options.values()):
            if not Path(file).is_file():
                raise BadInput(f"There is no file {file}.", code="file-missing", field="model")
        return SdCppCompetitor(Path(place), options)
    raise BadInput(
        f"{name!r} names no competitor: write {GRAMMAR}.", code="unknown-competitor", field="model"
    )


def _option(name: str, part: str) -> tuple[str, str]:
    key, equals, value = part.partition("=")
    if not equals or not value:
        raise BadInput(
            f"{part!r} in {name!r} is no NAME=FILE: write {GRAMMAR}.",
            code="unknown-competitor",
            field="model",
        )
    return key, value
