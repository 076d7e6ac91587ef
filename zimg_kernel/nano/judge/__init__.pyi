"""Public names of the package, imported when first used."""

from .judge import LEAST_OVERLAP as LEAST_OVERLAP
from .judge import NOUNS as NOUNS
from .judge import VISIBLE as VISIBLE
from .judge import Detected as Detected
from .judge import detect as detect
from .judge import match as match
from .judge import score as score
