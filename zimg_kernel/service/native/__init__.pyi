"""Public names of the package, imported when first used."""

from .routes import router as router
