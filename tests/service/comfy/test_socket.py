"""The WebSocket: order of messages, previews, reconnection, what others hear."""

from __future__ import annotations

import base64
import json
import struct
import time
import urllib.parse
from typing import Any

import pytest
import websocket

from .comfy_client import Client, images
from .graphs import node, turbo

Message = dict[str, Any] | bytes


class Socket:
    """A client's socket, as ComfyUI's example scripts open one with websocket-client."""

    def __init__(self, client: Client, name: str = "", **flags: bool) -> None:
        query = f"?clientId={urllib.parse.quote(name)}" if name else ""
        self.ws = websocket.create_connection(
            client.url.replace("http", "ws") + "/ws" + query,
            header=[f"Authorization: Bearer {client.token}"],
            timeout=120,
        )
        if flags:
            self.ws.send(json.dumps({"type": "feature_flags", "data": flags}))

    def next(self) -> Message:
        got = self.ws.recv()
        return got if isinstance(got, bytes) else json.loads(got)

    def until_end(self, prompt_id: str) -> list[Message]:
        """Return all messages up to the one that ends a prompt."""
        found = []
        while True:
            message = self.next()
            found.append(message)
            if isinstance(message, dict) and message["type"] == "executing":
                data = message["data"]
                if data["node"] is None and data["prompt_id"] == prompt_id:
                    return found

    def silent(self, seconds: float = 0.3) -> bool:
        self.ws.settimeout(seconds)
        try:
            self.next()
        except websocket.WebSocketTimeoutException:
            return True
        finally:
            self.ws.settimeout(120)
        return False

    def close(self) -> None:
        self.ws.close()


def kinds(messages: list[Message]) -> list[str]:
    """Types of messages; repeated ones in a row once."""
    found: list[str] = []
    for message in messages:
        kind = "binary" if isinstance(message, bytes) else message["type"]
        if kind == "executing" and isinstance(message, dict) and message["data"]["node"] is None:
            kind = "end"
        if not found or found[-1] != kind:
            found.append(kind)
    return found


def test_order_of_messages(client: Client) -> None:
    socket = Socket(client, "me", supports_preview_metadata=True)
    first = socket.next()
    assert first == {
        "type": "status",
        "data": {"status": {"exec_info": {"queue_remaining": 0}}, "sid": "me"},
    }
    flags = socket.next()
    assert isinstance(flags, dict)
    assert flags["type"] == "feature_flags"
    assert flags["data"]["supports_preview_metadata"] is True
    assert flags["data"]["max_upload_size"] > 0
    prompt_id = client.prompt(turbo(), client_id="me").json()["prompt_id"]
    messages = socket.until_end(prompt_id)
    statuses = [m["data"]["status"]["exec_info"]["queue_remaining"]
                for m in messages if isinstance(m, dict) and m["type"] == "status"]  # fmt: skip
    assert statuses == [1, 1, 0]
    order = kinds(messages)
    assert order[:4] == ["status", "execution_start", "execution_cached", "progress_state"]
    sampler = ["executing", "progress_state", "binary", "progress"]
    start = next(n for n, kind in enumerate(order) if order[n : n + 4] == sampler)
    assert order[start + 4 : start + 7] == ["progress_state", "binary", "progress"]  # two steps
    assert order[-5:] == ["executed", "progress_state", "execution_success", "status", "end"]
    told = [m for m in messages if isinstance(m, dict)]
    ran = [m["data"]["node"] for m in told if m["type"] == "executing"]
    assert sorted(filter(None, ran), key=int) == sorted(turbo(), key=int)
    steps = [m["data"] for m in told if m["type"] == "progress"]
    assert steps == [
        {"value": n, "max": 2, "prompt_id": prompt_id, "node": "3"} for n in (1, 2)
    ]  # fmt: skip
    executed = next(m["data"] for m in told if m["type"] == "executed")
    assert executed["node"] == executed["display_node"] == "9"
    last = [m for m in told if m["type"] == "progress_state"][-1]["data"]
    assert {each["state"] for each in last["nodes"].values()} == {"finished"}
    assert set(last["nodes"]["3"]) == {
        "value", "max", "state", "node_id", "prompt_id", "display_node_id", "parent_node_id",
        "real_node_id",
    }  # fmt: skip
    (preview, *_) = [m for m in messages if isinstance(m, bytes)]
    kind, length = struct.unpack(">II", preview[:8])
    assert kind == 4
    about = json.loads(preview[8 : 8 + length])
    assert about["node_id"] == "3"
    assert about["image_type"] == "image/jpeg"
    assert preview[8 + length :].startswith(b"\xff\xd8")
    assert client.get(f"/history/{prompt_id}").json()  # there as soon as the end is told
    socket.close()


def test_repeated_graph(client: Client) -> None:
    done = client.run(turbo())
    socket = Socket(client, "me")
    prompt_id = client.prompt(turbo(), client_id="me").json()["prompt_id"]
    messages = [m for m in socket.until_end(prompt_id) if isinstance(m, dict)]
    by_kind = {m["type"]: m["data"] for m in messages}
    assert set(by_kind["execution_cached"]["nodes"]) == set(turbo())
    assert by_kind["executed"]["output"]["images"] == images(done)
    assert "progress" not in by_kind
    socket.close()


