"""Client of endpoints with OpenAI's chat protocol, streamed as server-sent events.

It uses ``requests`` rather than the ``openai`` package, which would save few lines: the sentence
for each failure, the key kept out of messages, answers that are not streamed and parameters that
a server does not know are handled here either way.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from zimg_kernel.errors import ZimgError

from .answer_stream import MAX_BYTES, MAX_SECONDS, TooLongError, lines, pieces
from .endpoint import Endpoint, shown
from .endpoint_errors import FILTERED, broken, declined, error_message, message_of, refusal, short
from .text_encoder import EnhanceOptions, ModelAnswer
from .thoughts import visible
from .unknown_fields import REFUSING, unknown_fields

_TIMEOUTS = (10.0, 120.0)  # seconds to connect; to wait for the next piece (a cold model loads)
_SEEDS = 2**31  # some servers keep a seed in 32 bits with a sign
_OPTIONAL = ("seed", "temperature", "max_tokens", "max_completion_tokens", "stream")
_OWN_HOSTS = ("localhost", "127.0.0.1", "::1")


def write(
    endpoint: Endpoint, messages: list[dict[str, str]], options: EnhanceOptions
) -> ModelAnswer:
    """Ask an endpoint for one answer.

    Parameters
    ----------
    endpoint : Endpoint
        Where to ask.
    messages : list of dict
        Chat messages with roles and contents.
    options : EnhanceOptions
        Of this answer. A server that refuses seed, temperature, max_tokens or streaming is
        asked again without.

    Raises
    ------
    ZimgError
        The endpoint cannot be reached, refuses, or breaks off; one sentence.
    """
    body: dict[str, Any] = {
        "model": endpoint.model,
        "messages": messages,
        "stream": True,
        "seed": options.seed % _SEEDS,
        "temperature": options.temperature,
        "max_tokens": options.max_tokens,
    }
    for _ in range(len(_OPTIONAL) + 1):
        unwanted, answer = _ask(endpoint, body, options)
        if answer is not None:
            return answer
        for name in unwanted:
            value = body.pop(name)
            if name == "max_tokens":
                body["max_completion_tokens"] = value  # what newer servers call it
    raise ZimgError(
        f"{shown(endpoint.url)} refuses every form of the request.", code="endpoint-refused"
    )


def _ask(
    endpoint: Endpoint, body: dict[str, Any], options: EnhanceOptions
) -> tuple[list[str], ModelAnswer | None]:
    """Ask once; return the answer, or the fields that the server refuses."""
    import requests

    where = shown(endpoint.url)
    session = requests.Session()
    # A proxy of the environment does not know this machine's own servers.
    session.trust_env = urlsplit(endpoint.url).hostname not in _OWN_HOSTS
    try:
        with session.post(
            endpoint.address,
            json=body,
            auth=_Bearer(endpoint.key),
            headers={
                "Accept": "text/event-stream, application/json",
                "Accept-Encoding": "identity",  # a compressed answer may be of any size
            },
            stream=True,
            timeout=_TIMEOUTS,
            allow_redirects=False,  # a redirect would turn the request into a GET
        ) as response:
            if response.status_code != 200:
                detail, said = error_message(response, endpoint)
                sent = [name for name in _OPTIONAL if name in body]
                if response.status_code in REFUSING and (names := unknown_fields(said, sent)):
                    return names, None
                raise refusal(response, detail, endpoint)
            response.encoding = "utf-8"
            return [], _read(response, endpoint, options)
    except requests.exceptions.ConnectTimeout:
        raise ZimgError(
            f"{where} did not take the call within {_TIMEOUTS[0]:g} s: check ZIMG_ENHANCER_URL "
            "and the network.",
            code="endpoint-unreachable",
        ) from None
    except requests.exceptions.ReadTimeout:
        raise ZimgError(
            f"{where} said nothing for {_TIMEOUTS[1]:g} s: try again, or take a smaller model.",
            code="endpoint-silent",
        ) from None
    except TooLongError:
        raise ZimgError(
            f"{where} sends more than a prompt (over {MAX_BYTES / 1e6:g} MB, or for over "
            f"{MAX_SECONDS:g} s): is it a chat endpoint?",
            code="endpoint-too-long",
        ) from None
    except requests.exceptions.ChunkedEncodingError:
        raise broken(where) from None
    except requests.exceptions.SSLError:
        raise ZimgError(
            f"{where} has no certificate that this machine trusts: check the address, or whether "
            "it should begin with http://.",
            code="endpoint-untrusted",
        ) from None
    except requests.exceptions.ConnectionError as error:
        if "Read timed out" in str(error):
            raise ZimgError(
                f"{where} fell silent in the middle of its answer: try again.",
                code="endpoint-silent",
            ) from None
        raise ZimgError(
            f"Nothing answers at {where}: start the server there, or correct ZIMG_ENHANCER_URL.",
            code="endpoint-unreachable",
        ) from None
    except requests.exceptions.RequestException as error:
        raise ZimgError(
            f"{where} cannot be asked ({type(error).__name__}).", code="endpoint-unreachable"
        ) from None


class _Bearer:
    """Bearer token as requests' auth; without one it would send what ~/.netrc has for the host."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: Any) -> Any:
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


