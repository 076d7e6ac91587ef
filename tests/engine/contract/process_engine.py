"""Engine of the tests whose models are in another process; everything passes as JSON."""

from __future__ import annotations

import base64
import io
import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from PIL import Image

from zimg_kernel.engine.checks import CheckedRequest
from zimg_kernel.engine.events_json import error_from_dict, event_from_dict
from zimg_kernel.engine.job import Job
from zimg_kernel.engine.job_json import job_from_dict
from zimg_kernel.engine.model_status import ModelStatus
from zimg_kernel.engine.plan import Plan
from zimg_kernel.engine.queue_entry import Interrupted
from zimg_kernel.engine.resources import Reading, Resources
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.models.card import ModelCard
from zimg_kernel.params import GenerationParams
from zimg_kernel.sampling.sampler import PreviewKind

_SERVER = Path(__file__).with_name("process_server.py")


class ProcessEngine:
    """Client of an engine in a process of its own, which shares the gallery's folder.

    Pictures of an edit are put into the gallery and travel as digests.
    """

    def __init__(self, gallery: Gallery | None = None) -> None:
        self.gallery = gallery
        command = [
            sys.executable,
            str(_SERVER),
            *([] if gallery is None else [str(gallery.folder)]),
        ]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._numbers = itertools.count()
        self._answers: dict[int, Future[Any]] = {}
        self._jobs: dict[str, Job] = {}
        self._listeners: list[Callable[[Job], None]] = []
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def models(self) -> list[ModelStatus]:
        return [
            ModelStatus(ModelCard.model_validate(status.pop("card")), **status)
            for status in self._ask("models")
        ]

    def default_model(self) -> str:
        return str(self._ask("default_model"))

    def check(self, params: GenerationParams, plan: Plan | None = None) -> CheckedRequest:
        found = self._ask("check", params=params.model_dump(mode="json"))
        return CheckedRequest(GenerationParams.from_dict(found["params"]), tuple(found["warnings"]))

    def submit(
        self,
        params: GenerationParams,
        *,
        preview: PreviewKind = "latent",
        save: bool = True,
        plan: Plan | None = None,
        notes: tuple[str, ...] = (),
        origin: str = "",
        priority: int = 0,
    ) -> Job:
        if plan is not None:
            self._keep(plan)
        accepted = self._ask(
            "submit",
            params=params.model_dump(mode="json"),
            preview=preview,
            save=save,
            notes=notes,
            origin=origin,
            priority=priority,
        )
        return self._follow(accepted)

    def _follow(self, accepted: dict[str, Any]) -> Job:
        job = job_from_dict(accepted)
        job.on_cancel(lambda: self._send("cancel", job=job.id))
        with self._lock:
            self._jobs[job.id] = job
        for listener in self._listeners:
            listener(job)
        self._send("follow", job=job.id)
        return job

    def jobs(self) -> list[Job]:
        with self._lock:
            known = dict(self._jobs)
        return [known[name] for name in self._ask("jobs") if name in known]

    def move(self, job_id: str, position: int) -> None:
        self._ask("move", job=job_id, position=position)

    def cancel(self, job_id: str) -> bool:
        return bool(self._ask("cancel", job=job_id))

    def interrupted(self) -> list[Interrupted]:
        return [
            Interrupted(
                found["id"],
                GenerationParams.from_dict(found["params"]),
                datetime.fromisoformat(found["accepted"]),
            )
            for found in self._ask("interrupted")
        ]

    def resume(self, job_id: str) -> Job | None:
        accepted = self._ask("resume", job=job_id)
        return None if accepted is None else self._follow(accepted)

    def dismiss(self, job_id: str) -> None:
        self._ask("dismiss", job=job_id)

    def on_submit(self, listener: Callable[[Job], None]) -> None:
        self._listeners.append(listener)

    def run(self, work: Any, model: str | None = None) -> NoReturn:
        raise BadInput(
            "The models of this engine are in another process.", code="tasks-not-supported"
        )

    def prepare(self) -> None:
        self._ask("prepare")

    def resources(self) -> Resources:
        found = self._ask("resources")
        memory = tuple(Reading(**reading) for reading in found["memory"])
        return Resources(found["device"], tuple(found["loaded"]), memory)

    def forget_prompts(self) -> None:
        self._ask("forget_prompts")

    def unload(self, model: str | None = None) -> None:
        self._ask("unload", model=model)

    def close(self) -> None:
        if self._process.poll() is None:
            self._ask("close")
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(60)
        self._reader.join(60)

    def _keep(self, plan: Plan) -> None:
        if self.gallery is None:
            raise BadInput("An edit needs a gallery here.", code="no-gallery", field="gallery")
        _ = [self.gallery.keep(one) for one in (*plan.inputs(), *filter(None, [plan.painted]))]

    def _send(self, method: str, **options: Any) -> Future[Any]:
        number = next(self._numbers)
        answer: Future[Any] = Future()
        self._answers[number] = answer
        assert self._process.stdin is not None
        with self._lock:
            print(
                json.dumps({"id": number, "method": method, **options}),
                file=self._process.stdin,
                flush=True,
            )
        return answer

    def _ask(self, method: str, **options: Any) -> Any:
        return self._send(method, **options).result(120)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            if "event" in said:
                job = self._jobs[said["job"]]
                event = event_from_dict(said["event"], job.images, self._pixels)
                job.report(event)
            elif "error" in said:
                self._answers.pop(said["id"]).set_exception(error_from_dict(said["error"]))
            else:
                self._answers.pop(said["id"]).set_result(said["result"])
        for answer in self._answers.values():
            answer.set_exception(ZimgError("The engine's process has ended.", code="gone"))

    def _pixels(self, picture: Mapping[str, Any]) -> Image.Image:
        data = base64.b64decode(self._ask("pixels", picture=picture["id"]))
        return Image.open(io.BytesIO(data))
