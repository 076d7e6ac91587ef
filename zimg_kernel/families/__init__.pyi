"""Public names of the package, imported when first used."""

from .family import LoraLoader as LoraLoader
from .family import ModelFamily as ModelFamily
from .reading import ReadPrompt as ReadPrompt
from .registry import families as families
from .registry import family_of as family_of
from .registry import get_family as get_family
from .registry import register_family as register_family
