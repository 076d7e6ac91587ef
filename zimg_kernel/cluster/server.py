"""Server of the shared engine: answers its clients, each on a connection of its own."""

from __future__ import annotations

import contextlib
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from zimg_kernel import __version__
from zimg_kernel.engine.default_model import default_model, likely_gpu
from zimg_kernel.engine.events_json import error_to_dict
from zimg_kernel.engine.job_json import job_to_dict
from zimg_kernel.engine.model_status import local_models
from zimg_kernel.errors import BadInput, ZimgError
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.params import GenerationParams

from .job_log import JobLog
from .overview import overview
from .resources import together
from .service import GalleryQueue, Service
from .wire import Message, Wire, accept, listen

_THREADS = 16  # that answer at the same time
_ENGINE_SECONDS = 120.0  # that a worker's engine may take to answer
_log = logging.getLogger(__name__)


class Server:
    """Socket of a service.

    Parameters
    ----------
    service : Service
    path : Path
        The socket's file.
    """

    def __init__(self, service: Service, path: Path) -> None:
        self._service = service
        self._path = path
        self._connections: set[Connection] = set()
        self._pool = ThreadPoolExecutor(_THREADS, "zimg-answer")

    def start(self) -> None:
        """Listen from now on."""
        self._listener = listen(self._path)
        threading.Thread(
            target=accept, args=(self._listener, self._take), name="zimg-accept", daemon=True
        ).start()

    def close(self) -> None:
        """End all connections."""
        self._listener.close()
        for connection in list(self._connections):
            connection.wire.close(wait=1)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take(self, wire: Wire) -> None:
        connection = Connection(self._service, wire)
        self._connections.add(connection)

        def serve() -> None:
            connection.serve(self._pool)
            self._connections.discard(connection)

        threading.Thread(target=serve, name="zimg-client", daemon=True).start()


