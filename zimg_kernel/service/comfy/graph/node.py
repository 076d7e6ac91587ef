"""Node of a graph: what each class says of itself, and what it gets when it runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from .inputs import Input


class Interrupted(Exception):
    """The prompt was interrupted while a node ran."""


class Call(Protocol):
    """What a node knows of the prompt that it runs in."""

    node_id: str
    prompt_id: str
    graph: Mapping[str, Any]
    """The whole graph in API form."""
    extra: Mapping[str, Any]
    """``extra_data`` of the prompt, without secrets."""
    services: Any
    """What the server gives its nodes: folders, and a way to draw."""

    def progress(self, value: float, most: float, preview: Any = None) -> None:
        """Tell how far the node is.

        Parameters
        ----------
        value, most : float
        preview : callable, optional
            Returns a JPEG; called only where somebody watches.
        """

    def send_picture(self, png: bytes) -> None:
        """Send a PNG to the client's socket."""

    def note(self, text: str) -> None:
        """Tell the user something that the prompt's record keeps."""

    def when_interrupted(self, stop: Callable[[], Any]) -> None:
        """Call a function as soon as the prompt shall stop."""

    @property
    def interrupted(self) -> bool:
        """True once the prompt shall stop."""


@dataclass(frozen=True)
class Result:
    """What a node returns: values by output, and what an output node shows.

    Attributes
    ----------
    values : tuple
        One for each output.
    shown : dict, optional
        Such as ``{"images": [{"filename": ..., "subfolder": "", "type": "output"}]}``.
    """

    values: tuple[Any, ...] = ()
    shown: dict[str, list[Any]] | None = None


class Node(ABC):
    """Base of the nodes; a new one is a class derived from it and given to a registry.

    Attributes
    ----------
    name : str
        ``class_type`` in graphs.
    title, category, about : str
        Words for people.
    inputs : dict of str to Input
        In their order.
    outputs : dict of str to str
        Type by name, in their order.
    is_output : bool
        True for nodes whose results a prompt is run for.
    hidden : dict of str to str
        Values that ComfyUI's node gets from the server itself; for its description alone.
    """

    name: ClassVar[str]
    title: ClassVar[str] = ""
    category: ClassVar[str] = "zimg"
    about: ClassVar[str] = ""
    inputs: ClassVar[Mapping[str, Input]] = {}
    outputs: ClassVar[Mapping[str, str]] = {}
    is_output: ClassVar[bool] = False
    hidden: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def run(self, call: Call, **inputs: Any) -> Result | tuple[Any, ...]:
        """Return the values of the outputs.

        Optional inputs that the graph leaves open are not given.
        """

    def validate(self, services: Any, inputs: Mapping[str, Any]) -> dict[str, str]:
        """Return what is wrong with typed values, by input; nothing is wrong by default."""
        return {}

    def state(self, services: Any, inputs: Mapping[str, Any]) -> str:
        """Return what the result depends on beside the inputs, such as a file's time of writing."""
        return ""

    def describe(self) -> dict[str, Any]:
        """Return the node as ``object_info`` has it."""
        required = {name: i.describe() for name, i in self.inputs.items() if i.required}
        others = {name: i.describe() for name, i in self.inputs.items() if not i.required}
        given: dict[str, Any] = {"required": required}
        given |= {"optional": others} if others else {}
        given |= {"hidden": dict(self.hidden)} if self.hidden else {}
        return {
            "input": given,
            "input_order": {part: list(values) for part, values in given.items()},
            "is_input_list": False,
            "output": list(self.outputs.values()),
            "output_is_list": [False] * len(self.outputs),
            "output_name": list(self.outputs),
            "name": self.name,
            "display_name": self.title or self.name,
            "description": self.about,
            "python_module": "nodes",
            "category": self.category,
            "output_node": self.is_output,
            "has_intermediate_output": False,
            "search_aliases": [],
        }


@dataclass
class Declared(Node):
    """Node made of a function and its description; see :func:`declare`."""

    function: Any = field(repr=False)

    def run(self, call: Call, **inputs: Any) -> Result | tuple[Any, ...]:
        """Call the function."""
        return self.function(call, **inputs)
