"""Public names of the package, imported when first used."""

from .choose import competitor as competitor
from .competitor import Answer as Answer
from .competitor import Competitor as Competitor
from .competitor import Request as Request
from .engine import EngineCompetitor as EngineCompetitor
