"""Public names of the package, imported when first used."""

from .address import Address as Address
from .engine import ComfyEngine as ComfyEngine
from .server import ComfyServer as ComfyServer
