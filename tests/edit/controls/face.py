"""A local HTTP server that speaks what huggingface_hub asks of Hugging Face for a download.

Written after huggingface_hub 1.x: the commit (``/api/models/ID/revision/main``), the listing
(``/api/models/ID/tree/COMMIT``) and the files (``/ID/resolve/COMMIT/FILE``, HEAD and GET);
everything else is answered with 404.
"""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

COMMIT = "a" * 40


@contextmanager
def face(folder: Path, repository: str) -> Any:
    """Serve a folder as one repository; yields the server's address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, body: bool) -> None:
            path = urlparse(self.path).path
            files = sorted(file.name for file in folder.iterdir())
            resolve = f"/{repository}/resolve/{COMMIT}/"
            content, status, headers = b"{}", 404, {"X-Error-Code": "RepoNotFound"}
            if path.startswith(f"/api/models/{repository}/tree/"):
                rows = [
                    {"type": "file", "path": name, "oid": "0" * 40,
                     "size": (folder / name).stat().st_size}
                    for name in files
                ]  # fmt: skip
                content, status, headers = json.dumps(rows).encode(), 200, {}
            elif path.startswith(f"/api/models/{repository}/"):
                content = json.dumps({"id": repository, "sha": COMMIT}).encode()
                status, headers = 200, {}
            elif path.startswith(resolve) and path[len(resolve) :] in files:
                content, status = (folder / path[len(resolve) :]).read_bytes(), 200
                tag = hashlib.sha256(content).hexdigest()
                headers = {"ETag": f'"{tag}"', "X-Repo-Commit": COMMIT}
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            if body:
                self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
