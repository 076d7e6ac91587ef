"""Registry of the nodes that the Z-Image workflows use, and of those that packages bring."""

from __future__ import annotations

from ..graph.registry import NodeRegistry
from . import latents, masks, models, pictures, sampling, sizes, texts
from .services import Services


def standard_registry(services: Services | None = None) -> NodeRegistry:
    """Return a registry of all nodes that come with the package."""
    rooms = (models, texts, latents, sampling, pictures, sizes, masks)
    return NodeRegistry(*(node for room in rooms for node in room.NODES), services=services)
