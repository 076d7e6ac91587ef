"""Public names of the package, imported when first used."""

from .options import Options as Options
from .place import Place as Place
