"""Service killed while clients wait: each asks again with its id and gets its picture, drawn once.

``python tests/benchmarks/service_kill.py --json notebooks/reports/service_kill.json``
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from service.killing import ask_kill_and_ask_again


def main() -> None:
    """Run it; exit with 1 if a picture is missing, wrong or there twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--before", type=int, default=20, help="pictures drawn before the kill")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zimg-kill-") as folder:
        result = ask_kill_and_ask_again(Path(folder), given.clients, given.before)
    told = {"command": "python " + " ".join(sys.argv), **result}
    text = json.dumps(told, indent=1)
    print(text)
    if given.json:
        given.json.write_text(text + "\n", encoding="utf-8")
    complete = result["answered"] == result["pictures"] == given.clients
    sys.exit(not complete or bool(result["wrong"]) or bool(result["drawn_twice"]))


if __name__ == "__main__":
    main()
