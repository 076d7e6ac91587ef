"""Public names of the package, imported when first used."""

from .errors import use_error_forms as use_error_forms
from .routes import router as router
