"""Folders of the checkout, and external tools by their names; nothing heavy is imported."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"

# A few letters of scripts that the templates' fonts lack.
FONTS = Path(__file__).parent / "fonts"

GOLDEN = Path(__file__).parent / "golden"


def lacking(what: str) -> NoReturn:
    """Skip a test for want of a tool; where all tests must run, the test fails."""
    if os.environ.get("PIXATTEST_TEST_ALL") == "1":
        pytest.fail(f"{what} is missing, and PIXATTEST_TEST_ALL is set")
    pytest.skip(f"{what} is missing")


def tool(name: str) -> str:
    """The path of an external tool; the test is skipped without it."""
    path = shutil.which(name)
    if path is None:
        lacking(name)
    return path


def run(name: str, *arguments: str | Path, stdin: bytes | None = None) -> bytes:
    """Run an external tool, which must succeed; its standard output."""
    done = subprocess.run(
        [tool(name), *map(str, arguments)],
        input=stdin,
        capture_output=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")
    return done.stdout
