"""stable-diffusion.cpp through its Python binding, stable-diffusion-cpp-python, where installed."""

from __future__ import annotations

import ctypes
import re
import time
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

from zimg_kernel.errors import BadInput, ZimgError

from .competitor import Answer, Competitor, Request

_PARTS = ("llm", "vae", "t5xxl", "clip_l", "clip_g")
_WARNING = 2  # of sd_log_level_t (stable-diffusion.h): 0 debug, 1 info, 2 warning, 3 error
_PLACE = re.compile(r"^\S+:\d+\s+- ")  # source file and line


class _Log:
    """What the library warns of; the binding's own listener prints, and never that.

    There is one for a process and it stays, as the library holds no reference to it.
    """

    def __init__(self, binding: Any) -> None:
        self.warnings: list[str] = []
        self._kept = binding.sd_log_callback(self._keep)
        binding.sd_set_log_callback(self._kept, ctypes.c_void_p(0))

    @classmethod
    @cache
    def of(cls, binding: Any) -> _Log:
        """Return that of this binding."""
        return cls(binding)

    def _keep(self, level: int, text: bytes, data: Any) -> None:
        if level >= _WARNING:
            self.warnings.append(_PLACE.sub("", text.decode(errors="replace").strip()))


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
        self._warnings: list[str] = []
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
        self._warnings = _Log.of(binding).warnings
        self._warnings.clear()
        model = binding.StableDiffusion(**{main: str(self.file)}, **files, verbose=False)
        if not model.model:  # null, with which the binding goes on (0.4.7)
            model._model.model = None  # to free a null pointer ends the process
            raise BadInput(
                f"stable-diffusion.cpp cannot load {self.file.name}{self._why()}: name a whole "
                "checkpoint, or a diffusion model with its parts (llm=FILE,vae=FILE).",
                code="file-unreadable",
                field="sd-cpp",
            )
        self._model = model
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
        self._warnings.clear()
        try:
            images = self._model.generate_image(
                prompt=params.get("prompt", ""),
                cfg_scale=params.get("guidance") or 1.0,
                progress_callback=progress,
                **given,
            )
        except ValueError:  # of a null pointer instead of pictures
            raise ZimgError(
                f"stable-diffusion.cpp gave no picture{self._why()}.",
                code="drawing-failed",
                field="sd-cpp",
            ) from None
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

    def _why(self) -> str:
        return f" ({self._warnings[0]})" if self._warnings else ""

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
