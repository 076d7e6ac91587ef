"""Public names of the package, imported when first used."""

from .detection import LEAST_OVERLAP as LEAST_OVERLAP
from .detection import NOUNS as NOUNS
from .detection import VISIBLE as VISIBLE
from .detection import Detected as Detected
from .detection import detect as detect
from .detection import match as match
from .detection import score as score
