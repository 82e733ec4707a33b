"""Digests of pages: kept in a file in their order, but none of a file with a refused page."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from pixattest import Fault, LayoutError, OutputError
from pixattest.batch.digests import DigestFile, read_digests

ONE, TWO, THREE = ("1f" * 32, "00" * 32, "ff" * 32)


def test_digests_are_read_as_they_were_added(tmp_path: Path) -> None:
    with DigestFile(tmp_path) as file, file.complete():
        file.add(7, ONE)
        file.add(0, TWO)
        file.add(1 << 40, THREE)
    assert [*read_digests(file.path)] == [(7, ONE), (0, TWO), (1 << 40, THREE)]
    assert file.path.parent == tmp_path


def test_no_digest_is_kept_of_a_file_with_a_refused_page(tmp_path: Path) -> None:
    """Those of files before and after it are."""
    with DigestFile(tmp_path) as file:
        with file.complete():
            file.add(1, ONE)
        with suppress(LayoutError), file.complete():
            file.add(2, TWO)
            raise LayoutError([Fault("last_name", "x", "is too wide", "Shorten it.")])
        with file.complete():
            file.add(3, THREE)
    assert [*read_digests(file.path)] == [(1, ONE), (3, THREE)]


def test_a_disk_without_room_is_an_error_with_a_hint(tmp_path: Path) -> None:
    file = DigestFile(tmp_path)
    with file, pytest.raises(OutputError, match="No room") as told, file.complete():
        raise OSError(28, "No room")
    assert told.value.source == str(tmp_path)
    assert "TMPDIR" in (told.value.hint or "")


def test_a_file_of_no_page_is_empty(tmp_path: Path) -> None:
    with DigestFile(tmp_path) as file:
        pass
    assert [*read_digests(file.path)] == []
