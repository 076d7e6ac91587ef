"""Public names of the package, imported when first used."""

from .compare import compare_variety as compare_variety
from .measure import Diversity as Diversity
from .measure import diversity as diversity
from .methods import METHODS as METHODS
from .methods import Method as Method
from .methods import vary as vary
from .prompt_adherence import Following as Following
from .prompt_adherence import follows as follows
from .report import MethodResult as MethodResult
from .report import Row as Row
from .report import VarietyReport as VarietyReport
from .rewording import reword as reword
from .scene_parser import read_scene as read_scene
