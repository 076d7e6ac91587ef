"""Widget test page: a Python widget in this process, its script in Chromium, no JupyterLab.

The widget is the real object and its module the text of ``_esm``, loaded as anywidget loads it.
A thread with an event loop stands for the kernel: it handles the messages of the page, one
after the other, over a WebSocket. What a kernel and JupyterLab add (cells that run, saved
notebooks, their own keys) is tested with the ``lab`` fixture instead.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import comm
from comm.base_comm import BaseComm
from ipywidgets import Widget
from playwright.sync_api import Locator, Page
from tornado import httpserver, netutil, web, websocket

FOLDER = Path(__file__).parent
_THEMES = Path(sys.prefix) / "share/jupyter/lab/themes/@jupyterlab"
Result = TypeVar("Result")


def wait_for(read: Callable[[], Result], expected: object = True, seconds: float = 60) -> Result:
    """Return a value as soon as it is the expected one; by default as soon as it is true.

    Raises
    ------
    AssertionError
        It is still another one after ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = read()
        if value == expected or (expected is True and bool(value)):
            return value
        assert time.monotonic() < deadline, f"{value!r} is not {expected!r}"
        time.sleep(0.02)


def pack(header: dict[str, Any], buffers: list[Any]) -> bytes:
    """Join a JSON header and its buffers to one frame: length, header, buffers."""
    raw = [bytes(buffer) for buffer in buffers]
    text = json.dumps({**header, "sizes": [len(each) for each in raw]}).encode()
    return b"".join([struct.pack(">I", len(text)), text, *raw])


def unpack(frame: bytes) -> tuple[dict[str, Any], list[memoryview]]:
    """Return the header and the buffers of a frame."""
    start = 4 + struct.unpack(">I", frame[:4])[0]
    header = json.loads(frame[4:start])
    buffers = []
    for size in header["sizes"]:
        buffers.append(memoryview(frame)[start : start + size])
        start += size
    return header, buffers


class Bridge:
    """Server of the test page and carrier of the messages between it and the widgets.

    Attributes
    ----------
    url : str
        Address of the page.
    errors : list of str
        Tracebacks of exceptions in message handlers.
    """

    def __init__(self) -> None:
        self.errors: list[str] = []
        self._sockets: set[_Socket] = set()
        self._loop = asyncio.new_event_loop()
        [socket] = netutil.bind_sockets(0, "127.0.0.1")
        self.url = f"http://127.0.0.1:{socket.getsockname()[1]}"
        self._application = web.Application([
            (r"/socket", _Socket, {"bridge": self}),
            (r"/themes/(.*)", web.StaticFileHandler, {"path": str(_THEMES)}),
            (r"/(.*)", web.StaticFileHandler, {"path": str(FOLDER)}),
        ])  # fmt: skip
        self._thread = threading.Thread(target=self._serve, args=(socket,), daemon=True)
        self._thread.start()

    def create_comm(self, **options: Any) -> BaseComm:
        """Make a channel whose messages go to the page; in place of ``comm.create_comm``."""
        return _Comm(self, **options)

    def publish(self, comm_id: str, data: Any, buffers: list[Any] | None) -> None:
        """Send a message to the page, in the order of the calls; from any thread."""
        parent = getattr(self._local, "parent", None)
        self._send(pack({"comm": comm_id, "data": data, "parent": parent}, buffers or []))

    def close(self) -> None:
        """Stop the server and its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    _local = threading.local()

    def _serve(self, socket: Any) -> None:
        asyncio.set_event_loop(self._loop)
        httpserver.HTTPServer(self._application).add_socket(socket)
        self._loop.run_forever()

    def _send(self, frame: bytes) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._write, frame)

    def _write(self, frame: bytes) -> None:
        for socket in list(self._sockets):
            with suppress(websocket.WebSocketClosedError):  # the page is being closed or reloaded
                socket.write_message(frame, binary=True)

    def _handle(self, frame: bytes) -> None:
        """Hand a message of the page to its widget, then report the end as a kernel does."""
        header, buffers = unpack(frame)
        channel = comm.get_comm_manager().get_comm(header["comm"])
        self._local.parent = header["id"]
        try:
            if channel is not None:
                channel.handle_msg({"content": {"data": header["data"]}, "buffers": buffers})
        except Exception:
            self.errors.append(traceback.format_exc())
        finally:
            self._local.parent = None
        self._send(pack({"comm": header["comm"], "idle": header["id"]}, []))


class _Comm(BaseComm):
    """Channel of one widget."""

    def __init__(self, bridge: Bridge, **options: Any) -> None:
        self._bridge = bridge
        super().__init__(**options)

    def publish_msg(
        self,
        msg_type: str,
        data: Any = None,
        metadata: Any = None,
        buffers: Any = None,
        **_: Any,
    ) -> None:
        if msg_type == "comm_msg":
            self._bridge.publish(self.comm_id, data, buffers)
        elif msg_type == "comm_close":
            self._bridge.publish(self.comm_id, {"method": "close"}, None)


class _Socket(websocket.WebSocketHandler):
    """Connection of one page; its limit of 10 MiB for a message is that of Jupyter's server."""

    def initialize(self, bridge: Bridge) -> None:
        self._bridge = bridge

    def open(self, *_args: str, **_options: str) -> None:
        self._bridge._sockets.add(self)

    def on_message(self, message: str | bytes) -> None:
        assert isinstance(message, bytes)
        self._bridge._handle(message)

    def on_close(self) -> None:
        self._bridge._sockets.discard(self)


class WidgetPage:
    """A page that shows widgets as JupyterLab's output areas do, one below the other.

    Attributes
    ----------
    page : Page
        Playwright's page; its console errors fail the test.
    """

    def __init__(self, page: Page, bridge: Bridge) -> None:
        self.page = page
        self._url = bridge.url
        self._shown: list[str] = []
        self._open()

    def show(self, widget: Widget) -> Locator:
        """Display a widget, once more if it is there already, and return its output area."""
        self._shown.append(widget.model_id)
        return self._display(len(self._shown) - 1)

    def hide(self, number: int = 0) -> None:
        """Clear an output area, counted in the order of :meth:`show`."""
        self.page.evaluate("number => harness.hide(number)", number)

    def reload(self) -> None:
        """Load the page again; its widgets are shown as they are in Python now."""
        self._open()
        for number in range(len(self._shown)):
            self._display(number)

    def use_theme(self, name: str) -> None:
        """Change to JupyterLab's "light" or "dark" colours."""
        self.page.evaluate("name => harness.useTheme(name)", name)

    def leaked_keys(self) -> list[str]:
        """Return the keys that the widgets left to the page, and JupyterLab would have seen."""
        return list(self.page.evaluate("harness.leakedKeys"))

    def _open(self) -> None:
        self.page.goto(f"{self._url}/harness.html")
        self.page.evaluate("harness.connected")

    def _display(self, number: int) -> Locator:
        area = {"number": number, "id": self._shown[number]}
        self.page.evaluate("({ number, id }) => harness.show(number, id)", area)
        return self.page.locator(f"#area-{number}")
