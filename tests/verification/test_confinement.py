"""A function is worked out in a process of its own, which may fail alone."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pixattest import FrameworkError, read_framework
from pixattest.verification.confinement import ConfinedError, confine


def test_what_it_returns_comes_back() -> None:
    """With its types, and from another process."""
    assert confine(date, 2026, 1, 10, returns=date, seconds=60) == date(2026, 1, 10)
    assert confine(os.getpid, returns=int, seconds=60) != os.getpid()


def test_what_is_printed_is_no_answer() -> None:
    """Libraries write to standard output where they like."""
    assert confine(os.write, 1, b'{"type": "_Returned"}', returns=int, seconds=60) == 21


def test_an_error_of_ours_comes_out_as_it_was_raised() -> None:
    """With where, what and how to mend it."""
    with pytest.raises(FrameworkError) as here:
        read_framework("nowhere.toml")
    with pytest.raises(FrameworkError) as there:
        confine(read_framework, "nowhere.toml", returns=int, seconds=60)
    assert str(there.value) == str(here.value)


@pytest.mark.parametrize(
    ("function", "given", "told"),
    [
        (os.abort, (), "it broke off"),
        (os._exit, (0,), "it broke off"),
        (int, ("x",), "ValueError"),
        (time.sleep, (600,), "not done after 2 seconds"),
    ],
)
def test_what_breaks_there_is_told_here(
    function: Callable[..., Any], given: tuple[Any, ...], told: str
) -> None:
    """A crash, a silent end, an error that nobody foresaw, a hang."""
    with pytest.raises(ConfinedError, match=told):
        confine(function, *given, returns=int, seconds=2 if function is time.sleep else 60)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_memory_is_not_had_without_end() -> None:
    """Not even by who only asks for it."""
    with pytest.raises(ConfinedError, match="MemoryError"):
        confine(bytearray, 1 << 30, returns=int, seconds=60)


def test_the_working_directory_adds_no_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forger may be able to put files beside the one that is verified."""
    (tmp_path / "msgspec.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert confine(abs, -1, returns=int, seconds=60) == 1
