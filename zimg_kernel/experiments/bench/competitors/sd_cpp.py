"""stable-diffusion.cpp through its Python binding, stable-diffusion-cpp-python, where installed."""

from __future__ import annotations

import time
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

from zimg_kernel.errors import BadInput, ZimgError

from .competitor import Answer, Competitor, Request

_PARTS = ("llm", "vae", "t5xxl", "clip_l", "clip_g")


class SdCppCompetitor(Competitor):
    """One model file of stable-diffusion.cpp.

    Parameters
    ----------
    file : Path
        The diffusion model (.gguf or .safetensors); a whole checkpoint where no parts are named.
    parts : dict of str to str
        Files of its parts: ``llm`` (Z-Image's text encoder), ``vae``, ``t5xxl``, ``clip_l``,
        ``clip_g``.
    """

    kind = "sd-cpp"

    def __init__(self, file: Path, parts: dict[str, str] | None = None) -> None:
        self.file, self._parts = file, parts or {}
        unknown = sorted(set(self._parts) - set(_PARTS))
        if unknown:
            raise BadInput(
                f"stable-diffusion.cpp has no part {unknown[0]!r} here: name {', '.join(_PARTS)}.",
                code="unknown-choice",
                field="sd-cpp",
            )
        self.name = f"sd-cpp:{file.stem}"
        self._model: Any = None
        self._first_load: float | None = None

    def ready(self) -> None:
        """Load the model file."""
        if self._model is not None:
            return
        try:
            binding = import_module("stable_diffusion_cpp")
        except (ImportError, OSError):
            raise ZimgError(
                "stable-diffusion.cpp is not installed: pip install stable-diffusion-cpp-python "
                "(which compiles it, with CMake and a C++ compiler), or leave it out.",
                code="not-installed",
                field="sd-cpp",
            ) from None
        began = time.perf_counter()
        main = "diffusion_model_path" if self._parts else "model_path"
        files = {f"{name}_path": str(path) for name, path in self._parts.items()}
        self._model = binding.StableDiffusion(**{main: str(self.file)}, **files, verbose=False)
        self._first_load = self._first_load or time.perf_counter() - began

    def draw(self, request: Request) -> Answer:
        """Draw, and write the first picture as PNG; guidance 0 is its cfg_scale 1."""
        params, marks = request.params, []
        named = {"width": "width", "height": "height", "sample_steps": "steps", "seed": "seed",
                 "batch_count": "count", "negative_prompt": "negative_prompt"}  # fmt: skip
        given = {theirs: params[ours] for theirs, ours in named.items()
                 if params.get(ours) is not None}  # fmt: skip
        given.setdefault("sample_steps", 8)

        def progress(step: int, steps: int, seconds: float) -> None:
            marks.append(time.perf_counter())

        began = time.perf_counter()
        images = self._model.generate_image(
            prompt=params.get("prompt", ""),
            cfg_scale=params.get("guidance") or 1.0,
            progress_callback=progress,
            **given,
        )
        drawn = time.perf_counter()
        path = request.folder / f"{request.name}.png"
        images[0].save(path)
        return Answer(
            images=list(images),
            times={"draw": drawn - began, "save": time.perf_counter() - drawn},
            steps=[round(b - a, 5) for a, b in pairwise(marks[: given["sample_steps"]])],
            params=params,
            path=path,
        )

    def facts(self) -> dict[str, Any]:
        """Return the file and what loading it took."""
        known = {"title": f"stable-diffusion.cpp, {self.file.name}", "file": self.file.name,
                 "download_gb": round(self.file.stat().st_size / 1e9, 3),
                 "load_s": self._first_load}  # fmt: skip
        return {name: value for name, value in known.items() if value is not None}

    def recover(self) -> None:
        """Unload the model file."""
        self._model = None

    close = recover
