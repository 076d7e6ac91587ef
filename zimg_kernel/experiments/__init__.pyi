"""Public names of the package, imported when first used."""

from . import batch as batch
from . import bench as bench
from . import grid as grid
from . import rating as rating
from . import suite as suite
from . import variety as variety
