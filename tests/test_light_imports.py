"""Heavy libraries stay out of what works without them, each use in a fresh interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TORCH = {"torch", "diffusers", "transformers", "peft"}
USES = {
    "import zimg_kernel": {*TORCH, "pydantic", "PIL", "numpy"},
    "from zimg_kernel import GenerationParams, Gallery, GeneratedImage, LocalEngine": TORCH,
    "import zimg_kernel.cli.command": TORCH,
    "import zimg_kernel.images.metadata": {*TORCH, "pydantic_settings", "asyncio"},
    "import zimg_kernel.cluster.client": {*TORCH, "distributed", "dask", "cryptography"},
    "import zimg_kernel.comfy_client.engine, zimg_kernel.comfy_client.attach": {
        *TORCH,
        "distributed",
        "websockets",
    },
    "import zimg_kernel.intervals": TORCH,
    "from zimg_kernel.nano import TURBO": TORCH,
    "import zimg_kernel.nano.world.composites, zimg_kernel.nano.world.signs": TORCH,
    "import zimg_kernel.nano.text.landscape_captions, zimg_kernel.nano.draw.landscape_paint": TORCH,
    "from zimg_kernel import Gallery, LocalEngine; LocalEngine(Gallery()).interrupted()": TORCH,
    "from zimg_kernel.lora import inspect_lora, list_loras\n"
    "inspect_lora(LORA); list_loras()": TORCH,
    "from zimg_kernel.prompts import lint; lint('(猫:1.2)，8K' * 60, 'nano-turbo')": TORCH,
    "from zimg_kernel.prompts import template; template('food').expand(1)": TORCH,
    "from zimg_kernel.experiments.suite import Suite; Suite.load('text')\n"
    "import zimg_kernel.experiments.suite.runner": {*TORCH, "cv2", "rapidocr"},
    "from zimg_widgets import MemoryBar; MemoryBar().to_static_html()": TORCH,
    "import zimg_widgets.studio.widget": TORCH,
    "from zimg_widgets import ParamsForm; from zimg_kernel import GenerationParams\n"
    "form = ParamsForm(GenerationParams(prompt='x', model='nano-base'))\n"
    "form.params(); form.to_static_html(); form.model.show(None)": TORCH,
}
# One interpreter that has imported nothing; a fork of it for each use.
EACH = """
import json, os, sys
for number, code in enumerate(json.load(open(sys.argv[1]))):
    if not (child := os.fork()):
        exec(code, {"LORA": sys.argv[2]})
        with open(f"{sys.argv[1]}.{number}", "w") as file:
            json.dump(sorted(sys.modules), file)
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.fixture(scope="module")
def imported(lesson: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The modules that each use has imported; nothing for one that failed."""
    folder = tmp_path_factory.mktemp("imports")
    (folder / "uses").write_text(json.dumps(list(USES)))
    command = [sys.executable, "-c", EACH, str(folder / "uses"), str(lesson)]
    environment = {**os.environ, "ZIMG_HOME": str(folder / "home")}
    subprocess.run(command, check=True, env=environment)
    found: dict[str, set[str]] = {}
    for number, use in enumerate(USES):
        path = folder / f"uses.{number}"
        found[use] = set(json.loads(path.read_text())) if path.exists() else set()
    return found


@pytest.mark.parametrize("use", USES)
def test_it_brings_no_heavy_library(imported: dict[str, set[str]], use: str) -> None:
    assert "sys" in imported[use], "it failed: see what it printed"
    assert imported[use] & USES[use] == set()
