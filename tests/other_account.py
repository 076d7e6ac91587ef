"""What another account of the machine gets at: a program that tries everything it is told to.

It reads a JSON object on stdin and prints one: files and folders it could open, answers of a
server, and the command lines that it sees.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any


def main() -> None:
    """Try all and print what worked."""
    told = json.load(sys.stdin)
    json.dump(
        {
            "read": [path for path in told["files"] if opens(path, os.O_RDONLY)],
            "written": [path for path in told["files"] if opens(path, os.O_WRONLY)],
            "listed": [path for path in told["folders"] if os.access(path, os.R_OK)],
            "filled": [path for path in told["folders"] if os.access(path, os.W_OK)],
            "joined": [path for path in told["sockets"] if joins(path)],
            "answers": {path: answer(told["address"] + path) for path in told["paths"]},
            "websocket": upgrade(told["port"], told["websocket"]),
            "posted": answer(told["address"] + "/api/kernels", b"{}"),
            "commands": commands(),
        },
        sys.stdout,
    )


def opens(path: str, how: int) -> bool:
    """Return True if a file can be opened; nothing is read or written."""
    try:
        os.close(os.open(path, how | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def joins(path: str) -> bool:
    """Return True if a Unix socket takes a connection."""
    with socket.socket(socket.AF_UNIX) as own:
        try:
            own.connect(path)
        except OSError:
            return False
    return True


def answer(address: str, data: bytes | None = None) -> dict[str, Any]:
    """Return what a server answers, without following it elsewhere."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    try:
        with urllib.request.build_opener(Stay).open(address, data, timeout=20) as found:
            body = found.read()
            return {"status": found.status, "bytes": len(body), "head": body[:200].decode("latin")}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "to": error.headers.get("Location", "")}


def upgrade(port: int, path: str) -> int:
    """Return the status with which a websocket is answered."""
    ask = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=20) as own:
        own.sendall(ask.encode())
        return int(own.recv(1000).split()[1])


def commands() -> list[str]:
    """Return the command lines of all processes, which every account may read."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:
            pass
    return found


if __name__ == "__main__":
    main()
