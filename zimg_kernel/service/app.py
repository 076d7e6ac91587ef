"""ASGI application of the service: its routes behind the guard."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

import anyio.to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from zimg_kernel import __version__
from zimg_kernel.errors import BadInput, ZimgError

from . import health
from .context import ServiceContext
from .error_forms import ErrorForms
from .guard import Guard
from .refusal import Refused

# Each interface is a package with ``router(context) -> APIRouter`` and, where its errors have a
# form of their own, ``use_error_forms(forms)``.
_INTERFACES = ("native", "openai", "comfy")


def create_app(context: ServiceContext) -> ASGIApp:
    """Return the service as an ASGI application.

    Parameters
    ----------
    context : ServiceContext
        Begun when the application starts, closed when it ends; its engine goes on.
    """
    forms = ErrorForms()
    app = FastAPI(
        title="zimg", version=__version__, lifespan=_lifespan(context), docs_url=None,
        redoc_url=None, description="Pictures by the Z-Image family of models.",
    )  # fmt: skip
    answer = partial(_answer, forms)
    for kind in (BadInput, ZimgError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, answer)
    app.include_router(health.router(context))
    for name in _INTERFACES:
        module = f"{__package__}.{name}"
        if importlib.util.find_spec(module) is None:
            continue
        interface = importlib.import_module(module)
        app.include_router(interface.router(context))
        if hasattr(interface, "use_error_forms"):
            interface.use_error_forms(forms)
    return Guard(app, context, forms)


def _lifespan(context: ServiceContext) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await anyio.to_thread.run_sync(context.begin)
        try:
            yield
        finally:
            context.stop()
            await anyio.to_thread.run_sync(context.close)

    return lifespan


async def _answer(forms: ErrorForms, request: Request, error: Exception) -> Response:
    """Answer an exception in the form of the path's interface."""
    said = _as_refusal(error)
    status, body, headers = forms.answer(request.url.path, said)
    response = Response(b"" if request.method == "HEAD" else body, status)
    response.raw_headers = headers
    return response


def _as_refusal(error: Exception) -> Exception:
    """Return what FastAPI and Starlette raise as a refusal of ours."""
    if isinstance(error, RequestValidationError):
        first = error.errors()[0] if error.errors() else {"loc": ("body",), "msg": "is wrong"}
        field = str(first["loc"][-1])
        reason = str(first["msg"])[:1].lower() + str(first["msg"])[1:]
        return Refused(f"{field[:60]}: {reason}.", code="wrong-type", field=field[:60])
    if isinstance(error, HTTPException):
        sentences = {
            404: "There is nothing at this address.",
            405: "This address does not take this method.",
        }
        code = {404: "not-found", 405: "wrong-method"}.get(error.status_code, "refused")
        said = sentences.get(error.status_code) or f"{error.detail}"
        return Refused(said, status=error.status_code, code=code)
    return error
