"""Public names of the package, imported when first used."""

from .gallery import Gallery as Gallery
