"""Command ``zimg doctor``: program, device, memory, folders, models, versions, what to fix."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path
from typing import Any

from zimg_kernel import settings
from zimg_kernel.errors import BadInput
from zimg_kernel.models.card import ModelCard
from zimg_kernel.models.catalog import load_catalog
from zimg_kernel.models.fp8_file import fp8_path, fp8_state
from zimg_kernel.models.weights import find_weights, free_disk

_PACKAGE = "zimg_kernel"
_PACKAGES = ("zimg-workbench", "torch", "diffusers", "transformers", "modelscope", "jupyterlab",
             "papermill", "pydantic", "pillow")  # fmt: skip


def examine() -> dict[str, Any]:
    """Return what was found, ready for JSON; ``fix`` lists what the user should do."""
    fix: list[str] = []
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "program": _program(fix),
        "device": _device(fix),
        "speed": _speed(fix),
        "memory": _memory(fix),
        "folders": _folders(fix),
        "models": _models(fix),
        "comfyui": _comfyui(fix),
        "versions": _versions(fix),
        "fix": list(dict.fromkeys(fix)),  # several parts may have met the same fault
    }


def _program(fix: list[str]) -> dict[str, Any]:
    """Return where the package lies, and whose the command ``zimg`` is."""
    first = shutil.which("zimg")
    owners = sorted(
        {
            entry.dist.name if entry.dist else entry.value
            for entry in entry_points(group="console_scripts", name="zimg")
            if entry.module.split(".")[0] != _PACKAGE
        }
    )
    instead = "run this workbench as python -m zimg_kernel"
    if owners:
        fix.append(
            f"{', '.join(owners)} also installs a command called zimg into this Python, and the "
            f"one installed last has it: uninstall that package, or {instead}."
        )
    elif first is not None and not _is_ours(Path(first)):
        fix.append(
            f"The first zimg on the PATH, {first}, is another program's: put the folder "
            f"{Path(sys.executable).parent} before it, or {instead}."
        )
    return {
        "python": sys.executable,
        "package": str(Path(__file__).parents[1]),
        "command": first,
        "always": "python -m zimg_kernel",
    }


def _is_ours(command: Path) -> bool:
    """Return whether a command starts this package: a script of pip's names it."""
    try:
        return _PACKAGE.encode() in command.read_bytes()
    except OSError:
        return True  # not to be read, so nothing to say


def _device(fix: list[str]) -> dict[str, Any]:
    try:
        from zimg_kernel.models import device as devices

        device = devices.pick_device()
    except (BadInput, ImportError) as error:
        fix.append(str(error))
        return {"name": None}
    found = {
        "name": devices.describe(device),
        "free_gb": round(devices.free_bytes(device) / 1e9, 1),
        "total_gb": round(devices.total_bytes(device) / 1e9, 1),
    }
    if device.type == "cpu":
        found["note"] = "no GPU: the miniature draws in seconds here, the full models in minutes"
    return found


def _speed(fix: list[str]) -> dict[str, Any] | None:
    """Return how fast this device will draw, as far as settings and catalogue can be read."""
    try:
        from zimg_kernel.models import device as devices

        device = devices.pick_device()
    except (BadInput, ImportError):
        return None  # said of the device already
    from .doctor_speed import examine_or_tell

    return examine_or_tell(device, fix)


def _memory(fix: list[str]) -> dict[str, Any]:
    import psutil

    memory = psutil.virtual_memory()
    if memory.available < 2e9:
        fix.append(f"Only {memory.available / 1e9:.1f} GB of RAM are free: close other programs.")
    return {"ram_free_gb": round(memory.available / 1e9, 1), "ram_gb": round(memory.total / 1e9, 1)}


