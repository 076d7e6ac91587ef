"""Requests of the own interface: JSON fields as parameters, headers as options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request

from zimg_kernel.errors import BadInput
from zimg_kernel.params import GenerationParams
from zimg_kernel.service.addresses import parse_host
from zimg_kernel.service.context import ServiceContext
from zimg_kernel.service.refusal import Refused

_TEXTS = {"prompt", "negative_prompt", "model", "sampler", "sigmas", "cfg_normalization"}


def params_of(fields: Mapping[str, Any]) -> GenerationParams:
    """Return parameters from a client's fields; null stands for a field's default.

    Raises
    ------
    BadInput
        A field is unknown, of another kind or out of range.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    for name, value in given.items():
        # Python takes true for 1.
        if (
            isinstance(value, bool)
            and name in GenerationParams.model_fields
            and (name not in _TEXTS)
        ):
            raise BadInput(f"{name} is a number, not true or false.", code="wrong-type", field=name)
    return GenerationParams.from_dict(given)


def key_of(request: Request) -> str:
    """Return the client's own id of its request, if it has sent one."""
    return request.headers.get("idempotency-key", "")


def hook_of(context: ServiceContext, value: Any) -> str:
    """Return the address to call when a job has ended; "" for none.

    Raises
    ------
    Refused
        It is none, or its host is not among those that webhooks may call: the service can
        reach hosts that its clients cannot.
    """
    if value is None or value == "":
        return ""
    allowed = {parse_host(host) for host in context.options.hooks}
    try:
        parts = urlsplit(value) if isinstance(value, str) and len(value) <= 2000 else None
        host = parse_host(parts.netloc) if parts and parts.scheme in ("http", "https") else None
    except ValueError:
        host = None
    if host is None or host not in allowed:
        raise Refused(
            "Webhooks may not call this address: its host has to be named with zimg serve --hook.",
            code="hook-not-allowed",
            field="webhook",
        )
    return str(value)
