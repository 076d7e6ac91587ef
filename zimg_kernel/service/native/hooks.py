"""Webhooks: a job as JSON to the address that its client has named."""

from __future__ import annotations

import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from zimg_kernel.service.context import ServiceContext
from zimg_kernel.service.served import Served

_TRIES = 4
_SECONDS = 10.0
_log = logging.getLogger(__name__)


class _NoRedirect(HTTPRedirectHandler):
    """A redirect would lead to a host that nobody has allowed."""

    def redirect_request(self, *args: object, **more: object) -> None:
        return None


class Hooks:
    """Calls webhooks, each a few times until it is taken.

    Parameters
    ----------
    context : ServiceContext
    """

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="zimg-hooks")
        self._open = build_opener(ProxyHandler({}), _NoRedirect()).open

    def on_end(self, served: Served) -> None:
        """Call the webhook of a job that has ended, if it has one."""
        if served.accepted.hook:
            self._threads.submit(self._call, served)

    def _call(self, served: Served) -> None:
        job = served.job
        told = {
            "id": job.id,
            "status": job.status,
            "pictures": [
                {"name": image.path.relative_to(self._context.gallery.folder).as_posix(),
                 "seed": image.seed}
                for image in job.images
                if image.path is not None
            ],
            "error": {"message": str(job.error), "code": getattr(job.error, "code", "error")}
            if job.error
            else None,
        }  # fmt: skip
        body = json.dumps(told, ensure_ascii=False).encode("utf-8", "backslashreplace")
        headers = {"Content-Type": "application/json", "User-Agent": "zimg"}
        for attempt in range(_TRIES):
            if self._context.stopping.is_set():  # the next start calls it
                return
            request = Request(served.accepted.hook, body, headers, method="POST")  # noqa: S310
            try:
                with self._open(request, timeout=_SECONDS) as answer:
                    if answer.status < 300:
                        self._context.accepted.hook_done(served.accepted.ref)
                        return
            except (URLError, OSError, ValueError) as error:
                _log.info("the webhook of %s was not taken (%s)", job.id, error)
            self._wait(0.5 * 2**attempt)
        self._context.audit.note("", "webhook", "failed", job=job.id)

    def _wait(self, seconds: float) -> None:
        """Wait, but not while the service ends: its process waits for this thread."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._context.stopping.is_set():
            time.sleep(0.05)
