"""Server process of the service: uvicorn on a socket of ours, ended gracefully."""

from __future__ import annotations

import logging
import os
import socket
import sys
from types import FrameType

import uvicorn

from zimg_kernel.errors import BadInput, ZimgError

from .app import create_app
from .context import ServiceContext
from .options import ServiceOptions

_SECONDS_FOR_ANSWERS = 5.0  # after which connections that are still open are cut


class _WithoutWebSockets(logging.Filter):
    """Filter that leaves out what uvicorn says of WebSockets that begin.

    It would name their paths, which may hold a token, and calls one that was refused a fault of
    the application; the guard says who was refused, and why.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is kept."""
        said = str(record.msg)
        dropped = ("WebSocket %s", "without completing handshake", "connection rejected")
        return not any(text in said for text in dropped)


class Server(uvicorn.Server):
    """Uvicorn that tells the service before it waits for answers to end.

    Parameters
    ----------
    context : ServiceContext
    """

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        config = uvicorn.Config(
            create_app(context), log_config=None, access_log=False, server_header=False,
            proxy_headers=False, lifespan="on", ws="websockets-sansio", ws_max_size=1 << 20,
            timeout_graceful_shutdown=int(_SECONDS_FOR_ANSWERS + context.options.grace),
            h11_max_incomplete_event_size=64 << 10, backlog=512,
        )  # fmt: skip
        super().__init__(config)
        log = logging.getLogger("uvicorn.error")
        if not any(isinstance(one, _WithoutWebSockets) for one in log.filters):
            log.addFilter(_WithoutWebSockets())

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take nothing more, and end when what is drawn has been answered; told twice, end now.

        Uvicorn would send itself the signal again in the end, so that a service that was ended
        as it should be would look like one that was killed.
        """
        if self.should_exit:
            # What was accepted is written down: the next start goes on with it.
            sys.stdout.flush()
            os._exit(128 + sig)
        self.should_exit = True
        self._context.stop()


def bind(options: ServiceOptions, tokens: bool) -> socket.socket:
    """Return a socket that listens where the options say.

    Parameters
    ----------
    tokens : bool
        Whether there are tokens; without one only programs of this machine may connect.

    Raises
    ------
    BadInput
        Others could connect, and nothing would keep them out.
    ZimgError
        The port is in use, or there is no such address.
    """
    if not options.loopback and not tokens:
        raise BadInput(
            f"On {options.host} others could draw, see and delete pictures: make a token first "
            "with zimg serve token add NAME, or listen on 127.0.0.1.",
            code="no-token",
            field="host",
        )
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((options.host, options.port))
        listening.listen(512)
    except OSError as error:
        listening.close()
        raise ZimgError(
            f"{options.host}:{options.port} cannot be listened on ({error.strerror or error}): "
            "choose another one with --port, or 0 for a free one.",
            code="port-in-use",
            field="port",
        ) from None
    return listening


def address_of(listening: socket.socket) -> str:
    """Return the URL of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
