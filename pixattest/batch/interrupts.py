"""Ctrl-C at any moment → KeyboardInterrupt at the next moment when all that is done is reported."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def deferred() -> Iterator[Callable[[], None]]:
    """Put Ctrl-C off: within, KeyboardInterrupt is raised only by calling what is yielded.

    Nothing changes in another thread than the main one, which alone hears Ctrl-C.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    heard: list[int] = []

    def raise_if_stopped() -> None:
        if heard:
            raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    ours = [number for number, handler in before.items() if callable(handler)]
    for number in ours:
        signal.signal(number, lambda number, _: heard.append(number))
    try:
        yield raise_if_stopped
    finally:
        for number in ours:
            signal.signal(number, before[number])
