"""Public names of the package, imported when first used."""

from .result import BenchResult as BenchResult
from .result import Run as Run
from .result_file import read_result as read_result
from .result_file import write_result as write_result
