"""Answers of ComfyUI and of ours to the same requests, laid beside each other.

``python tests/benchmarks/comfy_answers.py http://127.0.0.1:8190 http://127.0.0.1:8188``

What differs without a reason makes it end with 1. ``--record`` writes down the first one's answers.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from service.comfy.asker import MODEL, Asker
from service.comfy.exchanges import EXCHANGES
from service.comfy.laid_beside import differences, normal, reason


def main() -> None:
    """Ask both; print where they differ, and why."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("comfyui", help="address of the real one")
    parser.add_argument("ours", help="address of zimg serve")
    parser.add_argument("--token", default="", help="for the second one")
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--only", default="", help="exchanges with this in their name")
    parser.add_argument("--record", type=Path, help="file for the first one's answers")
    given = parser.parse_args()
    recorded, equal, explained, wrong = {}, 0, 0, 0
    for name, ask in EXCHANGES.items():
        if given.only not in name:
            continue
        theirs = _answer(ask, Asker(given.comfyui, model=given.model))
        recorded[name] = theirs
        found = list(differences(theirs, _answer(ask, Asker(given.ours, given.token, given.model))))
        reasons = [reason(name, line) for line in found]
        equal += not found
        explained += bool(found) and all(reasons)
        wrong += not all(reasons)
        print(f"{'differ' if found else 'same  '} {name}", flush=True)
        for line, why in zip(found, reasons, strict=True):
            print(f"       {line} ({why or 'WITHOUT REASON'})")
    print(f"{equal + explained + wrong} exchanges: {equal} the same, {explained} with reasons, "
          f"{wrong} without")  # fmt: skip
    if given.record:
        lines = [f"{json.dumps(name)}: {json.dumps(told)}" for name, told in recorded.items()]
        given.record.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    sys.exit(bool(wrong))


def _answer(ask: Any, asker: Asker) -> Any:
    try:
        return normal(ask(asker))
    except Exception as error:  # it is a difference, too
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    main()
