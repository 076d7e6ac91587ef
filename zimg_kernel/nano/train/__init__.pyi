"""Public names of the package, imported when first used."""

from .run import main as main
