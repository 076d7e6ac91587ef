"""Public names of the package, imported when first used."""

from .axes import Axis as Axis
from .axes import swap as swap
from .grid import Cell as Cell
from .grid import Grid as Grid
from .yaml_file import grid_from_yaml as grid_from_yaml
