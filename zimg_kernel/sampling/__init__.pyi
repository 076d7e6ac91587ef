"""Public names of the package, imported when first used."""

from .sampler import Sampler as Sampler
