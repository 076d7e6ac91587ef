"""Public names of the package, imported when first used."""

from .command import main as main
