"""Public names of the package, imported when first used."""

from .default import default_engine as default_engine
from .default import use_engine as use_engine
from .default import use_gallery as use_gallery
from .job import Job as Job
from .local import LocalEngine as LocalEngine
from .protocol import Engine as Engine
from .step_strip import Strip as Strip
