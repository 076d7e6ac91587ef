"""Client of the tests: posts prompts with a token of its own, and waits for their history."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import requests
from PIL import Image

from ..running import RunningService


class Client:
    """A caller of a running service.

    Parameters
    ----------
    service : RunningService
    name : str
        Of a token that is made for it, so that queue, history and files are its own.
    folder : Path, optional
        For what a test writes.
    """

    def __init__(self, service: RunningService, name: str, folder: Path | None = None) -> None:
        self.folder = folder
        self.url = service.url
        self.token = service.context.tokens.add(name)
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {self.token}"

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.session.get(self.url + path, timeout=60, **more)

    def post(self, path: str, **more: Any) -> requests.Response:
        return self.session.post(self.url + path, timeout=60, **more)

    def prompt(self, graph: Any, **more: Any) -> requests.Response:
        return self.post("/prompt", json={"prompt": graph, **more})

    def ended(self, prompt_id: str, seconds: float = 120) -> dict[str, Any]:
        """Wait for a prompt's history."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.get(f"/history/{prompt_id}").json()
            if found:
                entry: dict[str, Any] = found[prompt_id]
                return entry
            time.sleep(0.02)
        raise AssertionError(f"{prompt_id} has not ended")

    def run(self, graph: Any, **more: Any) -> dict[str, Any]:
        """Post a graph; return its history once it has ended."""
        answer = self.prompt(graph, **more)
        assert answer.status_code == 200, answer.text
        return self.ended(answer.json()["prompt_id"])

    def picture(self, image: dict[str, str]) -> Image.Image:
        """Return a picture of an output."""
        answer = self.get("/view", params=image)
        assert answer.status_code == 200
        return Image.open(io.BytesIO(answer.content))

    def upload(self, image: Image.Image, name: str = "a.png", **fields: str) -> dict[str, str]:
        """Send a picture; return what the service calls it."""
        file = io.BytesIO()
        image.save(file, "PNG")
        answer = self.post("/upload/image", files={"image": (name, file.getvalue())}, data=fields)
        assert answer.status_code == 200, answer.text
        named: dict[str, str] = answer.json()
        return named


def images(entry: dict[str, Any], node: str = "9") -> list[dict[str, str]]:
    """Return the pictures of an output node in a history entry."""
    found: list[dict[str, str]] = entry["outputs"][node]["images"]
    return found
