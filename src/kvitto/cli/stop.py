"""Being asked to stop: Ctrl-C and SIGTERM end a command in the same orderly way."""

from __future__ import annotations

import signal
import threading
from types import FrameType

_asked: list[int] = []


def honour_signals() -> None:
    """Let both signals raise ``KeyboardInterrupt`` where the program is, and remember which came.

    What is open is closed on the way out; locks and half-written files go with
    it. Only the main thread of a program may do so; elsewhere nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        # A program that is started in the background ignores Ctrl-C, as it was told to.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def stopped_by() -> int | None:
    """The signal that came first, ``None`` where none came.

    Libraries turn the interrupt into an error of their own now and then, so the
    error alone does not tell.
    """
    return _asked[0] if _asked else None


def _stop(number: int, _frame: FrameType | None) -> None:
    _asked.append(number)
    raise KeyboardInterrupt
