"""Malformed requests: bodies, headers, paths and methods, written to a socket as they are."""

from __future__ import annotations

import json
import random
import socket
from collections import Counter
from collections.abc import Iterator

PATHS = (
    "/v1/generate", "/generate", "/v1/jobs", "/v1/jobs/job-0123456789a-0123456789ab",
    "/v1/jobs/x/events", "/v1/edits", "/v1/gallery", "/v1/gallery/parameters/a.png",
    "/v1/gallery/thumbnail/../../etc/passwd", "/static/%2e%2e/%2e%2e/etc/passwd",
    "/static/\x7f", "/v1/images/generations", "/v1/images/edits", "/v1/images/variations",
    "/v1/models/%00", "/v1/usage", "/metrics", "/docs", "/", "/web/page.js", "/web/../page.py",
    "/healthz", "//", "/t/", "/t/x", "/t/%ff/v1/jobs", "/%f0%9f%90%88", "/a" * 300,
    "/v1/gallery?limit=-1", "/v1/gallery?limit=9999999999999999999999", "/v1/gallery?text=%ff%fe",
    "/v1/gallery?model=%00&offset=1e9", "/v1/jobs?limit=nan", "/static/a?until=1&signature=%c3",
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "FOO")
VALUES = (
    "NaN", "-Infinity", "1e999", "9" * 5000, "-1", "true", "null", "[]", "{}", '""', '"\\ud800"',
    '"\\u0000"', '"x"', "1.5", "[[[[[[1]]]]]]", '{"a": {"a": 1}}', '"' + "猫" * 9000 + '"', "2e0",
    '"\\u202e\\ufeff"', "18446744073709551616", "[" * 3000,
)  # fmt: skip
NAMES = (
    "prompt", "negative_prompt", "steps", "width", "height", "seed", "count", "model", "sampler",
    "sigmas", "shift", "loras", "edit", "guidance", "schema_version", "webhook", "n", "size",
    "stream", "partial_images", "response_format", "output_format", "__class__", "", "\\ud800",
)  # fmt: skip
HEADERS = (
    "Content-Type: application/json", "Content-Type: multipart/form-data",
    "Content-Type: multipart/form-data; boundary=x", "Content-Type: text/plain; charset=utf-16",
    "Content-Type: \x01", "Accept: nothing/*;q=nan", "Idempotency-Key: \x7f",
    "Idempotency-Key: " + "k" * 300, "x-stainless-retry-count: ٣", "x-stainless-retry-count: 1",
    "Origin: null", "Origin: http://[::1", "Content-Length: 5, 6", "Transfer-Encoding: gzip",
    "Expect: 100-continue", "Range: bytes=9999-1", "If-None-Match: \"", "Cookie: a=\x80",
    "X-Forwarded-For: 10.0.0.1", "Upgrade: websocket", "Authorization: Basic ====",
)  # fmt: skip


def requests_of(number: int, seed: int, host: str, token: str) -> Iterator[bytes]:
    """Yield so many malformed requests, the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(number):
        method = chance.choices(METHODS, (4, 9, 1, 1, 1, 1, 1, 1, 1))[0]
        body = _body(chance)
        lines = [f"{method} {chance.choice(PATHS)} HTTP/1.1", f"Host: {host}"]
        lines += [f"Authorization: Bearer {token}"] if chance.random() < 0.9 else []
        lines += chance.sample(HEADERS, chance.randrange(3))
        if chance.random() < 0.95:
            lines.append(f"Content-Length: {len(body)}")
        lines.append("Connection: close")
        head = "\r\n".join(lines).encode("utf-8", "surrogatepass")
        if chance.random() < 0.03:
            head = head.replace(b" HTTP/1.1", chance.choice((b"", b" HTTP/9", b"\x00")))
        yield head + b"\r\n\r\n" + body


def _body(chance: random.Random) -> bytes:
    kind = chance.random()
    if kind < 0.1:
        return chance.randbytes(chance.randrange(200))
    if kind < 0.2:
        part = (
            b'--x\r\nContent-Disposition: form-data; name="image"; filename="../../a\x00.png"'
            b"\r\n\r\n\x89PNG\r\n\x1a\n" + chance.randbytes(40) + b"\r\n"
        )
        field = b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n\xff\xfe\r\n'
        return chance.choice((part, field, part + field + b"--x--\r\n", b"--x--", b"--y\r\n"))
    # Never a good prompt: nothing is to be drawn.
    pairs = [f'"{chance.choice(NAMES)}": {chance.choice(VALUES)}' for _ in range(3)]
    if chance.random() < 0.5:
        pairs.insert(0, f'"prompt": {json.dumps("a red circle")}, "steps": 0')
    body = ("{" + ", ".join(pairs) + "}").encode("utf-8", "surrogatepass")
    return body[: chance.randrange(len(body))] if chance.random() < 0.15 else body


def send(port: int, data: bytes, seconds: float = 20.0) -> bytes:
    """Return what comes back until the connection is closed, without ``100 Continue``.

    The sending side stays open: uvicorn takes its end for a client that has gone, and answers no
    more.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        got = b""
        try:
            connection.sendall(data)
            while part := connection.recv(65536):
                got += part
        except ConnectionError:
            pass
        return got.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")


def attack(port: int, token: str, number: int, seed: int) -> tuple[Counter[int], list[str]]:
    """Send malformed requests; return how often each status came, and what was wrong.

    Wrong is a status of 500 or more, a traceback in an answer, and none.
    """
    statuses: Counter[int] = Counter()
    wrong = []
    for data in requests_of(number, seed, f"127.0.0.1:{port}", token):
        try:
            answer = send(port, data)
        except TimeoutError:
            wrong.append(f"nothing comes: {data[:300]!r}")
            continue
        line = answer.split(b"\r\n", 1)[0].split()
        status = int(line[1]) if len(line) > 1 and line[1].isdigit() else 0
        statuses[status] += 1
        if not 200 <= status < 500 or b"Traceback" in answer:
            wrong.append(f"{answer[:300]!r} to {data[:500]!r}")
    return statuses, wrong
