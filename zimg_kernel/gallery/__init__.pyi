"""Public names of the package, imported when first used."""

from .gallery import Gallery as Gallery
from .scan import Unread as Unread
