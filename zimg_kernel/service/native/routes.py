"""All routes of the own interface."""

from __future__ import annotations

from fastapi import APIRouter

from zimg_kernel.service.context import ServiceContext

from . import docs, edits, events, gallery, generate, jobs, models, page
from .hooks import Hooks


def router(context: ServiceContext) -> APIRouter:
    """Return the routes of the own interface."""
    context.ended.append(Hooks(context).on_end)
    routes = APIRouter()
    for module in (generate, jobs, events, edits, gallery, models, docs, page):
        routes.include_router(module.router(context))
    return routes
