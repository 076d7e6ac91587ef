"""Pictures of clients: sending and looking at them, and names that lead elsewhere."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import requests
from PIL import Image

from zimg_kernel.errors import BadInput
from zimg_kernel.service.comfy.files import Folders

from .comfy_client import Client

RED = Image.new("RGBA", (20, 10), (255, 0, 0, 128))


def test_names_of_uploads(client: Client) -> None:
    assert client.upload(RED) == {"name": "a.png", "subfolder": "", "type": "input"}
    assert client.upload(RED)["name"] == "a.png"
    blue = Image.new("RGB", (20, 10), "blue")
    assert client.upload(blue)["name"] == "a (1).png"
    assert client.upload(blue, overwrite="true")["name"] == "a.png"
    assert client.upload(RED, subfolder="one/two")["subfolder"] == "one/two"
    assert client.upload(RED, type="temp")["type"] == "temp"
    listed = client.get("/object_info/LoadImage").json()["LoadImage"]["input"]["required"]["image"]
    assert listed[0] == ["a (1).png", "a.png"]


def sent(client: Client, name: str = "a.png", **fields: str) -> requests.Response:
    file = io.BytesIO()
    RED.save(file, "PNG")
    return client.post("/upload/image", files={"image": (name, file.getvalue())}, data=fields)


@pytest.mark.parametrize("name", ["../a.png", "a/b.png", "..", ".hidden", "a\x00.png", "x" * 300])
def test_names_that_are_refused(client: Client, name: str) -> None:
    assert sent(client, name).status_code == 400


@pytest.mark.parametrize("subfolder", ["../x", "/etc", "a/../../b", "a/b/c/d/e/f/g/h", ".."])
def test_folders_that_are_refused(client: Client, subfolder: str) -> None:
    assert sent(client, subfolder=subfolder).status_code == 400


def test_other_bad_uploads(client: Client) -> None:
    assert client.post("/upload/image").status_code == 400
    assert client.post("/upload/image", data={"image": "text"}).status_code == 400
    assert sent(client, type="elsewhere").status_code == 400
    assert client.post("/upload/mask", data={"original_ref": "["}).status_code == 400
    mask = client.post(
        "/upload/mask", files={"image": ("m.png", b"x")}, data={"original_ref": "{}"}
    )
    assert mask.status_code == 400


def test_looking_at_pictures(client: Client) -> None:
    client.upload(RED)
    whole = client.get("/view?filename=a.png&type=input")
    assert whole.headers["content-disposition"] == 'filename="a.png"'
    assert whole.headers["content-type"] == "image/png"
    assert client.get("/api/view?filename=a.png [input]").content == whole.content
    small = client.get("/view?filename=a.png&type=input&preview=webp;50")
    assert small.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(small.content)).size == (20, 10)
    jpeg = client.get("/view?filename=a.png&type=input&preview=jpeg;90&channel=rgb")
    assert Image.open(io.BytesIO(jpeg.content)).format == "JPEG"
    opaque = client.picture({"filename": "a.png", "type": "input", "channel": "rgb"})
    assert (opaque.mode, opaque.getpixel((0, 0))) == ("RGB", (255, 0, 0))
    alpha = client.picture({"filename": "a.png", "type": "input", "channel": "a"})
    assert alpha.getpixel((0, 0)) == (0, 0, 0, 128)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 404),
        ("filename=", 400),
        ("filename=../a.png", 400),
        ("filename=/etc/passwd", 400),
        ("filename=a.png&type=elsewhere", 400),
        ("filename=a.png&type=", 400),
        ("filename=inside/b.png&type=input", 404),  # a folder in the name does not count
        ("filename=a.png&subfolder=../..", 403),
        ("filename=a.png&subfolder=/etc", 403),
        ("filename=nope.png", 404),
        ("filename=a.png", 404),  # an output by default
        ("filename=%00&type=input", 404),
        ("filename=a.png&type=input&preview=webp;" + "9" * 400, 200),
    ],
)
def test_refused_views_have_no_body(client: Client, query: str, status: int) -> None:
    client.upload(RED)
    client.upload(RED, "b.png", subfolder="inside")
    answer = client.get("/view?" + query)
    assert answer.status_code == status
    assert status == 200 or answer.content == b""


def test_files_of_another_token_are_not_there(client: Client, service: object) -> None:
    client.upload(RED)
    other = Client(service, f"other-{client.token[:8]}")  # type: ignore[arg-type]
    assert other.get("/view?filename=a.png&type=input").status_code == 404


def test_no_picture_is_no_traceback(client: Client) -> None:
    client.post("/upload/image", files={"image": ("x.png", b"<script>")})
    page = client.get("/view?filename=x.png&type=input")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert client.get("/view?filename=x.png&type=input&preview=webp").status_code == 400
    client.post("/upload/image", files={"image": ("x.html", b"<script>")})
    page = client.get("/view?filename=x.html&type=input")
    assert page.headers["content-type"] == "application/octet-stream"


def test_numbers_go_on_and_links_lead_nowhere(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "comfy")
    first = folders.save("a/z", b"x", (1, 1), "output")
    assert first == {"filename": "z_00001_.png", "subfolder": "a", "type": "output"}
    (folders.root / "output" / "a" / "z_00041_.png").touch()
    again = Folders(tmp_path / "comfy")
    assert again.save("a/z", b"x", (1, 1), "output")["filename"] == "z_00042_.png"
    outside = tmp_path / "outside.png"
    outside.touch()
    (folders.root / "input" / "link.png").symlink_to(outside)
    assert folders.find("link.png") is None
    with pytest.raises(BadInput):
        folders.add("a/b.png", b"x", "", "input", overwrite=False)
