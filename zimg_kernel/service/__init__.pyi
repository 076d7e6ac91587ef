"""Public names of the package, imported when first used."""

from .app import create_app as create_app
from .context import ServiceContext as ServiceContext
from .options import ServiceOptions as ServiceOptions
