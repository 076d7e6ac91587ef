"""A local HTTP server that speaks what modelscope's client asks of ModelScope for a download.

Written after modelscope_hub 0.5.1: the file listing (``/repo/files``) and the files
(``/repo?FilePath=``, with HTTP Range); everything else is answered with 404.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlparse

REPOSITORY = "someone/Tiny-Z.Image"


class Hub:
    """Serves a folder as one repository, in a thread, while used as a context manager.

    Attributes
    ----------
    cut : dict of str to int
        For a file, the byte of it at which the connection breaks.
    spoiled : set of str
        Files that arrive with other bytes than their listed SHA-256 is of.
    requests : list of (str, str or None)
        What was asked for: a file's path (or "listing"), and the Range header.
    """

    def __init__(self, folder: Path, repository: str = REPOSITORY) -> None:
        self.folder = folder
        self.repository = repository
        self.cut: dict[str, int] = {}
        self.spoiled: set[str] = set()
        self.requests: list[tuple[str, str | None]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def environment(self, home: Path) -> dict[str, str]:
        """Return variables for a process that keeps everything under ``home`` and asks this hub."""
        return {
            **os.environ,
            "HOME": str(home),
            "ZIMG_HOME": str(home / "zimg"),
            "MODELSCOPE_CACHE": str(home / "cache"),
            "MODELSCOPE_HOME": str(home / "modelscope"),
            "MODELSCOPE_ENDPOINT": self.url,
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }

    def downloads(self) -> list[str]:
        """Return the paths of the files that were asked for."""
        return [path for path, _ in self.requests if path != "listing"]

    def listing(self) -> list[dict[str, object]]:
        files = []
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                files.append(
                    {
                        "Path": path.relative_to(self.folder).as_posix(),
                        "Name": path.name,
                        "Type": "blob",
                        "Size": len(content),
                        "Sha256": hashlib.sha256(content).hexdigest(),
                    }
                )
        return files


def _handler_for(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlparse(self.path)
            query = parse_qs(url.query)
            base = f"/api/v1/models/{hub.repository}/repo"
            if url.path == f"{base}/files":
                hub.requests.append(("listing", None))
                self._answer_json(200, {"Code": 200, "Data": {"Files": hub.listing()}})
            elif url.path == base and (hub.folder / query["FilePath"][0]).is_file():
                hub.requests.append((query["FilePath"][0], self.headers["Range"]))
                self._answer_file(query["FilePath"][0])
            else:
                self._answer_json(404, {"Code": 404, "Message": "record not found"})

        def _answer_json(self, status: int, body: object) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _answer_file(self, name: str) -> None:
            content = (hub.folder / name).read_bytes()
            if name in hub.spoiled:
                content = content[:-1] + bytes([content[-1] ^ 1])
            wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"] or "")
            start = int(wanted[1]) if wanted else 0
            end = int(wanted[2]) + 1 if wanted and wanted[2] else len(content)
            self.send_response(206 if wanted else 200)
            if wanted:
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(content)}")
            self.send_header("Content-Length", str(end - start))
            self.end_headers()
            self.wfile.write(content[start : min(end, hub.cut.get(name, end))])
            if name in hub.cut:
                self.close_connection = True

        def log_message(self, *args: object) -> None:
            pass

    return Handler
