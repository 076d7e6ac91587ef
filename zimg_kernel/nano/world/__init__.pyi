"""Public names of the package, imported when first used."""

from .world import FILLS as FILLS
from .world import HELD_OUT as HELD_OUT
from .world import KINDS as KINDS
from .world import MIX as MIX
from .world import POOR as POOR
from .world import QUALITIES as QUALITIES
from .world import SIZES as SIZES
from .world import Scene as Scene
from .world import Thing as Thing
from .world import backdrop as backdrop
from .world import sample as sample
from .world import sample_landscape_scene as sample_landscape_scene
from .world import sample_scene as sample_scene
from .world import sample_sign_scene as sample_sign_scene
