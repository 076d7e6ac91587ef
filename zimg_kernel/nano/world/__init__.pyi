"""Public names of the package, imported when first used."""

from .scenes import FILLS as FILLS
from .scenes import HELD_OUT as HELD_OUT
from .scenes import KINDS as KINDS
from .scenes import MIX as MIX
from .scenes import POOR as POOR
from .scenes import QUALITIES as QUALITIES
from .scenes import SIZES as SIZES
from .scenes import Scene as Scene
from .scenes import Thing as Thing
from .scenes import backdrop as backdrop
from .scenes import sample as sample
from .scenes import sample_landscape_scene as sample_landscape_scene
from .scenes import sample_scene as sample_scene
from .scenes import sample_sign_scene as sample_sign_scene
