"""Parameters of a request: one frozen, hashable, JSON-ready value."""

from .edit import Edit as Edit
from .edit import EditKind as EditKind
from .generation import MAX_COUNT as MAX_COUNT
from .generation import MAX_SEED as MAX_SEED
from .generation import MAX_STEPS as MAX_STEPS
from .generation import SCHEMA_VERSION as SCHEMA_VERSION
from .generation import GenerationParams as GenerationParams
from .limits import SIDE_MULTIPLE as SIDE_MULTIPLE
from .limits import nearest_side as nearest_side
from .limits import require_choice as require_choice
from .limits import require_multiple as require_multiple
