"""Ports for servers that tests start: below those that the system gives to outgoing connections, and each
test process has a range of its own, so that nobody takes a port before its server does."""

import os
import random
import socket

FIRST, EACH, PROCESSES = 20_000, 1_000, 10


def free_port() -> int:
    """Choose a port that nobody listens on."""
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % PROCESSES
    mine = range(FIRST + process * EACH, FIRST + (process + 1) * EACH)
    for port in random.sample(mine, EACH):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
