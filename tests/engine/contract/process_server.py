"""Server of the tests' second engine: a LocalEngine behind lines of JSON on stdin and stdout."""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
from dataclasses import asdict
from typing import Any

from zimg_kernel import Gallery, GenerationParams, Job, LocalEngine
from zimg_kernel.engine.events_json import error_to_dict, event_to_dict
from zimg_kernel.engine.job_json import job_to_dict
from zimg_kernel.images.encode import png_bytes


class Server:
    """Answers requests ``{"id", "method", ...}`` and sends what becomes of the jobs."""

    def __init__(self, folder: str | None) -> None:
        self._engine = LocalEngine(Gallery(folder) if folder else None)
        self._jobs: dict[str, Job] = {}
        # Libraries print: what they say goes to stderr.
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self._lock = threading.Lock()

    def serve(self) -> None:
        """Answer until the client closes its end."""
        for line in sys.stdin:
            asked = json.loads(line)
            threading.Thread(target=self._answer, args=(asked,), daemon=True).start()
        self._engine.close()

    def _answer(self, asked: dict[str, Any]) -> None:
        method = getattr(self, f"_on_{asked.pop('method')}")
        number = asked.pop("id")
        try:
            self._send({"id": number, "result": method(**asked)})
        except Exception as error:
            self._send({"id": number, "error": error_to_dict(error)})

    def _send(self, message: dict[str, Any]) -> None:
        with self._lock:
            print(json.dumps(message), file=self._out, flush=True)

    def _on_submit(self, params: dict[str, Any], **options: Any) -> dict[str, Any]:
        options["notes"] = tuple(options["notes"])
        return self._known(self._engine.submit(GenerationParams.from_dict(params), **options))

    def _known(self, job: Job) -> dict[str, Any]:
        self._jobs[job.id] = job
        return job_to_dict(job)

    def _on_follow(self, job: str) -> None:
        for event in self._jobs[job].events():
            self._send({"job": job, "event": event_to_dict(event, job)})

    def _on_cancel(self, job: str) -> bool:
        return self._engine.cancel(job)

    def _on_move(self, job: str, position: int) -> None:
        self._engine.move(job, position)

    def _on_interrupted(self) -> list[dict[str, Any]]:
        return [
            {
                "id": found.id,
                "params": found.params.model_dump(mode="json"),
                "accepted": found.accepted.isoformat(),
            }
            for found in self._engine.interrupted()
        ]

    def _on_resume(self, job: str) -> dict[str, Any] | None:
        resumed = self._engine.resume(job)
        return None if resumed is None else self._known(resumed)

    def _on_dismiss(self, job: str) -> None:
        self._engine.dismiss(job)

    def _on_pixels(self, picture: str) -> str:
        job, _, index = picture.rpartition("/")
        return base64.b64encode(png_bytes(self._jobs[job].images[int(index)].image)).decode()

    def _on_check(self, params: dict[str, Any]) -> dict[str, Any]:
        checked = self._engine.check(GenerationParams.from_dict(params))
        return {"params": checked.params.model_dump(mode="json"), "warnings": checked.warnings}

    def _on_models(self) -> list[dict[str, Any]]:
        return [
            {
                "card": status.card.model_dump(mode="json"),
                "problem": status.problem,
                "remedy": status.remedy,
                "loaded": status.loaded,
                "default": status.default,
            }
            for status in self._engine.models()
        ]

    def _on_default_model(self) -> str:
        return self._engine.default_model()

    def _on_resources(self) -> dict[str, Any]:
        return asdict(self._engine.resources())

    def _on_jobs(self) -> list[str]:
        return [job.id for job in self._engine.jobs()]

    def _on_prepare(self) -> None:
        self._engine.prepare()

    def _on_forget_prompts(self) -> None:
        self._engine.forget_prompts()

    def _on_unload(self, model: str | None) -> None:
        self._engine.unload(model)

    def _on_close(self) -> None:
        self._engine.close()


if __name__ == "__main__":
    Server(sys.argv[1] if len(sys.argv) > 1 else None).serve()
