"""Models of the catalogue, drawn by an engine: each phase is timed by events of its job."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zimg_kernel.engine.events import Event, Finished, Step
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.local import LocalEngine
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput
from zimg_kernel.experiments.suite.fingerprint import model_fingerprint
from zimg_kernel.images.image import GeneratedImage
from zimg_kernel.models.catalog import get_card
from zimg_kernel.params import GenerationParams

from ..one_thread import STEPS, one_thread
from ..thread_clock import ThreadClock
from .competitor import Answer, Competitor, Request

if TYPE_CHECKING:
    from zimg_kernel.models.loaded_model import LoadedModel

    from ..between_steps import BetweenSteps

_SETTINGS = (
    ("ZIMG_RUNTIME", re.compile("torch|onnx|onnx-int8")),
    ("ZIMG_SPEED", re.compile("exact|fast|stock")),
    ("ZIMG_MEMORY", re.compile(r"\d+(\.\d+)?GB?", re.IGNORECASE)),
    ("ZIMG_DTYPE", re.compile("(bf|fp|float|bfloat)(16|32)")),
)
"""What the words of a load profile set: the first that fits."""
_PHASES = ("text_encoder", "transformer", "vae")


class EngineCompetitor(Competitor):
    """One model of the catalogue on an engine.

    Parameters
    ----------
    model : str
        Its id.
    engine : Engine
        What draws; several competitors may share one, as users do.
    params : dict, optional
        Parameters that every request of it gets, such as ``{"steps": 9}``.
    name : str, optional
        By default the model's id.
    profile : str, optional
        How to load the model, where the engine is in this process: number format, way of computing,
        memory of the GPU to keep to, and what runs the modules, such as ``fp32``, ``fast``,
        ``exact+8GB`` or ``onnx``; as settings and card ask for otherwise.
    knows_prompts : bool
        Let the engine use embeddings of prompts that it has seen; otherwise every picture encodes
        its prompt, as stock pipelines do.
    """

    kind = "engine"

    def __init__(
        self,
        model: str,
        engine: Engine,
        params: dict[str, Any] | None = None,
        name: str | None = None,
        profile: str | None = None,
        knows_prompts: bool = False,
    ) -> None:
        self._profile = profile_settings(profile or "")
        self._knows_prompts = knows_prompts
        self.card = get_card(model)
        self.name = name or (f"{self.card.id}@{profile}" if profile else self.card.id)
        self._engine, self._params = engine, params or {}
        self.in_process = isinstance(engine, LocalEngine)
        self._job: Job | None = None
        self._first_load: float | None = None

    def ready(self) -> None:
        """Load the model, where the engine is in this process and has it not."""
        if not self._knows_prompts:
            self._engine.forget_prompts()
        began = time.perf_counter()
        if not self._with_model(lambda model: True):
            return
        if self._first_load is None:
            self._first_load = time.perf_counter() - began

    def warms(self, params: Mapping[str, Any]) -> Hashable | None:
        """Return the size alone in this process, where pictures are drawn one by one."""
        return super().warms({**params, "count": 1} if self.in_process else params)

    def draw(self, request: Request) -> Answer:
        """Draw with step events, as a notebook does, but without previews."""
        params = self._params_of(request)
        listener = _Clock(self.in_process)
        with environment_of(self._profile):
            job = self._job = self._engine.submit(params, preview="none")
            job.on_event(listener)
            images = job.results()
        return _answer(job, images, listener)

    def steps_alone(self, request: Request, between: BetweenSteps) -> dict[str, float]:
        """Draw some steps once more on one thread of a CPU; return what they spent."""
        runtime = self._with_model(lambda model: model.profile and model.profile.runtime)
        if runtime != "torch":
            return {}
        params = self._params_of(request)
        steps = min(self.card.fill(params).steps or 1, STEPS)
        listener = _Clock(True, between)

        def run(work: Callable[[], Any]) -> Any:
            return self._with_model(lambda model: work())

        with one_thread(run) as alone, environment_of(self._profile):
            job = self._job = self._engine.submit(
                params.replace(steps=steps, count=1), preview="none", save=False
            )
            job.on_event(listener)
            job.results()
        return listener.thread.spent_alone() if alone else {}

    def _params_of(self, request: Request) -> GenerationParams:
        return GenerationParams.from_dict(
            {"prompt": "", **request.params, **self._params, "model": self.card.id}
        )

    def facts(self) -> dict[str, Any]:
        """Return the model's card in short, its fingerprint, and what loading it took."""
        card = self.card
        known = {
            "model": card.id,
            "title": card.title,
            "family": card.family,
            "licence": card.licence,
            "steps": card.steps,
            "guidance": card.guidance,
            "fingerprint": model_fingerprint(card, self._engine),
            "download_gb": card.download_gb,
            "load_s": self._first_load,
            **self._in_memory(),
            "engine": type(self._engine).__name__,
        }
        return {name: value for name, value in known.items() if value not in (None, "")}

    def _in_memory(self) -> dict[str, Any]:
        """Return how the model stands in memory; nothing where that is another process's."""
        return self._with_model(_of_model) or {}

    def _with_model(self, work: Callable[[LoadedModel], Any]) -> Any:
        """Return what a function makes of the loaded model, or None where that is elsewhere."""
        if not self.in_process:
            return None
        try:
            with environment_of(self._profile):
                return self._engine.run(lambda model, stop: work(model), self.card.id).result()
        except BadInput as error:
            if error.code != "tasks-not-supported":
                raise
            return None

    def cancel(self) -> None:
        """Cancel the job."""
        if self._job is not None:
            self._job.cancel()

    def recover(self) -> None:
        """Unload the model; the next :meth:`ready` loads it again."""
        self._engine.unload(self.card.id)


