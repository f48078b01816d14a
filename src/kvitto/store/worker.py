"""Who holds a claim, and whether that process is still there.

A claim is released by time in any case. Where the holder ran on this machine
and is gone, its claim is void at once, so that a run that was killed can be
repeated without waiting.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from uuid import uuid4

_THIS_RUN = uuid4().hex[:8]


def worker_name() -> str:
    """This process: host, process id, when it started, and a random part."""
    pid = os.getpid()
    return f"{socket.gethostname()}/{pid}/{_started(pid)}/{_THIS_RUN}"


def is_gone(worker: str) -> bool:
    """Whether the process is known to have ended; another machine's never is."""
    host, _, rest = worker.partition("/")
    pid, _, rest = rest.partition("/")
    started = rest.partition("/")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _started(int(pid)) != started


def _started(pid: int) -> str:
    """The start time in clock ticks, so that a process id used again is told apart."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return "dead" if fields[0] == "Z" else fields[19]