def test_previews_for_those_who_ask_in_the_prompt(client: Client) -> None:
    socket = Socket(client, "me")
    extra = {"preview_method": "auto"}
    prompt_id = client.prompt(turbo(seed=1), client_id="me", extra_data=extra).json()["prompt_id"]
    found = [m for m in socket.until_end(prompt_id) if isinstance(m, bytes)]
    assert [m[:8] for m in found] == [struct.pack(">II", 1, 1)] * 2
    plain = client.prompt(turbo(seed=2), client_id="me").json()["prompt_id"]
    assert not [m for m in socket.until_end(plain) if isinstance(m, bytes)]
    socket.close()


def test_pictures_by_the_socket(client: Client) -> None:
    graph = turbo()
    graph["9"] = node("SaveImageWebsocket", images=["8", 0])
    socket = Socket(client, "me")
    for _ in range(2):  # also of what is known
        prompt_id = client.prompt(graph, client_id="me").json()["prompt_id"]
        (png,) = [m for m in socket.until_end(prompt_id) if isinstance(m, bytes)]
        assert png[:8] == struct.pack(">II", 1, 2)
        assert png[8:].startswith(b"\x89PNG")
    socket.close()


def test_others_hear_the_status_alone(client: Client, service: Any) -> None:
    other, nobody = Socket(client, "other", supports_preview_metadata=True), Socket(client)
    stranger = Socket(Client(service, "stranger-" + client.token[:8]), "me")
    client.run(turbo())  # without a client_id
    client.run(turbo(seed=9), client_id="me")
    for socket in (other, nobody):
        while not socket.silent(0.2):
            pass
    stranger.next()
    assert stranger.silent()  # not even the status: the queue of another token
    for socket in (other, nobody, stranger):
        socket.close()


def test_reconnection_while_it_runs(client: Client) -> None:
    """The new socket opens before the old one closes, and hears the rest all the same."""
    old = Socket(client, "me")
    prompt_id = client.prompt(turbo(steps=80), client_id="me").json()["prompt_id"]
    while not (isinstance(m := old.next(), dict) and m["type"] == "progress"):
        pass
    new = Socket(client, "me")
    status, where = new.next(), new.next()
    assert isinstance(status, dict)
    assert status["data"]["sid"] == "me"
    assert isinstance(where, dict)
    assert where["type"] == "executing"
    assert where["data"]["node"] == "3"
    old.close()
    order = kinds(new.until_end(prompt_id))
    assert {"progress", "executed", "execution_success"} <= set(order)
    new.close()


def test_a_client_that_connects_after_the_end(client: Client) -> None:
    prompt_id = client.prompt(turbo(), client_id="late").json()["prompt_id"]
    client.ended(prompt_id)
    time.sleep(1)  # the history is there before the end is told
    socket = Socket(client, "late")
    assert kinds(socket.until_end(prompt_id)) == ["status", "end"]
    again = Socket(client, "late")
    again.next()
    assert again.silent()  # it is told once
    socket.close()
    again.close()


def test_error_while_it_runs(client: Client) -> None:
    graph = turbo("   ")  # our models draw nothing without a prompt
    graph["10"] = node("EmptyImage", width=8, height=8, batch_size=1, color=0xFF0000)
    graph["2"] = node("SaveImage", images=["10", 0], filename_prefix="first")
    socket = Socket(client, "me")
    prompt_id = client.prompt(graph, client_id="me").json()["prompt_id"]
    messages = [m for m in socket.until_end(prompt_id) if isinstance(m, dict)]
    assert [m["type"] for m in messages[-3:]] == ["execution_error", "status", "executing"]
    error = messages[-3]["data"]
    assert set(error) == {
        "prompt_id", "node_id", "node_type", "executed", "exception_message", "exception_type",
        "traceback", "current_inputs", "current_outputs", "timestamp",
    }  # fmt: skip
    assert (error["node_id"], error["node_type"]) == ("3", "KSampler")
    assert error["exception_message"].startswith("The prompt is empty")
    assert error["traceback"] == []
    entry = client.ended(prompt_id)
    assert entry["status"]["status_str"] == "error"
    assert entry["status"]["messages"][-1][0] == "execution_error"
    (job,) = client.get("/api/jobs?status=failed").json()["jobs"]
    assert job["execution_error"]["node_id"] == "3"
    socket.close()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type": "feature_flags", "data": 5}', "\x00"])
def test_odd_messages_are_passed_over(client: Client, text: str) -> None:
    socket = Socket(client, "odd")
    socket.next()
    socket.ws.send(text)
    prompt_id = client.prompt(turbo(), client_id="odd").json()["prompt_id"]
    socket.until_end(prompt_id)
    socket.close()


def test_a_socket_needs_the_token(client: Client) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException, match="401"):
        websocket.create_connection(client.url.replace("http", "ws") + "/ws", timeout=10)
    basic = base64.b64encode(f"u:{client.token}".encode()).decode()
    ways = {"/ws": [f"Authorization: Basic {basic}"], f"/t/{client.token}/ws": []}
    for path, header in ways.items():
        url = client.url.replace("http", "ws") + path
        opened = websocket.create_connection(url, header=header, timeout=10)
        assert json.loads(opened.recv())["type"] == "status"
        opened.close()
