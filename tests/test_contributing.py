"""CONTRIBUTING.md's map has every room and top module, and names nothing that is not there."""

from __future__ import annotations

import re

from support import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

# The code span that begins a row of a table, where it names a place in the package.
MAPPED = re.findall(r"^\| `(pixattest/[^`]*)` \|", PAGE, re.MULTILINE)


def test_every_room_is_on_the_map_once() -> None:
    package = ROOT / "pixattest"
    rooms = [f"pixattest/{path.parent.name}/" for path in package.glob("*/__init__.py")]
    modules = [f"pixattest/{path.name}" for path in package.glob("*.py")]
    assert sorted(MAPPED) == sorted(rooms + modules)


def test_every_place_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`((?:pixattest|templates|tests|docs|benchmarks)/[\w./-]+)`", PAGE))
    assert [place for place in sorted(named) if not (ROOT / place).exists()] == [
        "tests/ROOM/test_MODULE.py"  # the pattern of their names
    ]


def test_every_room_has_its_tests() -> None:
    rooms = {path.parent.name for path in (ROOT / "pixattest").glob("*/__init__.py")}
    assert {room for room in rooms if not any((ROOT / "tests" / room).glob("test_*.py"))} == set()