def _folders(fix: list[str]) -> dict[str, Any]:
    try:
        places = {
            "gallery": (settings.gallery_folder(), "ZIMG_GALLERY"),
            "cache": (settings.cache_folder(), "ZIMG_CACHE"),
            "loras": (settings.loras_folder(), "ZIMG_LORAS"),
            "modelscope_cache": (settings.modelscope_cache(), "MODELSCOPE_CACHE"),
            "huggingface_cache": (settings.huggingface_cache(), "HF_HUB_CACHE"),
            "own_models": (settings.models_file(), "ZIMG_MODELS"),
        }
    except BadInput as error:
        fix.append(str(error))
        return {}
    found: dict[str, Any] = {}
    for name, (path, variable) in places.items():
        free = free_disk(path)
        there = next(folder for folder in (path, *path.parents) if folder.exists())
        writable = os.access(there, os.W_OK)
        found[name] = {
            "path": str(path),
            "exists": path.exists(),
            "writable": writable,
            "disk_free_gb": round(free / 1e9, 1),
        }
        if not writable and name in ("gallery", "cache"):
            what = "Pictures" if name == "gallery" else "Embedded models"
            fix.append(f"{what} cannot be written to {path}: set {variable} to another folder.")
    gallery = places["gallery"][0]
    if free_disk(gallery) < 1e9:
        fix.append(f"The disk of {gallery} is nearly full: make room, or set ZIMG_GALLERY.")
    return found


def _models(fix: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    try:
        for card in load_catalog().values():
            weights = find_weights(card)
            found[card.id] = "ready" if weights.ready else f"{weights.problem}; {weights.remedy}"
            found[card.id] += _fp8(card, fix) if weights.ready else ""
            if weights.problem and weights.folder is not None:  # there, but broken
                fix.append(f"The model {card.id} {weights.problem}; {weights.remedy}.")
    except BadInput as error:
        if str(error) not in fix:
            fix.append(str(error))
    return found


def _comfyui(fix: list[str]) -> dict[str, Any] | None:
    from .doctor_comfy import examine_comfy

    return examine_comfy(fix)


def _fp8(card: ModelCard, fix: list[str]) -> str:
    """Return what to tell of a model's file of 8-bit weights."""
    state = fp8_state(card)
    if state == "stale":
        fix.append(
            f"The fp8 file of {card.id} is of other weights and is not used: make it anew with "
            f"zimg pull {card.id} --fp8, or delete {fp8_path(card)}."
        )
    return {"": "", "ready": ", with fp8 file", "stale": ", fp8 file of other weights"}[state]


def _versions(fix: list[str]) -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
            fix.append(f"{name} is not installed: pip install -e . -c constraints.txt")
    return found


def report(findings: dict[str, Any]) -> str:
    """Return the findings as lines for a terminal."""
    device, memory = findings["device"], findings["memory"]
    program = findings["program"]
    command = program["command"] or "not on the PATH"
    lines = [
        f"Python    {findings['python']} on {findings['system']}, {program['python']}",
        f"Program   {program['package']}",
        f"Command   zimg: {command}; always there: {program['always']}",
    ]
    if device["name"]:
        lines.append(
            f"Device    {device['name']}, {device['free_gb']} of {device['total_gb']} GB free"
        )
    if "note" in device:
        lines.append(f"          {device['note']}")
    if findings["speed"]:
        from .doctor_speed import speed_lines

        lines += speed_lines(findings["speed"])
    lines.append(f"RAM       {memory['ram_free_gb']} of {memory['ram_gb']} GB free")
    for name, place in findings["folders"].items():
        there = f"{place['disk_free_gb']} GB free" if place["exists"] else "not made yet"
        there += "" if place["writable"] else ", cannot be written"
        lines.append(f"{'Folder':9} {name}: {place['path']} ({there})")
    lines += [f"Model     {name}: {state}" for name, state in findings["models"].items()]
    if findings["comfyui"]:
        from .doctor_comfy import comfy_line

        lines.append(comfy_line(findings["comfyui"]))
    versions = ", ".join(f"{name} {found}" for name, found in findings["versions"].items())
    lines.append(f"Versions  {versions}")
    lines += [f"To fix    {sentence}" for sentence in findings["fix"]] or ["Nothing to fix."]
    return "\n".join(lines)