class Connection:
    """One client: its gallery and user, and the jobs that it follows.

    Requests are objects ``{"id", "method", ...}``, answers ``{"id", "result"}`` or ``{"id",
    "error"}``; what becomes of followed jobs arrives as ``{"job", "first", "event"}``.
    """

    def __init__(self, service: Service, wire: Wire) -> None:
        self._service, self.wire = service, wire
        self._user = ""
        self._explained = False
        self._followed: dict[str, JobLog] = {}

    def serve(self, pool: ThreadPoolExecutor) -> None:
        """Answer until the client is gone; its jobs go on."""
        for message in self.wire.messages():
            # Cancelling and following are quick, and stay in the order in which they were asked.
            if message.get("method") in ("follow", "cancel"):
                self._answer(message)
            elif message.get("method") == "news":  # from a worker, which waits for no answer
                self._take_news(message)
            else:
                with contextlib.suppress(RuntimeError):  # the service is ending
                    pool.submit(self._answer, message)
        for log in self._followed.values():
            log.unfollow(self.wire.send)

    def _take_news(self, message: Message) -> None:
        told = message.get("messages")
        if isinstance(told, list) and told:
            if data := message.get("data"):
                told[-1]["result"] = data
            dispatcher = self._service.dispatcher
            dispatcher.soon(dispatcher.take_news, told)

    def _answer(self, message: Message) -> None:
        number = message.pop("id", None)
        name = str(message.pop("method", ""))
        method = getattr(self, f"_on_{name}", None)
        records = self._service.records
        try:
            if method is None:
                raise BadInput(
                    "The shared engine is of another version and does not know this request: "
                    "start it again (zimg down, then zimg up).",
                    code="unknown-request",
                )
            result = method(**message)
            records.asked(self._user, name, message)
            self.wire.send({"id": number, "result": result})
        except Exception as error:
            if not isinstance(error, BadInput | ZimgError):
                _log.exception("a request failed")
            records.asked(self._user, name, message, error)
            self.wire.send({"id": number, "error": error_to_dict(error)})

    def _on_hello(self, user: str) -> dict[str, Any]:
        allowed = self._service.place.options.users
        if allowed and user not in allowed:
            raise BadInput(
                f"The shared engine does not know the user {user}: it serves {', '.join(allowed)}.",
                code="unknown-user",
                field="user",
            )
        self._user = user
        return {"epoch": self._service.dispatcher.epoch, "version": __version__}

    def _queue(self, gallery: str | None) -> GalleryQueue:
        return GalleryQueue(self._service, _gallery(gallery), self._user)

    def _on_submit(
        self, job: str, params: dict[str, Any], gallery: str | None, **options: Any
    ) -> dict[str, Any]:
        options["notes"] = tuple(options["notes"])
        wanted = GenerationParams.from_dict(params)
        accepted = self._service.submit(
            job, wanted, _gallery(gallery), self._user, self._explained, **options
        )
        self._explained |= wanted.model is None
        return {**job_to_dict(accepted), "first": 0}

    def _on_check(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted = GenerationParams.from_dict(params)
        found = self._service.request_of(wanted, None, self._explained)
        return {"params": found.params.model_dump(mode="json"), "warnings": found.warnings}

    def _told(self, job: str) -> dict[str, Any]:
        log = self._service.logs[job]
        return {**job_to_dict(log.job), "first": log.first}

    def _on_follow(self, job: str, gallery: str | None) -> None:
        log = self._service.find(job, _gallery(gallery))
        if log is None:
            return
        if job in self._followed:  # it asks again, so it wants to hear all from the beginning
            self._followed[job].unfollow(self.wire.send)
        self._followed = {id: log for id, log in self._followed.items() if not log.job.finished}
        self._followed[job] = log
        log.follow(self.wire.send)

    def _on_find(self, job: str, gallery: str | None) -> dict[str, Any] | None:
        log = self._service.find(job, _gallery(gallery))
        return None if log is None else {**job_to_dict(log.job), "first": log.first}

    def _on_cancel(self, job: str, gallery: str | None) -> bool:
        return self._queue(gallery).cancel(job)

    def _on_move(self, job: str, position: int, gallery: str | None) -> None:
        self._queue(gallery).move(job, position)

    def _on_interrupted(self, gallery: str | None) -> list[dict[str, Any]]:
        return [
            {
                "id": found.id,
                "params": found.params.model_dump(mode="json"),
                "accepted": found.accepted.isoformat(),
            }
            for found in self._queue(gallery).interrupted()
        ]

    def _on_resume(self, job: str, gallery: str | None, again: bool) -> dict[str, Any] | None:
        known = self._service.logs.get(job)
        if again and known is not None and not known.job.finished:
            return self._told(job)
        resumed = self._queue(gallery).resume(job)
        return None if resumed is None else self._told(resumed.id)

    def _on_dismiss(self, job: str, gallery: str | None) -> None:
        self._queue(gallery).dismiss(job)

    def _on_jobs(self, gallery: str | None) -> list[str]:
        return [job.id for job in self._service.jobs(_gallery(gallery))]

    def _on_models(self) -> list[dict[str, Any]]:
        loaded = {model for seat in self._seats() for model in seat.warm}
        return [
            {
                "card": status.card.model_dump(mode="json"),
                "problem": status.problem,
                "remedy": status.remedy,
                "loaded": status.loaded,
                "default": status.default,
                "folder": str(status.folder) if status.folder else None,
            }
            for status in local_models(loaded, default_model(likely_gpu))
        ]

    def _seats(self) -> list[Any]:
        return list(self._service.dispatcher.seats.values())

    def _on_status(self) -> dict[str, Any]:
        return overview(self._service.dispatcher)

    def _on_spans(self) -> dict[str, list[tuple[float, float]]]:
        """Tell when each worker began and ended its last pictures, by its own clock."""
        return {seat.name: list(seat.spans) for seat in self._seats()}

    def _on_default_model(self) -> str:
        return default_model(likely_gpu)

    def _on_resources(self) -> dict[str, Any]:
        return asdict(together(self._ask_workers("resources")))

    def _on_metrics(self) -> str:
        return self._service.records.metrics.text()

    def _on_prepare(self) -> None:
        """Nothing to do: the workers are ready."""

    def _on_forget_prompts(self) -> None:
        self._ask_workers("forget_prompts")
        dispatcher = self._service.dispatcher
        dispatcher.soon(dispatcher.reuse.clear)

    def _on_unload(self, model: str | None) -> None:
        self._ask_workers("unload", model=model)

    def _ask_workers(self, method: str, **options: Any) -> list[Any]:
        dispatcher = self._service.dispatcher
        return list(dispatcher.ask(dispatcher.ask_all(method, **options)).result(_ENGINE_SECONDS))


def _gallery(folder: str | None) -> Gallery | None:
    return _gallery_in(folder) if folder else None


@lru_cache(maxsize=64)  # each has prepared its index once
def _gallery_in(folder: str) -> Gallery:
    return Gallery(Path(folder))
