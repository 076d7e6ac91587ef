"""Public names of the package, imported when first used."""

from .train import main as main