def _read(response: Any, endpoint: Endpoint, options: EnhanceOptions) -> ModelAnswer:
    """Read the pieces of an answer as they come."""
    where = shown(endpoint.url)
    if "json" in response.headers.get("Content-Type", ""):  # it does not stream
        content = b"".join(pieces(response, options.stop))
        if options.stop():
            return ModelAnswer("", True)
        choice = _choice(_json(content.decode("utf-8", "replace"), where), endpoint)
        text = _text_of(choice, "message")
        refused = _refusal_of(choice, "message")
        if refused or choice.get("finish_reason") == FILTERED:
            raise declined(where, refused, endpoint)
        options.show(visible(text))
        return ModelAnswer(text, choice.get("finish_reason") == "length")
    text, refused, reason, events = "", "", None, 0
    for line in lines(response, options.stop):
        if not line.startswith(b"data:"):
            continue
        # Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html
        data = line[5:].decode("utf-8", "replace").strip()
        if data == "[DONE]":
            reason = reason or "stop"
            break
        events += 1
        try:
            event = _json(data, where)
        except ZimgError:
            if text:  # the connection ended in the middle of a piece
                raise broken(where) from None
            raise
        choice = _choice(event, endpoint)
        piece = _text_of(choice, "delta")
        refused += _refusal_of(choice, "delta")
        reason = choice.get("finish_reason") or reason
        if piece:
            text += piece
            options.show(visible(text))
    if options.stop():
        return ModelAnswer(text, True)
    if refused or reason == FILTERED:
        raise declined(where, refused, endpoint)
    if reason is None:
        if not events:
            raise ZimgError(
                f"{where} answers, but not as a chat endpoint does: check its address.",
                code="not-an-endpoint",
            )
        raise broken(where)
    return ModelAnswer(text, reason == "length")


def _text_of(choice: dict[str, Any], name: str) -> str:
    """Return the text of a message's content: text itself, or a list of parts, some of thoughts."""
    message = choice.get(name)
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = []
    for part in content:
        if isinstance(part, dict) and part.get("type", "text") in ("text", "output_text"):
            part = part.get("text")
        if isinstance(part, str):
            texts.append(part)
    return "".join(texts)


def _refusal_of(choice: dict[str, Any], name: str) -> str:
    """Return a message's ``refusal``, with which a model declines, or nothing."""
    message = choice.get(name)
    said = message.get("refusal") if isinstance(message, dict) else None
    return said if isinstance(said, str) else ""


def _json(text: str, where: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ZimgError(
            f"{where} sends something that is no JSON: is it a chat endpoint?",
            code="not-an-endpoint",
        )
    return found


def _choice(event: dict[str, Any], endpoint: Endpoint) -> dict[str, Any]:
    if event.get("error"):
        detail = short(message_of(event), endpoint)
        raise ZimgError(
            f"{shown(endpoint.url)} failed while it was writing ({detail}).",
            code="endpoint-failed",
        )
    choices = event.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else {}
    return first if isinstance(first, dict) else {}
