"""Guard before all routes: hosts, origins, addresses, tokens, rates and sizes."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .addresses import is_own_host, parse_host, parse_origin
from .caller import SCOPE_KEY, Caller
from .context import ServiceContext
from .cors import is_preflight, preflight_headers, with_page
from .error_forms import ErrorForms
from .refusal import Refused, status_of

OPEN_PATHS = ("/healthz", "/readyz")
"""Paths that need no token, for what watches the service."""

_PATH_TOKEN = "/t/"  # noqa: S105 - where a token stands
_log = logging.getLogger(__name__)


class Guard:
    """ASGI application around the service's: refuses what must not reach a route.

    Parameters
    ----------
    app : ASGI application
    context : ServiceContext
    forms : ErrorForms
    """

    def __init__(self, app: ASGIApp, context: ServiceContext, forms: ErrorForms) -> None:
        self._app, self._context, self._forms = app, context, forms
        self._closed = not context.options.loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        began = done = False

        async def note(message: Message) -> None:
            nonlocal began, done
            kind = message["type"]
            began = began or kind in ("http.response.start", "websocket.accept")
            done = kind == "http.response.body" and not message.get("more_body", False)
            if kind == "http.response.start":
                self._context.metrics.answered(message["status"])
                headers = [*message.get("headers", ()), (b"x-content-type-options", b"nosniff")]
                message = {**message, "headers": headers}
            await send(message)

        try:
            scope, secret = _without_token(scope)
            headers = Headers(scope=scope)
            page = self._check_place(scope, headers)
            if page and is_preflight(scope, headers):
                await _answer(send, 204, preflight_headers(page, headers))
                return
            if page:
                send = with_page(send, page)
            scope[SCOPE_KEY] = self._caller(scope, headers, secret)
            limited = self._limited(scope, headers, receive)
            await self._app(scope, limited, note)
        except Exception as error:
            if status_of(error) >= 500 and not isinstance(error, Refused):
                _log.error("%s %s failed", scope["type"], scope["path"], exc_info=error)
            if began and not done:  # nothing else can be said now
                raise
            if not began:
                await self._refuse(scope, note, error)

    def _check_place(self, scope: Scope, headers: Headers) -> str | None:
        """Refuse foreign places; return the page of another server that may call, if it is one."""
        options = self._context.options
        client = scope["client"][0] if scope.get("client") else ""
        if options.networks and not _is_in(client, options.networks):
            raise Refused(
                "This address is not on the list of those that are let in.",
                status=403,
                code="address-not-allowed",
            )
        server = scope["server"][0] if scope.get("server") else None
        hosts = headers.getlist("host")
        host = parse_host(hosts[0]) if len(hosts) == 1 else None
        if host is None or not is_own_host(host[0], server, options.hosts):
            raise Refused(
                "The service is not called that: ask for it by its address, or have its name "
                "added with zimg serve --name.",
                status=403,
                code="unknown-host",
                field="Host",
            )
        allowed = {parse_origin(origin) for origin in options.origins}
        if ("https", host[0], host[1] or 443) in allowed:
            # A proxy speaks TLS for us: addresses in answers are to begin with https.
            scope["scheme"] = {"http": "https", "ws": "wss"}.get(scope["scheme"], scope["scheme"])
        return self._check_origin(scope, headers, host, allowed)

    def _check_origin(
        self, scope: Scope, headers: Headers, host: tuple[str, int | None], allowed: set[Any]
    ) -> str | None:
        origins = headers.getlist("origin")
        if origins:
            scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
            port = host[1] or (443 if scheme == "https" else 80)
            found = parse_origin(origins[0]) if len(origins) == 1 else None
            if found == (scheme, host[0], port) and found is not None:
                return None
            if found is None or found not in allowed:
                raise _foreign()
            return origins[0]
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and not (
            (headers.get("sec-fetch-mode") == "navigate" and scope.get("method") == "GET")
            or self._is_link(scope)  # a page that was given one may show the picture
        ):
            raise _foreign()
        return None

    def _is_link(self, scope: Scope) -> bool:
        query = scope.get("query_string", b"").decode("latin-1")
        return self._context.links.is_valid(scope["path"], query)

    def _caller(self, scope: Scope, headers: Headers, secret: str | None) -> Caller:
        address = scope["client"][0] if scope.get("client") else ""
        if scope["path"] in OPEN_PATHS:
            return Caller("watch", "", address)
        if self._is_link(scope):
            return Caller("link", "", address)
        caller = Caller("local", "", address, admin=True)
        # Where there was a token, one is needed from then on: who removes the last lets nobody in.
        self._closed = self._closed or bool(self._context.tokens)
        if self._closed:
            given = secret or _from_header(headers)
            token = self._context.tokens.find(given) if given else None
            if token is None:
                self._context.audit.note("", "token", "refused", address=address)
                raise Refused(
                    "A token is needed, as Authorization: Bearer TOKEN, and this is none: zimg "
                    "serve token add NAME makes one.",
                    status=401,
                    code="unknown-token" if given else "no-token",
                    field="Authorization",
                )
            caller = Caller(token.name, token.id, address, token.admin)
        self._context.limits.take_request(caller)
        return caller

    def _limited(self, scope: Scope, headers: Headers, receive: Receive) -> Receive:
        """Return a receiver that ends a body that is too long."""
        most = self._context.options.max_body
        told = headers.get("content-length", "0")
        if not told.isascii() or not told.isdigit() or int(told[:20]) > most:
            raise _too_long(most)
        got = 0

        async def limited() -> Message:
            nonlocal got
            message = await receive()
            if message["type"] == "http.request":
                got += len(message.get("body", b""))
                if got > most:
                    raise _too_long(most)
            return message

        return limited if scope["type"] == "http" else receive

    async def _refuse(self, scope: Scope, send: Send, error: Exception) -> None:
        status, body, headers = self._forms.answer(scope["path"], error)
        if scope["type"] == "http":
            await _answer(send, status, headers, b"" if scope["method"] == "HEAD" else body)
            return
        address = scope["client"][0] if scope.get("client") else ""
        _log.warning("a WebSocket of %s was refused (%s)", address, getattr(error, "code", status))
        if "websocket.http.response" in scope.get("extensions", {}):
            start = {"type": "websocket.http.response.start", "status": status, "headers": headers}
            await send(start)
            await send({"type": "websocket.http.response.body", "body": body})
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": str(error)[:100]})


async def _answer(send: Send, status: int, headers: Any, body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _without_token(scope: Scope) -> tuple[Scope, str | None]:
    """Return a scope whose path holds no token, and the token that it held."""
    path: str = scope["path"]
    if not path.startswith(_PATH_TOKEN):
        return dict(scope), None
    secret, _, rest = path.removeprefix(_PATH_TOKEN).partition("/")
    raw: bytes = scope.get("raw_path") or b""
    shorter = b"/" + b"/".join(raw.split(b"/")[3:]) if raw else b""
    # What the routes build addresses from.
    root = f"{scope.get('root_path', '')}{_PATH_TOKEN}{secret}"
    changed: dict[str, Any] = {"path": f"/{rest}", "raw_path": shorter, "zimg.prefix": root}
    return {**scope, **changed}, secret


def _from_header(headers: Mapping[str, str]) -> str | None:
    kind, _, value = headers.get("authorization", "").partition(" ")
    value = value.strip()
    if kind.lower() == "bearer":
        return value or None
    if kind.lower() == "basic":
        try:
            decoded = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            return None
        name, colon, password = decoded.partition(":")
        return (password or unquote(name)) if colon else None
    return None


def _is_in(address: str, networks: tuple[Any, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    plain = getattr(found, "ipv4_mapped", None) or found
    return any(plain in network for network in networks)


def _foreign() -> Refused:
    return Refused(
        "Pages of other servers may not call this service: have theirs added with zimg serve "
        "--origin.",
        status=403,
        code="foreign-origin",
        field="Origin",
    )


def _too_long(most: int) -> Refused:
    return Refused(
        f"A body may have {most} bytes here: send less, or smaller pictures.",
        status=413,
        code="body-too-long",
        field="body",
    )
