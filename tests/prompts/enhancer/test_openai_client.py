"""The enhancer with an endpoint: a real local server streams, refuses, breaks off."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from refusals import refused, warned
from zimg_kernel.errors import JobCancelled, ZimgError
from zimg_kernel.prompts import Endpoint, enhance, enhancing
from zimg_kernel.prompts.enhancer import openai_client as remote
from zimg_kernel.prompts.enhancer.endpoint import find_endpoint
from zimg_kernel.prompts.enhancer.endpoint_errors import FILTERED

KEY = "sk-verysecret123"
PROMPT = "两只橘猫趴在红色沙发上"
ANSWER = "画面中央，两只橘猫趴在红色绒面沙发上，左侧窗光照亮毛尖，背景是米色墙面，前景虚化。"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, body, self.headers.get("Authorization")))
        self.server.act(self, body)

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, data: bytes, kind: str = "application/json", **more: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **more}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def pieces(self, *texts: str, reason: str | None = "stop") -> None:
        self.begin()
        self.chunk(b": a comment\r\n\r\n")
        for text in texts:
            self.chunk(event({"delta": {"content": text}, "finish_reason": None}))
        if reason:
            self.chunk(event({"delta": {}, "finish_reason": reason}))
            self.chunk(b"data: [DONE]\n\n")
        self.chunk(b"")


def event(choice: dict[str, Any]) -> bytes:
    return f"data: {json.dumps({'choices': [choice]}, ensure_ascii=False)}\n\n".encode()


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, dict[str, Any], str | None]] = []
        self.act: Callable[[_Handler, dict[str, Any]], None] = lambda h, _: h.pieces(
            "<think>", "hm</think>", *ANSWER
        )
        self.url = f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    there = Server()
    thread = threading.Thread(target=there.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    monkeypatch.setenv("ZIMG_ENHANCER_URL", f"{there.url}/v1")
    monkeypatch.setenv("ZIMG_ENHANCER_MODEL", "qwen3:4b")
    monkeypatch.setenv("ZIMG_ENHANCER_KEY", KEY)
    yield there
    there.shutdown()
    there.server_close()


def test_an_answer_streams_in(server: Server) -> None:
    seen: list[tuple[int, str]] = []
    found = enhance(PROMPT, 1, seed=7, on_text=lambda i, text: seen.append((i, text)))
    assert (found[0].text, found[0].made) == (ANSWER, "endpoint")
    assert [text for _, text in seen if text] == [
        *(ANSWER[: end + 1] for end in range(len(ANSWER))),
        ANSWER,
    ]
    path, body, key = server.asked[0]
    assert path == "/v1/chat/completions"
    assert key == f"Bearer {KEY}"
    assert (body["model"], body["stream"], body["messages"][1]["content"]) == (
        "qwen3:4b", True, PROMPT
    )  # fmt: skip
    assert "中文" in body["messages"][0]["content"]
    again = enhance(PROMPT, 1, seed=7)
    assert server.asked[1][1]["seed"] == body["seed"] == again[0].seed % 2**31


def test_text_arrives_before_the_answer_has_ended(server: Server) -> None:
    first, go_on = threading.Event(), threading.Event()

    def slow(handler: _Handler, _: dict[str, Any]) -> None:
        handler.begin()
        handler.chunk(event({"delta": {"content": ANSWER[:5]}}))
        assert go_on.wait(20)
        handler.chunk(event({"delta": {"content": ANSWER[5:]}, "finish_reason": "stop"}))
        handler.chunk(b"")

    server.act = slow
    handle = enhancing(PROMPT, 1, on_text=lambda i, text: first.set())
    assert first.wait(20)
    assert not handle.finished
    go_on.set()
    assert handle.result(20).texts == [ANSWER]


def test_cancelling_does_not_wait_for_the_server(server: Server) -> None:
    first, go_on = threading.Event(), threading.Event()

    def silent(handler: _Handler, _: dict[str, Any]) -> None:
        handler.begin()
        handler.chunk(event({"delta": {"content": "两"}}))
        first.set()
        go_on.wait(60)

    server.act = silent
    handle = enhancing(PROMPT, 1)
    assert first.wait(60)
    handle.cancel()
    with pytest.raises(JobCancelled):
        handle.result(20)
    go_on.set()


def test_a_refused_answer_is_asked_for_again_with_the_reason(server: Server) -> None:
    answers = ["三只橘猫趴在红色沙发上，柔光。", ANSWER]
    server.act = lambda handler, _: handler.pieces(answers.pop(0))
    found = enhance(PROMPT, 1)
    assert found[0].text == ANSWER
    assert found[0].refused == ("it changes “两只橘猫”",)
    assert "两只橘猫" in server.asked[1][1]["messages"][0]["content"]
    assert server.asked[0][1]["seed"] != server.asked[1][1]["seed"]


def test_servers_that_do_not_stream_or_take_other_parameters(server: Server) -> None:
    def strict(handler: _Handler, body: dict[str, Any]) -> None:
        for name in ("max_tokens", "temperature"):
            if name in body:
                said = {"error": {"message": f"Unsupported parameter: '{name}'"}}
                handler.answer(400, json.dumps(said).encode())
                return
        assert body["max_completion_tokens"] == 400
        choice = {"message": {"content": ANSWER}, "finish_reason": "stop"}
        handler.answer(200, json.dumps({"choices": [choice]}).encode())

    server.act = strict
    assert enhance(PROMPT, 1).texts == [ANSWER]
    assert len(server.asked) == 3


EXTRA = "Extra inputs are not permitted"


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    "refusal",
    [
        # Mistral's, FastAPI's, OpenAI's, and words alone.
        lambda bad: {"object": "error", "message": {"detail": [
            {"type": "extra_forbidden", "loc": ["body", name], "msg": EXTRA} for name in bad]}},
        lambda bad: {"detail": [{"type": "extra_forbidden", "loc": ["body", bad[0]], "msg": EXTRA,
                                 "input": {"temperature": 1}}]},
        lambda bad: {"error": {"message": "Unknown parameter.", "param": bad[0]}},
        lambda bad: {"error": f"property {bad[0]} is unsupported"},
    ],
)  # fmt: skip
def test_fields_that_a_server_does_not_know_are_left_out(
    server: Server, status: int, refusal: Callable[[list[str]], Any]
) -> None:
    def strict(handler: _Handler, body: dict[str, Any]) -> None:
        bad = [name for name in ("seed", "max_tokens", "max_completion_tokens") if name in body]
        if bad:
            handler.answer(status, json.dumps(refusal(bad)).encode())
        else:
            handler.pieces(*ANSWER)

    server.act = strict
    assert enhance(PROMPT, 1).texts == [ANSWER]
    body = server.asked[-1][1]
    assert body["temperature"] == 0.7
    assert body["stream"] is True
    assert len(server.asked) <= 4


def test_a_refusal_of_something_else_is_told(server: Server) -> None:
    said = {"detail": [{"type": "missing", "loc": ["body", "tenant"], "msg": "Field required"}]}
    server.act = lambda handler, _: handler.answer(422, json.dumps(said).encode())
    with refused("endpoint-refused", kind=ZimgError) as caught:
        enhance(PROMPT, 1)
    assert "Field required" in str(caught.value)
    assert len(server.asked) == 1


@pytest.mark.parametrize("streams", [True, False])
def test_contents_in_parts_and_thoughts_beside_them(server: Server, streams: bool) -> None:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "a dog?"}]}
    half = len(ANSWER) // 2
    parts: list[Any] = [thought, {"type": "text", "text": ANSWER[:half]}, ANSWER[half:]]

    def act(handler: _Handler, _: dict[str, Any]) -> None:
        if not streams:
            message = {"content": parts, "reasoning_content": "a dog?"}
            whole = {"choices": [{"message": message, "finish_reason": "stop"}]}
            handler.answer(200, json.dumps(whole).encode())
            return
        handler.begin()
        handler.chunk(event({"delta": {"reasoning_content": "a dog?", "content": None}}))
        for part in parts:
            handler.chunk(event({"delta": {"content": [part]}}))
        handler.chunk(event({"delta": {"content": []}, "finish_reason": "stop"}))
        handler.chunk(b"")

    server.act = act
    assert enhance(PROMPT, 1).texts == [ANSWER]


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize(
    ("message", "reason"),
    [({"refusal": "I cannot do that", "content": None}, "stop"), ({"content": ""}, FILTERED)],
)
def test_an_answer_that_is_withheld_is_named(
    server: Server, streams: bool, message: dict[str, Any], reason: str
) -> None:
    def act(handler: _Handler, _: dict[str, Any]) -> None:
        if not streams:
            whole = {"choices": [{"message": message, "finish_reason": reason}]}
            handler.answer(200, json.dumps(whole).encode())
            return
        handler.begin()
        handler.chunk(event({"delta": message}))
        handler.chunk(event({"delta": {}, "finish_reason": reason}))
        handler.chunk(b"")

    server.act = act
    with refused("endpoint-declined", kind=ZimgError):
        enhance(PROMPT, 1)


def say(status: int, message: str = "", **more: str) -> Callable[..., None]:
    data = json.dumps({"error": {"message": message}}).encode()
    return lambda handler, _: handler.answer(status, data, **more)


def html(handler: _Handler, _: dict[str, Any]) -> None:
    handler.answer(200, b"<html>Hello</html>", "text/html")


def no_json(handler: _Handler, _: dict[str, Any]) -> None:
    handler.begin()
    handler.chunk(b"data: oops\n\n")
    handler.chunk(b"")


def hangs_up(handler: _Handler, _: dict[str, Any]) -> None:
    handler.begin()
    handler.chunk(event({"delta": {"content": "两只"}}))
    handler.wfile.write(b"ff\r\nhalf")
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def fails_later(handler: _Handler, _: dict[str, Any]) -> None:
    handler.begin()
    handler.chunk(b'data: {"error": {"message": "out of memory"}}\n\n')
    handler.chunk(b"")


def stops_in_a_piece(handler: _Handler, _: dict[str, Any]) -> None:
    handler.begin()
    handler.chunk(event({"delta": {"content": "两只"}}))
    handler.chunk(b'data: {"choi')
    handler.chunk(b"")


@pytest.mark.parametrize(
    ("act", "code", "detail"),
    [
        (say(401, f"Incorrect key {KEY}"), "endpoint-key-refused", ""),
        (say(404, "model 'qwen3:4b' not found"), "endpoint-model-missing", "'qwen3:4b'"),
        (say(429, "slow down", Retry_After="7"), "endpoint-busy", "(slow down): try again in 7"),
        (say(503, f"busy with {KEY}"), "endpoint-failed", "(HTTP 503) (busy with …)"),
        (say(302, Location="http://elsewhere.invalid/"), "endpoint-moved", ""),
        (say(422, "no"), "endpoint-refused", "(HTTP 422) (no)"),
        (html, "not-an-endpoint", ""),
        (no_json, "not-an-endpoint", "no JSON"),
        (hangs_up, "endpoint-broke-off", ""),
        (lambda h, _: h.pieces("两只橘猫", reason=None), "endpoint-broke-off", ""),
        (fails_later, "endpoint-failed", "(out of memory)"),
        (stops_in_a_piece, "endpoint-broke-off", ""),
    ],
)
def test_a_failure_is_one_sentence_without_the_key(
    server: Server,
    act: Callable[..., None],
    code: str,
    detail: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.act = act
    caplog.set_level(logging.DEBUG)
    with refused(code, kind=ZimgError) as failure:
        enhance(PROMPT, 1)
    assert str(failure.value).startswith(f"{server.url}/v1 ")
    assert detail in str(failure.value)
    assert "\n" not in str(failure.value)
    assert KEY not in str(failure.value) + caplog.text
    assert len(server.asked) == 1


def floods(data: bytes, kind: str = "text/event-stream") -> Callable[..., None]:
    def act(handler: _Handler, _: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.end_headers()
        try:
            for _ in range(200):
                handler.wfile.write(data * (100_000 // len(data)))
        except OSError:
            pass  # the client has hung up
        handler.close_connection = True

    return act


@pytest.mark.parametrize(
    "act",
    [
        floods(b"x"),
        floods(b"data: "),
        floods(b": a comment\n"),
        floods(b"\n"),
        floods(b"[", "application/json"),
        lambda handler, body: handler.answer(
            200, gzip.compress(b" " * 20_000_000), Content_Encoding="gzip"
        ),
    ],
)
def test_an_answer_without_end_is_given_up(server: Server, act: Callable[..., None]) -> None:
    server.act = act
    with refused("endpoint-too-long", kind=ZimgError):
        enhance(PROMPT, 1)


@pytest.mark.parametrize(
    "content",
    [
        {"choices": [{"delta": "text"}]},
        {"choices": [{"delta": [1]}]},
        {"choices": "text"},
        {"choices": [[1]]},
    ],
)
def test_an_answer_of_another_structure_is_one_sentence(server: Server, content: Any) -> None:
    def act(handler: _Handler, _: dict[str, Any]) -> None:
        handler.begin()
        handler.chunk(f"data: {json.dumps(content)}\n\n".encode())
        handler.chunk(b"")

    server.act = act
    with refused("endpoint-broke-off", kind=ZimgError):
        enhance(PROMPT, 1)


@pytest.mark.parametrize(
    ("status", "depth", "code"),
    [
        (200, 5000, "not-an-endpoint"),
        (422, 300, "endpoint-refused"),
        (422, 5000, "endpoint-refused"),
    ],
)
def test_deep_json_is_one_sentence(server: Server, status: int, depth: int, code: str) -> None:
    deep = '{"detail": ' + "[" * depth + '"temperature"' + "]" * depth + "}"
    server.act = lambda handler, _: handler.answer(status, deep.encode())
    with refused(code, kind=ZimgError):
        enhance(PROMPT, 1)


def test_comments_without_end_can_be_cancelled(server: Server) -> None:
    begun, over = threading.Event(), threading.Event()

    def comments(handler: _Handler, _: dict[str, Any]) -> None:
        handler.begin()
        begun.set()
        try:
            while not over.wait(0.01):
                handler.chunk(b": still there\n\n")
        except OSError:
            over.set()

    server.act = comments
    handle = enhancing(PROMPT, 1)
    assert begun.wait(20)
    handle.cancel()
    with pytest.raises(JobCancelled):
        handle.result(30)
    assert over.wait(30), "the connection is still open"


@pytest.mark.parametrize("host", ["example.com", "8.8.8.8"])
def test_a_key_on_an_open_line_is_warned_of(host: str) -> None:
    with warned("key-not-encrypted", "ZIMG_ENHANCER_KEY"):
        Endpoint(f"http://{host}/v1", "m", KEY)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.0.0.7", "[::1]", "gpu", "gpu.lan"])
def test_a_key_on_the_own_network_is_not_warned_of(host: str) -> None:
    Endpoint(f"http://{host}:8000/v1", "m", KEY)
    Endpoint("https://example.com/v1", "m", KEY)
    Endpoint("http://example.com/v1", "m")


def test_nobody_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:  # bound but not listening
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with refused("endpoint-unreachable", kind=ZimgError) as failure:
            enhance(PROMPT, 1, endpoint=Endpoint(url, "m"))
    assert url in str(failure.value)


def test_a_silent_server_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_TIMEOUTS", (1.0, 0.2))
    server.act = lambda handler, _: time.sleep(0.5)
    with refused("endpoint-silent", kind=ZimgError):
        enhance(PROMPT, 1)

    def falls_silent(handler: _Handler, _: dict[str, Any]) -> None:
        handler.begin()
        handler.chunk(event({"delta": {"content": "两只"}}))
        time.sleep(0.5)

    server.act = falls_silent
    with refused("endpoint-silent", kind=ZimgError):
        enhance(PROMPT, 1)


def test_finished_candidates_stay_when_a_later_one_fails(server: Server) -> None:
    def once(handler: _Handler, body: dict[str, Any]) -> None:
        say(500)(handler, body) if len(server.asked) > 1 else handler.pieces(ANSWER)

    server.act = once
    handle = enhancing(PROMPT, 2)
    assert handle.wait(20)
    assert (handle.status, [each.text for each in handle.candidates]) == ("failed", [ANSWER])


def test_the_key_is_shown_nowhere_and_sent_to_its_own_host_only(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = find_endpoint(None)
    assert found == Endpoint(f"{server.url}/v1", "qwen3:4b", KEY)
    assert KEY not in repr(found)
    other = find_endpoint("http://localhost:1/v1")
    assert other is not None
    assert other.key == ""
    assert find_endpoint("") is None
    monkeypatch.delenv("ZIMG_ENHANCER_URL")
    assert find_endpoint(None) is None
    alone = find_endpoint(server.url)
    assert alone is not None
    assert (alone.key, alone.address) == (KEY, f"{server.url}/v1/chat/completions")


@pytest.mark.parametrize(
    ("endpoint", "model", "code"),
    [
        ("localhost:11434", "m", "invalid-address"),
        ("ftp://a/v1", "m", "invalid-address"),
        ("http://me:secret@a/v1", "m", "password-in-address"),
        ("http://a:x/v1", "m", "invalid-address"),
        ("http://a/v1", "", "endpoint-model-missing"),
        (7, "m", "wrong-type"),
    ],
)
def test_bad_addresses_are_refused(
    monkeypatch: pytest.MonkeyPatch, endpoint: Any, model: str, code: str
) -> None:
    monkeypatch.setenv("ZIMG_ENHANCER_MODEL", model)
    with refused(code) as refusal:
        enhance("a cat", 1, endpoint=endpoint)
    assert "secret" not in str(refusal.value)
