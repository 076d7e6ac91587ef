"""Public names of the package, imported when first used."""

from .apply import apply_loras as apply_loras
from .apply import unload_loras as unload_loras
from .files import find_lora as find_lora
from .inspect import inspect_lora as inspect_lora
from .inspect import list_loras as list_loras
from .report import LoraList as LoraList
from .report import LoraReport as LoraReport
