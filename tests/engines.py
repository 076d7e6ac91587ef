"""An engine around another one, for tests that count, refuse or interrupt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zimg_kernel import GenerationParams, Job
from zimg_kernel.engine.checks import CheckedRequest
from zimg_kernel.engine.model_status import ModelStatus
from zimg_kernel.engine.plan import Plan
from zimg_kernel.engine.protocol import Engine
from zimg_kernel.engine.queue_entry import Interrupted
from zimg_kernel.engine.resources import Resources
from zimg_kernel.engine.task import ModelTask
from zimg_kernel.gallery import Gallery


class Around:
    """An engine that hands everything on to another one."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def gallery(self) -> Gallery | None:
        return self.engine.gallery

    def models(self) -> list[ModelStatus]:
        return self.engine.models()

    def default_model(self) -> str:
        return self.engine.default_model()

    def check(self, params: GenerationParams, plan: Plan | None = None) -> CheckedRequest:
        return self.engine.check(params, plan)

    def submit(self, params: GenerationParams, **options: Any) -> Job:
        return self.engine.submit(params, **options)

    def jobs(self) -> list[Job]:
        return self.engine.jobs()

    def move(self, job_id: str, position: int) -> None:
        self.engine.move(job_id, position)

    def cancel(self, job_id: str) -> bool:
        return self.engine.cancel(job_id)

    def interrupted(self) -> list[Interrupted]:
        return self.engine.interrupted()

    def resume(self, job_id: str) -> Job | None:
        return self.engine.resume(job_id)

    def dismiss(self, job_id: str) -> None:
        self.engine.dismiss(job_id)

    def on_submit(self, listener: Callable[[Job], None]) -> None:
        self.engine.on_submit(listener)

    def run(self, work: Callable[..., Any], model: str | None = None) -> ModelTask:
        return self.engine.run(work, model)

    def prepare(self) -> None:
        self.engine.prepare()

    def resources(self) -> Resources:
        return self.engine.resources()

    def forget_prompts(self) -> None:
        self.engine.forget_prompts()

    def unload(self, model: str | None = None) -> None:
        self.engine.unload(model)

    def close(self) -> None:
        self.engine.close()
