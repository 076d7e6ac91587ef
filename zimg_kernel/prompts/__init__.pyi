"""Public names of the package, imported when first used."""

from .enhancer.candidates import Candidate as Candidate
from .enhancer.candidates import Candidates as Candidates
from .enhancer.candidates import Enhancement as Enhancement
from .enhancer.endpoint import Endpoint as Endpoint
from .enhancer.enhance import enhance as enhance
from .enhancer.enhance import enhancing as enhancing
from .linter.finding import Edit as Edit
from .linter.finding import Finding as Finding
from .linter.finding import Findings as Findings
from .linter.finding import TextEdit as TextEdit
from .linter.lint import fix as fix
from .linter.lint import lint as lint
from .linter.rules import RULES as RULES
from .templating.expand import Combinations as Combinations
from .templating.expand import combinations as combinations
from .templating.expand import expand as expand
from .templating.templates import Template as Template
from .templating.templates import template as template
from .templating.templates import templates as templates
