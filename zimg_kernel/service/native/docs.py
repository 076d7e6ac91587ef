"""Page of the interface's description, made from its OpenAPI file; needs no other server."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from zimg_kernel.service.context import ServiceContext

from .page import PAGE_HEADERS

_METHODS = ("get", "post", "delete")
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>zimg: HTTP interface</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="web/page.css"></head><body class="docs"><main>
<h1>HTTP interface</h1>
<p><a href="openapi.json">openapi.json</a> says the same to programs. A token goes with each request
as <code>Authorization: Bearer TOKEN</code>.</p>
"""


def router(context: ServiceContext) -> APIRouter:
    """Return the route ``/docs``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/docs")
    async def docs(request: Request) -> Response:
        """Return the description as a page."""
        return HTMLResponse("".join(_page(request.app.openapi())), headers=PAGE_HEADERS)

    return routes


def _page(told: dict[str, Any]) -> Iterator[str]:
    yield _HEAD
    components = told.get("components", {}).get("schemas", {})
    for path, methods in told["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield from _operation(path, method, methods[method], components)
    yield "</main></body></html>"


def _operation(
    path: str, method: str, told: dict[str, Any], components: dict[str, Any]
) -> Iterator[str]:
    yield (
        f"<details><summary><code><b>{method.upper()}</b> {_text(path)}</code> "
        f"<span>{_text(told.get('description') or told.get('summary', ''))}</span></summary>"
    )
    rows = [
        (one["name"], one["in"], one.get("schema", {}), one.get("description", ""))
        for one in told.get("parameters", [])
    ]
    for kind, content in told.get("requestBody", {}).get("content", {}).items():
        schema = _resolved(content.get("schema", {}), components)
        for name, field in schema.get("properties", {}).items():
            rows.append((name, kind, field, field.get("description", "")))
    if rows:
        yield "<table><tr><th>Name</th><th>In</th><th>Values</th><th>Meaning</th></tr>"
        for name, place, schema, meaning in rows:
            cells = (f"<code>{_text(name)}</code>", _text(place), _values(schema), _text(meaning))
            yield "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
        yield "</table>"
    answers = [
        f"<li><code>{_text(status)}</code> {_text(answer.get('description', ''))}</li>"
        for status, answer in sorted(told.get("responses", {}).items())
    ]
    yield f"<ul>{''.join(answers)}</ul></details>"


def _resolved(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = components.get(name, schema)
    return found


def _values(schema: dict[str, Any]) -> str:
    kinds = schema.get("type") or [one.get("type", "") for one in schema.get("anyOf", [])]
    said = [kinds if isinstance(kinds, str) else " or ".join(kind for kind in kinds if kind)]
    bounds = [schema, *schema.get("anyOf", [])]
    for key, sign in (("minimum", "≥"), ("maximum", "≤"), ("exclusiveMinimum", ">")):
        said += [f"{sign} {one[key]}" for one in bounds if key in one]
    said += [f"up to {one['maxLength']} characters" for one in bounds if "maxLength" in one]
    if "enum" in schema:
        said.append(", ".join(map(str, schema["enum"])))
    if schema.get("default") not in (None, ""):
        said.append(f"default {schema['default']}")
    return _text("; ".join(part for part in said if part))


def _text(value: object) -> str:
    return html.escape(str(value))
