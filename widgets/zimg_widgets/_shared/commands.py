"""Commands of ``zimg`` as a terminal of this machine takes them."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path

_NAMED = re.compile(r"(?<![\w/.-])zimg (?=(?:pull|models|lora|gallery)\b)")


def runnable(sentence: str) -> str:
    """Return a sentence whose commands also work where ``zimg`` is not on the PATH.

    A notebook's server that is started by its path, as ``make lab`` does, has the commands of its
    environment beside Python, not on the PATH.
    """
    if not _NAMED.search(sentence) or shutil.which("zimg"):
        return sentence
    return _NAMED.sub(lambda _: f"{_program()} ", sentence)


def _program() -> str:
    script = Path(sys.executable).with_name("zimg")
    if script.exists():
        return shlex.quote(str(script))
    return f"{shlex.quote(sys.executable)} -m zimg_kernel"
