"""Public names of the package, imported when first used."""

from .contact_sheet import GeneratedImages as GeneratedImages
from .contact_sheet import contact_sheet as contact_sheet
from .image import GeneratedImage as GeneratedImage
