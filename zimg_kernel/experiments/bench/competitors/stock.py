"""Stock diffusers pipelines: a model's folder, called as diffusers' own documentation does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zimg_kernel.engine.protocol import Engine
from zimg_kernel.errors import BadInput
from zimg_kernel.models.catalog import get_card
from zimg_kernel.params import GenerationParams

from ..one_thread import STEPS, one_thread
from ..thread_clock import ThreadClock
from .competitor import Answer, Competitor, Request

if TYPE_CHECKING:
    from ..between_steps import BetweenSteps


class StockCompetitor(Competitor):
    """The plain pipeline of a model of the catalogue, with a PNG at the end.

    Parameters
    ----------
    model : str
        Its id.
    engine : Engine, optional
        On a CPU the pipeline is called in its thread where it has one here: two threads that both
        use OpenMP in one process would slow each other down.
    """

    kind = "stock"

    def __init__(self, model: str, engine: Engine | None = None) -> None:
        self._engine = engine
        self.card = get_card(model)
        self.name = f"stock:{self.card.id}"
        self._pipe: Any = None
        self._first_load: float | None = None

    def ready(self) -> None:
        """Load the pipeline onto the device that the engine would take."""
        if self._pipe is not None:
            return
        from zimg_kernel.models.device import pick_device, pick_dtype
        from zimg_kernel.models.loaded_model import pipeline_class
        from zimg_kernel.models.weights import require_weights

        began, device = time.perf_counter(), pick_device()
        self._pipe = pipeline_class(self.card.pipeline).from_pretrained(
            require_weights(self.card),
            dtype=pick_dtype(self.card, device),
            local_files_only=True,
            use_safetensors=True,
        )
        self._pipe.to(device)
        self._pipe.set_progress_bar_config(disable=True)
        self._first_load = self._first_load or time.perf_counter() - began

    def draw(self, request: Request) -> Answer:
        """Draw, and write the first picture as PNG."""
        answer: Answer = self._where_drawn(lambda: self._draw(request))
        return answer

    def steps_alone(self, request: Request, between: BetweenSteps) -> dict[str, float]:
        """Draw some steps once more on one thread of a CPU; return what they spent."""
        if self._pipe.device.type != "cpu":
            return {}
        params = self._params_of(request)
        params = params.replace(steps=min(params.steps or 1, STEPS), count=1)
        steps = _StepClock(self._pipe._execution_device, between)
        with one_thread(self._where_drawn) as alone:
            self._where_drawn(lambda: self._call(params, steps))
        return steps.thread.spent_alone() if alone else {}

    def _where_drawn(self, work: Callable[[], Any]) -> Any:
        """Return what a function makes in the thread that draws."""
        if self._engine is None or self._pipe.device.type != "cpu":
            return work()
        try:
            task = self._engine.run(lambda model, stop: work(), self.card.id)
        except BadInput as error:
            if error.code != "tasks-not-supported":
                raise
            return work()
        return task.result()

    def _params_of(self, request: Request) -> GenerationParams:
        given = GenerationParams.from_dict({"prompt": "", **request.params, "model": self.card.id})
        return self.card.fill(given)

    def _call(self, params: GenerationParams, steps: _StepClock) -> list[Any]:
        """Return the pictures."""
        import torch

        more: dict[str, Any] = {"negative_prompt": params.negative_prompt or None}
        return list(
            self._pipe(
                prompt=params.prompt,
                width=params.width,
                height=params.height,
                num_inference_steps=params.steps,
                guidance_scale=params.guidance,
                generator=torch.Generator("cpu").manual_seed(params.seed),
                num_images_per_prompt=params.count,
                callback_on_step_end=steps,
                **(more if params.guidance else {}),
            ).images
        )

    def _draw(self, request: Request) -> Answer:
        params = self._params_of(request)
        steps = _StepClock(self._pipe._execution_device)
        began = time.perf_counter()
        images = self._call(params, steps)
        drawn = time.perf_counter()
        path = request.folder / f"{request.name}.png"
        images[0].save(path)
        for number, image in enumerate(images[1:], 1):
            image.save(request.folder / f"{request.name}-{number}.png")
        return Answer(
            images=images,
            times={"draw": drawn - began, "save": time.perf_counter() - drawn},
            steps=steps.seconds(),
            resources=steps.thread.spent(),
            params=params.model_dump(mode="json"),
            path=path,
        )

    def facts(self) -> dict[str, Any]:
        """Return the model and what loading it took."""
        known = {"model": self.card.id, "title": f"{self.card.title}, stock diffusers",
                 "family": self.card.family, "steps": self.card.steps,
                 "guidance": self.card.guidance, "load_s": self._first_load}  # fmt: skip
        return {name: value for name, value in known.items() if value is not None}

    def cancel(self) -> None:
        """Have the pipeline stop at its next step."""
        if self._pipe is not None:
            self._pipe._interrupt = True

    def recover(self) -> None:
        """Unload the pipeline."""
        from zimg_kernel.models.device import pick_device, release_memory

        self._pipe = None
        release_memory(pick_device())

    close = recover


class _StepClock:
    """Callback that marks each step's end; the first step has no beginning and is left out."""

    def __init__(self, device: Any, between: BetweenSteps | None = None) -> None:
        from zimg_kernel.models.device import Stopwatch

        self._device, self._new = device, Stopwatch
        self._watch: Stopwatch | None = None
        self.thread = ThreadClock(between)

    def __call__(self, pipe: Any, index: int, time: Any, state: dict[str, Any]) -> dict[str, Any]:
        if self._watch is None:
            self._watch = self._new(self._device)
        else:
            self._watch.mark(str(index))
        self.thread.mark()
        return {}

    def seconds(self) -> list[float]:
        """Return the seconds of the steps from the second on."""
        return list(self._watch.seconds().values()) if self._watch else []
