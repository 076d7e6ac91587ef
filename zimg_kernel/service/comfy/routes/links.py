"""Addresses and errors in the answers of API v2."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Request
from starlette.responses import JSONResponse

_DAYS = 365  # files stay until somebody deletes them


def address(request: Request, path: str) -> str:
    """Return the whole address of a path, as this client reaches the service."""
    base = request.base_url
    prefix = request.scope.get("zimg.prefix", "")
    return f"{base.scheme}://{base.netloc}{prefix}{path}"


def far_future() -> str:
    """Return a time until which an address holds."""
    return (datetime.now(UTC) + timedelta(days=_DAYS)).isoformat(timespec="seconds")


def moment(milliseconds: int | None) -> str | None:
    """Return a time in ISO 8601, or None."""
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")


def fault(status: int, code: str, message: str, **details: Any) -> JSONResponse:
    """Return an error in the form of API v2."""
    error = {"code": code, "message": message, "details": details}
    return JSONResponse({"error": error}, status)
