"""Command ``zimg doctor``: device, memory, disk, caches, models, versions, what to fix."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from zimg_kernel import settings
from zimg_kernel.errors import BadInput
from zimg_kernel.models.catalog import load_catalog
from zimg_kernel.models.weights import find_weights, free_disk

_PACKAGES = ("zimg-workbench", "torch", "diffusers", "transformers", "modelscope", "jupyterlab",
             "papermill", "pydantic", "pillow")  # fmt: skip


def examine() -> dict[str, Any]:
    """Return what was found, ready for JSON; ``fix`` lists what the user should do."""
    fix: list[str] = []
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "device": _device(fix),
        "memory": _memory(fix),
        "folders": _folders(fix),
        "models": _models(fix),
        "versions": _versions(fix),
        "fix": fix,
    }


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


def _memory(fix: list[str]) -> dict[str, Any]:
    import psutil

    memory = psutil.virtual_memory()
    if memory.available < 2e9:
        fix.append(f"Only {memory.available / 1e9:.1f} GB of RAM are free: close other programs.")
    return {"ram_free_gb": round(memory.available / 1e9, 1), "ram_gb": round(memory.total / 1e9, 1)}


def _folders(fix: list[str]) -> dict[str, Any]:
    places = {
        "gallery": settings.gallery_folder(),
        "modelscope_cache": settings.modelscope_cache(),
        "huggingface_cache": settings.huggingface_cache(),
        "own_models": settings.models_file(),
    }
    found: dict[str, Any] = {}
    for name, path in places.items():
        free = free_disk(path)
        found[name] = {
            "path": str(path),
            "exists": path.exists(),
            "disk_free_gb": round(free / 1e9, 1),
        }
    gallery = places["gallery"]
    there = next(folder for folder in (gallery, *gallery.parents) if folder.exists())
    if not os.access(there, os.W_OK):
        fix.append(f"Pictures cannot be written to {gallery}: set ZIMG_GALLERY to another folder.")
    if free_disk(gallery) < 1e9:
        fix.append(f"The disk of {gallery} is nearly full: make room, or set ZIMG_GALLERY.")
    return found


def _models(fix: list[str]) -> dict[str, Any]:
    try:
        cards = load_catalog()
    except BadInput as error:
        fix.append(str(error))
        return {}
    found = {}
    for card in cards.values():
        weights = find_weights(card)
        found[card.id] = "ready" if weights.ready else f"{weights.problem}; {weights.remedy}"
        if weights.problem and weights.folder is not None:  # there, but broken
            fix.append(f"The model {card.id} {weights.problem}; {weights.remedy}.")
    return found


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
    lines = [f"Python    {findings['python']} on {findings['system']}"]
    if device["name"]:
        lines.append(
            f"Device    {device['name']}, {device['free_gb']} of {device['total_gb']} GB free"
        )
    if "note" in device:
        lines.append(f"          {device['note']}")
    lines.append(f"RAM       {memory['ram_free_gb']} of {memory['ram_gb']} GB free")
    for name, place in findings["folders"].items():
        there = f"{place['disk_free_gb']} GB free" if place["exists"] else "not made yet"
        lines.append(f"{'Folder':9} {name}: {place['path']} ({there})")
    lines += [f"Model     {name}: {state}" for name, state in findings["models"].items()]
    versions = ", ".join(f"{name} {found}" for name, found in findings["versions"].items())
    lines.append(f"Versions  {versions}")
    lines += [f"To fix    {sentence}" for sentence in findings["fix"]] or ["Nothing to fix."]
    return "\n".join(lines)
