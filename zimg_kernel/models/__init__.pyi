"""Public names of the package, imported when first used."""

from .catalog import ModelCard as ModelCard
from .catalog import get_card as get_card
from .catalog import load_catalog as load_catalog
from .load_profile import use_profile as use_profile
