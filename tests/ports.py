"""Free ports for servers that are told theirs."""

from __future__ import annotations

import random
import socket

# Below the ports that systems give to outgoing connections (Linux: 32768 and up; the others: 49152
# and up): a port from there may be another test's connection by the time the server takes it.
_PORTS = range(20_000, 32_000)
_chance = random.SystemRandom()


def free_port() -> int:
    """Return a port of this machine that nobody listens on, and that few would take meanwhile."""
    while True:
        port = _chance.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
