"""Public names of the package, imported when first used."""

from .check import Check as Check
from .check import CheckResult as CheckResult
from .report import PictureResult as PictureResult
from .report import SuiteReport as SuiteReport
from .runner import run_suite as run_suite
from .spec import Case as Case
from .spec import Suite as Suite
from .yaml_file import ready_suites as ready_suites
