"""Workflow templates: graphs of which only named fields change."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

Graph = dict[str, Any]

_FOLDER = Path(__file__).with_name("templates")
_LORA = "LoraLoaderModelOnly"
_ZEROED = "ConditioningZeroOut"


@dataclass(frozen=True)
class Template:
    """One graph in ComfyUI's API format.

    Attributes
    ----------
    name : str
    version : int
        Goes up whenever the graph changes.
    fields : dict of str to (str, str)
        Node and input of each field that may be set.
    graph : dict
        Complete, with something in every field.
    """

    name: str
    version: int
    fields: dict[str, tuple[str, str]]
    graph: Graph

    @property
    def sampler(self) -> str:
        """Id of the node whose steps are told."""
        return self.fields["seed"][0]

    @property
    def output(self) -> str:
        """Id of the node whose picture is fetched."""
        return self.fields["prefix"][0]

    def filled(
        self, values: dict[str, Any], *, guided: bool, loras: Sequence[tuple[str, float]] = ()
    ) -> Graph:
        """Return the graph with these values in its fields.

        Parameters
        ----------
        values : dict
            By field. ``shift`` None leaves the model's sampling as it is.
        guided : bool
            Whether there is a negative prompt; the prompt's zeroed condition otherwise.
        loras : sequence of (str, float)
            The server's names of LoRAs and their strengths, applied one after the other.
        """
        graph = copy.deepcopy(self.graph)
        for field, value in values.items():
            if value is not None:
                node, name = self.fields[field]
                graph[node]["inputs"][name] = value
        sampler = graph[self.sampler]["inputs"]
        zeroed = next(id for id, node in graph.items() if node["class_type"] == _ZEROED)
        negative = self.fields["negative_prompt"][0]
        sampler["negative"] = [negative if guided else zeroed, 0]
        del graph[zeroed if guided else negative]
        last: list[Any] = [self.fields["model"][0], 0]
        for number, (name, strength) in enumerate(loras):
            node = str(100 + number)
            graph[node] = {
                "class_type": _LORA,
                "inputs": {"model": last, "lora_name": name, "strength_model": strength},
            }
            last = [node, 0]
        shift = self.fields["shift"][0]
        if values.get("shift") is None:
            del graph[shift]
            sampler["model"] = last
        else:
            graph[shift]["inputs"]["model"] = last
        return graph


@lru_cache(maxsize=8)
def load_template(name: str) -> Template:
    """Return a template: text_to_image, image_to_image or inpaint."""
    text = (_FOLDER / f"{name}.json").read_text(encoding="utf-8")
    told = json.loads(text)
    fields = {field: (node, key) for field, (node, key) in told["fields"].items()}
    return Template(told["name"], told["version"], fields, told["graph"])
