"""Malformed requests to the service: what is answered, and what memory is left afterwards.

``python tests/benchmarks/service_malformed.py --json notebooks/reports/service_malformed.json``
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
import requests

from service.malformed import attack
from service.process import ServiceProcess
from service.small import circle


def main() -> None:
    """Send them; exit with 1 if the service failed at one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--parts", type=int, default=10, help="memory is read after each part")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    statuses: Counter[int] = Counter()
    wrong: list[str] = []
    memory = []
    with (
        tempfile.TemporaryDirectory(prefix="zimg-malformed-") as folder,
        ServiceProcess(Path(folder), "--time-limit=300") as service,
    ):
        assert service.process is not None
        process = psutil.Process(service.process.pid)
        # What drawing needs is imported in the background otherwise, and would count.
        url = f"{service.url}/v1/generate"
        assert requests.post(url, json=circle(1), timeout=300).status_code == 200
        for part in range(given.parts):
            found, faults = attack(service.port, "", given.requests // given.parts, seed=part)
            statuses += found
            wrong += faults
            memory.append(process.memory_info().rss)
        output = (Path(folder) / "output.txt").read_text(encoding="utf-8", errors="replace")
    result = {
        "command": "python " + " ".join(sys.argv),
        "statuses": {str(status): count for status, count in sorted(statuses.items())},
        "wrong": wrong[:20],
        "tracebacks_in_output": output.count("Traceback"),
        "memory_bytes": memory,
    }
    text = json.dumps(result, indent=1)
    print(text)
    if given.json:
        given.json.write_text(text + "\n", encoding="utf-8")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
