"""YAML files that hold a mapping, with the lines of its parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from zimg_kernel.errors import BadInput
from zimg_kernel.yaml_files import read_nodes


@dataclass(frozen=True)
class YamlSource:
    """The mapping that a YAML file holds, and where its parts stand.

    Attributes
    ----------
    path : Path
        The file.
    data : dict
        Its content.
    """

    path: Path
    data: dict[str, Any]
    _root: yaml.Node | None = None

    @classmethod
    def read(cls, path: Path, expected: str, missing: str = "") -> YamlSource:
        """Read a file.

        Parameters
        ----------
        path : Path
            The file, UTF-8.
        expected : str
            What it must hold, for the error.
        missing : str
            The sentence for a file that does not exist.

        Raises
        ------
        BadInput
            The file cannot be read, is not valid YAML or holds no mapping: one sentence, with
            the line where there is one.
        """
        if not path.exists():
            raise BadInput(
                missing or f"There is no file {path}.", code="file-missing", field="path"
            )
        root, data = read_nodes(path, field="path")
        if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
            raise BadInput(f"{path} must hold {expected}.", code="not-a-mapping", field="path")
        return cls(path, data, root)

    def line(self, where: list[Any]) -> int:
        """Return the line, from 1, of the deepest part of a path of keys that the file has."""
        node = self._root
        line = 1 if node is None else node.start_mark.line + 1
        for part in where:
            for child, mark in _children(node, part):
                node, line = child, mark.line + 1
                break
        return line


def _children(node: yaml.Node | None, part: Any) -> Iterator[tuple[yaml.Node, Any]]:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        yield node.value[part], node.value[part].start_mark
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == str(part):
                yield value, key.start_mark
