"""Public names of the package, imported when first used."""

from .benchmark import run_bench as run_bench
from .competitors import Answer as Answer
from .competitors import Competitor as Competitor
from .competitors import Request as Request
from .progress import Progress as Progress
from .report.report import BenchReport as BenchReport
from .result import BenchResult as BenchResult
from .result import Case as Case
from .result import Run as Run
from .result_file import read_result as read_result
from .result_file import write_result as write_result
from .several import run_suites as run_suites
from .suites import SUITES as SUITES
