"""Registry of nodes, to which users add their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import entry_points
from typing import Any

from zimg_kernel.errors import BadInput

from .inputs import Input
from .node import Declared, Node

GROUP = "zimg.comfy_nodes"
"""Entry points of packages that bring nodes: each names a function that takes a registry."""


class NodeRegistry:
    """Nodes by their names in graphs.

    Parameters
    ----------
    nodes : node classes
    services
        What the server gives its nodes.
    """

    def __init__(self, *nodes: type[Node], services: Any = None) -> None:
        self.services = services
        self._nodes: dict[str, Node] = {}
        for node in nodes:
            self.add(node)

    def add(self, node: type[Node]) -> type[Node]:
        """Add a node class, in place of another one of its name; usable as a decorator."""
        self._put(node())
        return node

    def _put(self, node: Node) -> None:
        bound = {name: given.bound(self.services) for name, given in node.inputs.items()}
        node.inputs = bound  # type: ignore[misc]  # the instance's own
        self._nodes[node.name] = node

    def declare(
        self,
        name: str,
        inputs: Mapping[str, Input],
        outputs: Mapping[str, str],
        **about: Any,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Return a decorator that makes a node of a function ``f(call, **inputs)``.

        Parameters
        ----------
        name : str
            ``class_type`` in graphs.
        inputs : dict of str to Input
        outputs : dict of str to str
            Type by name.
        **about
            ``title``, ``category``, ``about``, ``is_output``.

        Examples
        --------
        >>> from zimg_kernel.service.comfy.graph.inputs import text
        >>> registry = NodeRegistry()
        >>> @registry.declare("Shout", {"text": text()}, {"STRING": "STRING"})
        ... def shout(call, text):
        ...     return (text.upper(),)
        """

        def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
            fields = {"name": name, "inputs": dict(inputs), "outputs": dict(outputs), **about}
            kind = type(name, (Declared,), fields)
            self._put(kind(function))
            return function

        return decorate

    def load_plugins(self) -> None:
        """Add the nodes of installed packages that name this registry's entry points.

        Raises
        ------
        BadInput
            One of them fails.
        """
        for point in entry_points(group=GROUP):
            try:
                point.load()(self)
            except Exception as error:
                raise BadInput(
                    f"The nodes of {point.name} ({point.value}) cannot be added "
                    f"({type(error).__name__}: {error}): mend or uninstall that package.",
                    code="nodes-not-loaded",
                    field="nodes",
                ) from error

    def get(self, name: Any) -> Node | None:
        """Return a node by its name, or None if there is none."""
        return self._nodes.get(name) if isinstance(name, str) else None

    def __getitem__(self, name: str) -> Node:
        return self._nodes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __contains__(self, name: object) -> bool:
        return name in self._nodes

    def object_info(self, name: str | None = None) -> dict[str, Any]:
        """Return the descriptions of all nodes or of one; nothing for one that is not there."""
        names = self._nodes if name is None else [name] if name in self._nodes else []
        return {each: self._nodes[each].describe() for each in names}
