"""Published clients of ComfyUI, unchanged, with their ways of showing a token."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .comfy_client import Client
from .graphs import turbo

_seeds = itertools.count(100)


@pytest.fixture
def run(client: Client, tmp_path: Path) -> Any:
    """Run one client in a process of its own; return what it told."""

    def run(name: str) -> dict[str, Any]:
        graph = turbo(seed=next(_seeds))
        graph["9"]["_meta"] = {"title": "Save Image"}
        file = tmp_path / "graph.json"
        file.write_text(json.dumps(graph))
        script = Path(__file__).with_name("published_clients.py")
        command = [sys.executable, str(script), name, client.url, client.token, str(file)]
        environment = os.environ | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, timeout=150, env=environment
        )
        assert done.returncode == 0, done.stderr[-3000:]
        line = next(row for row in done.stdout.splitlines() if "TOLD {" in row)
        told: dict[str, Any]
        told, _ = json.JSONDecoder().raw_decode(line.partition("TOLD ")[2])
        return told

    return run


SIDE = [128, 128]


def test_comfykit(run: Any, client: Client) -> None:
    """Its key goes into the body, too, where it is not kept."""
    drawn = {"status": "completed", "message": None, "sizes": [SIDE]}
    assert run("comfykit_ways") == {"ways": [drawn, drawn, drawn]}
    entries = client.get("/history").json().values()
    assert len(entries) == 3
    assert not any("api_key_comfy_org" in entry["prompt"][3] for entry in entries)


def test_comfy_script(run: Any) -> None:
    """Its second run repeats the first: it hears the end although nothing is drawn."""
    assert run("comfy_script")["sizes"] == [SIDE, SIDE]


def test_comfy_api_simplified(run: Any) -> None:
    """It takes previews for pictures, so there are none unless somebody asks."""
    told = run("comfy_api_simplified")
    assert told["names"] == told["again"] == ["z-image_00001_.png"]
    assert told["sizes"] == [SIDE]
    assert told["sent"] == {
        "name": "sent.png", "subfolder": "default_upload_folder", "type": "input",
    }  # fmt: skip
    assert told["queue"] == {"queue_running": [], "queue_pending": []}


def test_comfy_headless(run: Any) -> None:
    told = run("comfy_headless")
    assert told["success"]
    assert told["online"]
    assert told["sizes"] == [SIDE]
    assert "nano-turbo.safetensors" in told["checkpoints"]


def test_comfy_toolkit(run: Any) -> None:
    told = run("comfy_toolkit")
    assert told == {"sizes": [SIDE, SIDE], "steps": [1, 2], "online": True}


def test_comfy_sdk(run: Any) -> None:
    told = run("comfy_sdk")
    assert told["sizes"] == [SIDE, SIDE]
    assert told["kinds"] == ["OutputReady", "Preview", "Progress", "StatusChange"]
    assert told["created"] == [True, False]
    assert told["refused"] == "invalid_workflow"
    assert told["listed"]
    assert told["graph"] == "KSampler"


def test_comfy_api_proxy(run: Any) -> None:
    told = run("comfy_api_proxy")
    assert told["sizes"] == [SIDE]
    assert "Progress" in told["kinds"]
