"""Public names of the package, imported when first used."""

from .make import Made as Made
from .make import make_backup as make_backup
from .restore import Restored as Restored
from .restore import restore_backup as restore_backup
