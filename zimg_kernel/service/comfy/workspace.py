"""Workspaces of callers: folders, nodes and results of each token apart."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from zimg_kernel.engine.job import Job
from zimg_kernel.params import GenerationParams

from ..caller import Caller
from .files import Folders
from .graph.cache import ResultCache
from .graph.registry import NodeRegistry
from .nodes.services import Services
from .nodes.standard import standard_registry
from .prompt import Prompt

if TYPE_CHECKING:
    from zimg_kernel.engine.plan import Plan

    from ..context import ServiceContext

_NOBODY = "local"  # folder of a service without tokens


@dataclass(frozen=True)
class Workspace:
    """What the prompts of one caller use.

    Attributes
    ----------
    services : Services
    registry : NodeRegistry
    cache : ResultCache
    """

    services: Services
    registry: NodeRegistry
    cache: ResultCache

    @property
    def folders(self) -> Folders:
        """Its folders."""
        return self.services.folders


class Workspaces:
    """Workspaces by the ids of tokens.

    Parameters
    ----------
    context : ServiceContext
    """

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._known: dict[str, Workspace] = {}

    def of(self, caller: Caller) -> Workspace:
        """Return a caller's workspace."""
        with self._lock:
            if caller.token_id not in self._known:
                self._known[caller.token_id] = self._make(caller)
            return self._known[caller.token_id]

    def of_prompt(self, prompt: Prompt) -> Workspace:
        """Return the workspace of the caller who posted a prompt."""
        return self.of(Caller(prompt.caller, prompt.token))

    def _make(self, caller: Caller) -> Workspace:
        folders = Folders(self._context.options.folder / "comfy" / (caller.token_id or _NOBODY))
        submit = partial(self._submit, caller)
        services = Services(self._context.engine, folders, submit)
        registry = standard_registry(services)
        registry.load_plugins()
        return Workspace(services, registry, ResultCache())

    def _submit(
        self,
        caller: Caller,
        params: GenerationParams,
        *,
        key: str,
        plan: Plan | None,
        notes: tuple[str, ...],
    ) -> Job:
        submitted: Any = self._context.submit(params, caller, plan=plan, key=key, notes=notes)
        return submitted
