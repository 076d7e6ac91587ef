"""A ComfyUI server's HTTP routes."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zimg_kernel import settings
from zimg_kernel.errors import BadInput, ZimgError

from .address import Address
from .history import mapping, sequence
from .refusals import ComfyUnreachable, invalid_prompt, no_comfy, refused, unreachable

if TYPE_CHECKING:
    import requests

TIMEOUT = 60.0
_CONNECT = 5.0  # seconds
_MOST_BYTES = 1 << 28  # of one answer
_FAILED = 1 << 10  # characters of an error page that are read


@dataclass(frozen=True)
class _Answer:
    status: int
    content: bytes


@dataclass(frozen=True)
class ServedFile:
    """A picture that lies at the server; attributes as in its history."""

    filename: str
    subfolder: str = ""
    type: str = "output"


class FileGone(ZimgError):
    """The server does not have a picture any more that it names."""

    default_code = "comfy-file-gone"


class ComfyServer:
    """Questions to a server; safe from several threads.

    Parameters
    ----------
    address : Address
    timeout : float
        Seconds in which it must begin to answer, and go on with it.
    """

    def __init__(self, address: Address, timeout: float = TIMEOUT) -> None:
        self.address, self.timeout = address, timeout
        self._threads = threading.local()

    def __repr__(self) -> str:
        return f"ComfyServer({self.address.shown!r})"

    @property
    def shown(self) -> str:
        """Its address, for messages."""
        return self.address.shown

    def stats(self) -> dict[str, Any]:
        """Return what it tells of itself: ``system`` and ``devices``."""
        found = self._json("GET", "/system_stats")
        if not isinstance(found.get("system"), dict):
            raise no_comfy(self.shown, "its /system_stats is another's")
        return found

    def node_inputs(self, name: str) -> dict[str, Any]:
        """Return the inputs of a kind of node by name; empty where there is no such node."""
        found = mapping(self._json("GET", f"/object_info/{name}").get(name))
        groups = mapping(found.get("input"))
        return {**mapping(groups.get("optional")), **mapping(groups.get("required"))}

    def queue_prompt(self, graph: dict[str, Any], prompt_id: str, client_id: str) -> str:
        """Queue a graph; return the id under which the server knows it.

        Raises
        ------
        BadInput
            The server refuses the graph.
        ComfyUnreachable
            It may have taken the graph or not.
        """
        body = {"prompt": graph, "prompt_id": prompt_id, "client_id": client_id}
        answer = self._ask("POST", "/prompt", json=body, accepted=(200, 400))
        found = self._parsed(answer)
        if answer.status == 400:
            raise invalid_prompt(self.shown, found)
        return str(found.get("prompt_id") or prompt_id)

    def history(self, prompt_id: str) -> dict[str, Any] | None:
        """Return what became of a prompt; None while it has not ended, or is unknown."""
        entry = self._json("GET", f"/history/{prompt_id}").get(prompt_id)
        return entry if isinstance(entry, dict) else None

    def queue(self) -> tuple[list[str], list[str]]:
        """Return the ids of the prompts that run, and of those that wait."""
        found = self._json("GET", "/queue")
        running, waiting = (
            [str(one[1]) for one in sequence(found.get(key)) if len(sequence(one)) > 1]
            for key in ("queue_running", "queue_pending")
        )
        return running, waiting

    def withdraw(self, prompt_id: str) -> None:
        """End a prompt, whether it waits or runs, and no other one."""
        self._ask("POST", "/queue", json={"delete": [prompt_id]})
        # Older servers do not read which prompt is meant, and would end anybody's.
        if prompt_id in self.queue()[0]:
            self._ask("POST", "/interrupt", json={"prompt_id": prompt_id})

    def upload(self, png: bytes, name: str, subfolder: str) -> str:
        """Put a picture among the server's inputs; return the name by which nodes find it."""
        found = self._parsed(
            self._ask(
                "POST", "/upload/image", files={"image": (name, png, "image/png")},
                data={"subfolder": subfolder, "type": "input"},
            )
        )  # fmt: skip
        folder = found.get("subfolder") or ""
        return f"{folder}/{found.get('name', name)}" if folder else str(found.get("name", name))

    def view(self, file: ServedFile) -> bytes:
        """Return the bytes of a picture.

        Raises
        ------
        FileGone
            It is not there.
        """
        params = {"filename": file.filename, "subfolder": file.subfolder, "type": file.type}
        answer = self._ask("GET", "/view", params=params, accepted=(200, 404))
        if answer.status == 404:
            raise FileGone(
                f"The ComfyUI server at {self.shown} has the picture {file.filename} no more: it "
                "was deleted there."
            )
        return answer.content

    def free(self) -> None:
        """Have it unload its models and free its memory."""
        self._ask("POST", "/free", json={"unload_models": True, "free_memory": True})

    def _json(self, method: str, route: str) -> dict[str, Any]:
        return self._parsed(self._ask(method, route))

    def _parsed(self, answer: _Answer) -> dict[str, Any]:
        try:
            found = json.loads(answer.content)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise no_comfy(self.shown, "its answer is no JSON object")
        return found

    def _ask(
        self, method: str, route: str, accepted: tuple[int, ...] = (200,), **more: Any
    ) -> _Answer:
        import requests

        # Redirects are not followed: they might take the token somewhere else.
        try:
            with self._session().request(
                method, self.address.url(route), timeout=(_CONNECT, self.timeout),
                allow_redirects=False, stream=True, **more,
            ) as response:  # fmt: skip
                answer = _Answer(response.status_code, _read(response))
                pause = response.headers.get("Retry-After", "")
        except requests.Timeout:
            raise unreachable(self.shown, f"not within {self.timeout:g} s") from None
        except (requests.RequestException, OSError, ValueError) as error:
            raise unreachable(self.shown, type(error).__name__) from None
        if answer.status not in accepted:
            text = answer.content[:_FAILED].decode(errors="replace")
            refusal = refused(self.shown, route, answer.status, text)
            if isinstance(refusal, ComfyUnreachable) and pause.isdecimal():
                refusal.pause = float(pause)
            raise refusal
        return answer

    def _session(self) -> requests.Session:
        """Return this thread's own: a session is not made for several."""
        session: requests.Session | None = getattr(self._threads, "session", None)
        if session is None:
            import requests

            session = requests.Session()
            headers = self.address.headers

            def show_token(request: Any) -> Any:
                request.headers.update(headers)
                return request

            session.auth = show_token  # and not what a .netrc has for this host
            self._threads.session = session
        return session


def _read(response: requests.Response) -> bytes:
    """Read an answer whole, up to a bound."""
    content = bytearray()
    for part in response.iter_content(1 << 16):
        content += part
        if len(content) > _MOST_BYTES:
            raise OSError("it does not end")
    return bytes(content)


def wanted_timeout() -> float:
    """Return ``ZIMG_COMFY_TIMEOUT`` in seconds, or the usual one."""
    told = settings.settings().comfy_timeout
    try:
        seconds = float(told) if told else TIMEOUT
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86400:
        raise BadInput(
            f"ZIMG_COMFY_TIMEOUT={told} is no time: give seconds above 0, such as 60.",
            code="wrong-type",
            field="ZIMG_COMFY_TIMEOUT",
        )
    return seconds
