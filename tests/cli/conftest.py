"""The command as a user types it, and what it leaves in a folder."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from support import ROOT

RESULTS = "20240209_resultats_TCAP1.csv"

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the sample of a results file in it."""
    shutil.copyfile(ROOT / "tests/intake/data" / RESULTS, tmp_path / RESULTS)
    return tmp_path


@pytest.fixture
def pixattest(folder: Path) -> Command:
    """Run `python -m pixattest` in the folder."""

    def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pixattest", *arguments],
            cwd=folder,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def files(folder: Path) -> list[str]:
    """All files below a folder but the inputs, as paths in it."""
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in paths if path not in (RESULTS, "class.jsonl", "rows.csv"))


def names(pdf: Path) -> list[str]:
    """The bookmark of each page; those of classes stand above them."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [item.get_title() for item in document.get_toc() if not item.get_count()]


def codes(pdf: Path) -> list[str]:
    """The code on each page."""
    with pypdfium2.PdfDocument(pdf) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    return [re.findall(r"P-[A-Z0-9]{8}", text)[0] for text in texts]


def records(*people: str, **changes: object) -> list[dict[str, Any]]:
    """Records of "CLASS Last First" each, with codes in their order."""
    example = json.loads((ROOT / "examples/record.json").read_text(encoding="utf-8"))
    found = []
    for number, person in enumerate(people):
        group, last, first = person.split(" ")
        code = f"P-2222{number:04d}".replace("0", "B").replace("1", "C").replace("5", "D")
        who = {"group": group, "last_name": last, "first_name": first, "verification_code": code}
        found.append(example | who | changes)
    return found


def write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    """A file of JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
