"""What is told while a job runs: a bar, lines, or nothing."""

from __future__ import annotations

import os
import pty
import sys
from contextlib import suppress

import pytest

from pixattest.cli import progress
from pixattest.cli.progress import Meter


def work(meter: Meter) -> None:
    """A thousand rows, read and printed."""
    meter.begin("rows read", None)
    for _ in range(1000):
        meter.advance(1)
    meter.begin("pages printed", 1000)
    for _ in range(10):
        meter.advance(100)
    meter.close()


def test_a_short_job_tells_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """Neither on a terminal nor in a log."""
    work(Meter(quiet=False))
    assert capfd.readouterr() == ("", "")


def test_a_long_job_tells_lines_in_a_log(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many of how many, on standard error; nothing when it is to be quiet."""
    monkeypatch.setattr(progress, "_LINES", 0.0)
    work(Meter(quiet=True))
    assert capfd.readouterr() == ("", "")
    work(Meter(quiet=False))
    out, told = capfd.readouterr()
    assert out == ""
    assert "768 rows read\n" in told
    assert "900 of 1,000 pages printed\n" in told


def test_a_long_job_has_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is done; it is gone in the end."""
    main, terminal = pty.openpty()
    monkeypatch.setattr(progress, "_QUICK", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    with os.fdopen(terminal, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        work(Meter(quiet=False))
    shown = ""
    with suppress(OSError):  # that is how a terminal ends
        while part := os.read(main, 1 << 16):
            shown += part.decode()
    os.close(main)
    assert "pages printed" in shown
    assert "1000/1000" in shown or "900/1000" in shown