def profile_settings(words: str) -> dict[str, str]:
    """Return the settings that a load profile's words stand for: ``fp32``, ``fast+8GB``.

    Raises
    ------
    BadInput
        A word is missing, or two of them say the same thing.
    """
    found: dict[str, str] = {}
    for word in words.split("+") if words else ():
        name = next((name for name, known in _SETTINGS if known.fullmatch(word)), "")
        if not name or name in found:
            raise BadInput(
                f"{words!r} is no load profile: write a number format, a way of computing (exact, "
                "fast, stock), a memory to keep to and what runs the modules (torch, onnx, "
                "onnx-int8), each at most once, such as bf16+fast+8GB.",
                code="unknown-competitor",
                field="model",
            )
        found[name] = word
    return found


@contextmanager
def environment_of(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _of_model(model: LoadedModel) -> dict[str, Any]:
    """Return load profile, device, and 10**9 bytes of the weights of a loaded model."""
    parts = [part for part in model.pipe.components.values() if hasattr(part, "parameters")]
    held = {p.data_ptr(): p.nbytes for part in parts for p in part.parameters()}
    return {
        "weights_gb": round(sum(held.values()) / 1e9, 3),
        "dtype": str(model.dtype).removeprefix("torch."),
        "device": str(model.device),
        "offloaded": model.offloaded,
        "speed": model.profile.speed if model.profile else None,
        "runtime": model.profile.runtime if model.profile else None,
        "memory_kept_to_gb": (model.profile.memory or None) if model.profile else None,
    }


class _Clock:
    """Listener that notes when the first picture was saved, and what its steps spent here."""

    def __init__(self, in_process: bool, between: BetweenSteps | None = None) -> None:
        self.saved: datetime | None = None
        self.thread = ThreadClock(between)
        self._in_process = in_process

    def __call__(self, event: Event) -> None:
        if self._in_process and isinstance(event, Step) and event.index == 0:
            self.thread.mark()
        if isinstance(event, Finished) and self.saved is None:
            self.saved = datetime.now().astimezone()


def _answer(job: Job, images: list[GeneratedImage], clock: _Clock) -> Answer:
    first = images[0]
    times = {name: _sum(images, name) for name in _PHASES if name in first.timings}
    if "total" in first.timings:
        times["draw"] = _sum(images, "total")
    if job.started is not None:
        times["queue"] = (job.started - job.accepted).total_seconds()
    if first.path is not None and clock.saved is not None:
        times["save"] = max(0.0, (clock.saved - first.created).total_seconds())
    return Answer(
        images=[image.image for image in images],
        times=times,
        resources=clock.thread.spent(),
        steps=list(first.step_seconds),
        params=first.params.model_dump(mode="json"),
        path=first.path,
    )


def _sum(images: list[GeneratedImage], name: str) -> float:
    return sum(image.timings.get(name, 0.0) for image in images)
